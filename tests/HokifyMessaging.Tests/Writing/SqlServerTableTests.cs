using System.Data;
using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Writing;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What the fast writer for SQL Server makes of EF Core's model.</summary>
public sealed class SqlServerTableTests : IDisposable
{
    private static readonly string[] Unique = ["ScopeId", "ReferenceId"];
    private static readonly string[] Fixed = ["ScopeId", "ReferenceId", "CreatedAt"];

    private readonly SqlServerHokifyDbContext _db = new SqlServerDesignTimeFactory().CreateDbContext([]);

    public static TheoryData<string> Kinds => ["nothing", "lowest", "highest", "unicode"];

    private IModel Model => _db.GetService<IDesignTimeModel>().Model;

    public void Dispose() => _db.Dispose();

    [Fact]
    public void A_staging_table_has_the_columns_of_its_table()
    {
        var tables = SqlServerRules.Parse(_db.Database.GenerateCreateScript()).Batches.SelectMany(b => b.Statements).OfType<CreateTableStatement>()
            .ToDictionary(t => t.SchemaObjectName.BaseIdentifier.Value);

        Same(new SqlServerTable<Candidate>(Model));
        Same(new SqlServerTable<CandidateProfile>(Model));

        void Same<TRow>(SqlServerTable<TRow> table)
            where TRow : class
        {
            var created = (CreateTableStatement)SqlServerRules.Parse(table.CreateStagingSql).Batches.Single().Statements.Single();
            Assert.Equal($"#{typeof(TRow).Name}", created.SchemaObjectName.BaseIdentifier.Value);
            Assert.Equal(Columns(tables[typeof(TRow).Name]), Columns(created));
            Assert.Empty(SqlServerRules.Check(table.CreateStagingSql).Violations);
        }

        static IEnumerable<string> Columns(CreateTableStatement table) => table.Definition.ColumnDefinitions.Select(column => string.Join(
            ' ',
            column.ColumnIdentifier.Value,
            Text(column.DataType),
            column.Collation?.Value,
            column.Constraints.OfType<NullableConstraintDefinition>().Single().Nullable ? "NULL" : "NOT NULL"));
    }

    [Fact]
    public void The_statements_are_ones_that_SQL_Server_can_read_and_keep_the_rules()
    {
        var (candidates, profiles, logs) = (new SqlServerTable<Candidate>(Model), new SqlServerTable<CandidateProfile>(Model), new SqlServerTable<ActivityLog>(Model));
        string[] statements =
        [
            candidates.CreateStagingSql, candidates.InsertSql(Unique), candidates.UpdateSql(Fixed), candidates.NextKeySql,
            profiles.CreateStagingSql, profiles.InsertSql(Unique), profiles.UpdateSql(Fixed), profiles.NextKeySql,
            logs.NextKeySql,
        ];

        Assert.All(statements, statement => Assert.Empty(SqlServerRules.Check(statement).Violations));
        Assert.Equal(
            ["SELECT NEXT VALUE FOR [CandidateIds];", "SELECT NEXT VALUE FOR [CandidateProfileIds];", "SELECT NEXT VALUE FOR [ActivityLogIds];"],
            [candidates.NextKeySql, profiles.NextKeySql, logs.NextKeySql]);
        Assert.All([candidates.KeysAtATime, profiles.KeysAtATime, logs.KeysAtATime], size => Assert.Equal(500, size));
        Assert.Equal("[ActivityLog]", logs.Name);
    }

    [Fact]
    public void An_insert_names_every_column_and_passes_by_what_others_have_written()
    {
        var table = new SqlServerTable<CandidateProfile>(Model);
        var insert = (InsertStatement)First(table.InsertSql(Unique));

        var columns = table.Columns.Select(c => c.Name).ToList();
        Assert.Equal(columns, insert.InsertSpecification.Columns.Select(c => c.MultiPartIdentifier.Identifiers.Single().Value));
        var select = (QuerySpecification)((SelectInsertSource)insert.InsertSpecification.InsertSource).Select;
        Assert.Equal(columns.Select(name => $"s.[{name}]"), select.SelectElements.Select(Text));
        Assert.Equal(
            "WHERE NOT EXISTS (SELECT 1 FROM [CandidateProfile] AS t WITH (UPDLOCK, HOLDLOCK, FORCESEEK) WHERE t.[ScopeId] = s.[ScopeId] AND t.[ReferenceId] = s.[ReferenceId])",
            Text(select.WhereClause));
    }

    [Fact]
    public void An_update_finds_rows_by_their_key_and_leaves_out_what_never_changes()
    {
        var table = new SqlServerTable<Candidate>(Model);
        var update = ((UpdateStatement)First(table.UpdateSql(Fixed))).UpdateSpecification;

        Assert.Equal(
            table.Columns.Select(c => c.Name).Except([.. Fixed, "Id"]).Select(name => $"t.[{name}] = s.[{name}]"),
            update.SetClauses.Select(Text));
        Assert.Equal("[Candidate] AS t WITH (UPDLOCK, HOLDLOCK, FORCESEEK) JOIN [#Candidate] AS s ON t.[Id] = s.[Id]", Text(update.FromClause.TableReferences.Single()).ReplaceLineEndings(" "));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_column_is_read_as_EF_Core_would_send_it(string kind)
    {
        Same(new Candidate { ReferenceId = "", ContentHash = [], Columns = new CandidateColumns() });
        Same(new CandidateProfile { ReferenceId = "", ContentHash = [], Columns = new ProfileColumns() });
        Same(new ActivityLog { Name = ActivityName.Created, Status = ActivityStatus.Done, ReferenceId = "", ElementName = "", Command = "" });

        void Same<TRow>(TRow row)
            where TRow : class
        {
            var entity = _db.Model.FindEntityType(typeof(TRow))!;
            var name = StoreObjectIdentifier.Create(entity, StoreObjectType.Table)!.Value;
            var properties = entity.GetFlattenedProperties().ToList();
            foreach (var property in properties)
            {
                var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
                var value = WriterSpecification.Value(type, property.GetMaxLength(), kind is "nothing" && !property.IsNullable ? "lowest" : kind);
                property.PropertyInfo!.SetValue(Holder(row, property), value);
            }

            using var table = new SqlServerTable<TRow>(Model).Read([row]);
            Assert.Equal(properties.Count, table.Columns.Count);
            var read = Assert.Single(table.Rows.Cast<DataRow>());
            using var command = new SqlCommand();
            foreach (var property in properties)
            {
                var expected = property.GetRelationalTypeMapping().CreateParameter(command, "p", property.PropertyInfo!.GetValue(Holder(row, property)), property.IsNullable);
                var column = table.Columns[property.GetColumnName(name)!]!;
                Assert.Equal((expected.Value!.GetType(), expected.Value), (read[column].GetType(), read[column]));
                Assert.Equal(expected.Value is DBNull ? column.DataType : expected.Value.GetType(), column.DataType);
            }
        }

        static object Holder(object row, IProperty property) =>
            property.DeclaringType is IComplexType nested ? nested.ComplexProperty.PropertyInfo!.GetValue(row)! : row;
    }

    [Fact]
    public void Values_of_enums_are_read_as_the_model_stores_them()
    {
        var property = Model.FindEntityType(typeof(ImportRun))!.FindProperty(nameof(ImportRun.State))!;
        var column = new SqlServerColumn<ImportRun>(property, StoreObjectIdentifier.Create(property.DeclaringType, StoreObjectType.Table)!.Value);

        Assert.Equal("Interrupted", column.Value(new ImportRun { IdempotencyKey = "", Tally = "", State = RunState.Interrupted }));
        Assert.Equal((typeof(string), "[State] nvarchar(20) NOT NULL"), (column.Type, column.Definition));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_the_records_fault_and_is_not_quoted()
    {
        var table = new SqlServerTable<Candidate>(Model);

        Refused("has a value that is longer than its column (DisplayName)", new CandidateColumns { DisplayName = new string('x', 10_000) }, new byte[16]);
        Refused("has a value that is longer than its column (ContentHash)", new CandidateColumns(), new byte[17]);
        Refused("violates a column that must not be empty (ContentHash)", new CandidateColumns(), null!);

        void Refused(string description, CandidateColumns columns, byte[] hash)
        {
            var fault = DatabaseFault.Of(Assert.Throws<DatabaseFaultException>(
                () => table.Read([new Candidate { ReferenceId = "p1", ContentHash = hash, Columns = columns }])));
            Assert.Equal((DatabaseFaultKind.Record, description), (fault!.Kind, fault.Description));
        }
    }

    private static TSqlStatement First(string sql) => SqlServerRules.Parse(sql).Batches.Single().Statements[0];

    private static string Text(TSqlFragment fragment) => string.Concat(
        fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(t => t.Text));
}

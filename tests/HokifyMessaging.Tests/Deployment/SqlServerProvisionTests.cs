using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>The script that gives the service's login its rights on SQL Server, as far as it can be known to be right without one.</summary>
public sealed class SqlServerProvisionTests
{
    private const string Role = "hokify_service";

    private static readonly string Script = Checkout.Read(".config/sqlserver/provision.sql");

    [Theory]
    [InlineData("Hokify", "hokify", "Aa1-0123", "dbo")]
    [InlineData("it's [a] \"database\"", "O'Brien]", "p'a\"s]s;--$x{{", "sch'ema]")]
    public void Each_statement_names_what_it_is_told_whatever_its_characters(string database, string login, string password, string schema)
    {
        var executed = Executed(database, login, password, schema);

        Assert.Equal(database, Single<CreateDatabaseStatement>(executed).DatabaseName.Value);
        var recommended = Single<AlterDatabaseSetStatement>(executed);
        var option = Assert.IsType<OnOffDatabaseOption>(Assert.Single(recommended.Options));
        Assert.Equal((database, DatabaseOptionKind.ReadCommittedSnapshot, OptionState.On), (recommended.DatabaseName.Value, option.OptionKind, option.OptionState));
        Assert.Equal((schema, "dbo"), (Single<CreateSchemaStatement>(executed).Name.Value, Single<CreateSchemaStatement>(executed).Owner.Value));
        var made = Single<CreateLoginStatement>(executed);
        Assert.Equal((login, password), (made.Name.Value, Assert.IsType<StringLiteral>(Assert.IsType<PasswordCreateLoginSource>(made.Source).Password).Value));
        var changed = Single<AlterLoginOptionsStatement>(executed);
        Assert.Equal((login, password), (changed.Name.Value, Assert.IsType<StringLiteral>(Assert.IsType<PasswordAlterPrincipalOption>(Assert.Single(changed.Options)).Password).Value));
        var user = Single<CreateUserStatement>(executed);
        Assert.Equal((login, login), (user.Name.Value, user.UserLoginOption.Identifier.Value));
        Assert.Equal(login, Single<AlterUserStatement>(executed).Name.Value);
        var member = Single<AlterRoleStatement>(executed);
        Assert.Equal((Role, login), (member.Name.Value, Assert.IsType<AddMemberAlterRoleAction>(member.Action).Member.Value));
        Assert.Equal([schema], Single<GrantStatement>(executed).SecurityTargetObject.ObjectName.MultiPartIdentifier.Identifiers.Select(part => part.Value));
    }

    [Fact]
    public void It_keeps_the_rules_for_statements_to_SQL_Server()
    {
        Assert.Empty(SqlServerRules.Check(Sql("Hokify", "hokify", "Aa1-0123", "dbo")).Violations);
        Assert.All(Executed(), executed => Assert.Empty(SqlServerRules.Check(Text(executed.Statement)).Violations));
    }

    [Fact]
    public void It_stops_at_the_first_error_and_begins_with_the_settings_of_the_script_of_migrations()
    {
        var (sql, commands) = SqlcmdScript.Read(Script, Variables("Hokify", "hokify", "Aa1-0123", "dbo"));
        var batches = SqlServerRules.Parse(sql).Batches;

        var (command, line) = Assert.Single(commands);
        Assert.Equal(":on error exit", command);
        Assert.True(line < batches[0].StartLine);
        Assert.Equal(Settings(SqlServerRules.Parse(SqlServerScript.Guarded("")).Batches[0]), Settings(batches[0]) with { On = Settings(batches[0]).On & ~SetOptions.NoCount });
        Assert.All(batches[0].Statements, statement => Assert.IsType<PredicateSetStatement>(statement));

        static (SetOptions On, SetOptions Off) Settings(TSqlBatch batch)
        {
            var settings = batch.Statements.OfType<PredicateSetStatement>().ToLookup(set => set.IsOn, set => set.Options);
            return (settings[true].Aggregate(default(SetOptions), (all, one) => all | one), settings[false].Aggregate(default(SetOptions), (all, one) => all | one));
        }
    }

    [Fact]
    public void Doing_it_again_makes_nothing_twice()
    {
        var always = Executed().Where(executed => !executed.IsConditional).Select(executed => executed.Statement.GetType()).ToHashSet();

        // A right that is there is not given twice.
        Assert.Equal([typeof(GrantStatement), typeof(PredicateSetStatement)], always.OrderBy(type => type.Name, StringComparer.Ordinal));
    }

    [Fact]
    public void It_gives_the_rows_of_one_schema_and_no_other_right()
    {
        var executed = Executed();
        var grant = Single<GrantStatement>(executed);

        Assert.Equal(["DELETE", "INSERT", "SELECT", "UPDATE"], Permissions(grant).Order(StringComparer.Ordinal));
        Assert.Equal(SecurityObjectKind.Schema, grant.SecurityTargetObject.ObjectKind);
        Assert.Equal(Role, Assert.Single(grant.Principals).Identifier.Value);
        Assert.False(grant.WithGrantOption);
        Assert.DoesNotContain(executed, e => e.Statement is AlterServerRoleStatement or AlterAuthorizationStatement);
        Assert.Equal("dbo", Single<CreateRoleStatement>(executed).Owner.Value);
    }

    /// <summary>A table that is put elsewhere is not the service's to read or write, and this fails until the script has rights for it, too.</summary>
    [Fact]
    public void It_gives_the_rights_that_each_table_and_each_sequence_of_the_model_needs()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        var model = db.GetService<IDesignTimeModel>().Model;
        var history = RelationalOptionsExtension.Extract(db.GetService<IDbContextOptions>()).MigrationsHistoryTableSchema;
        var schema = Single<GrantStatement>(Executed()).SecurityTargetObject.ObjectName.MultiPartIdentifier.Identifiers[^1].Value;
        var given = Permissions(Single<GrantStatement>(Executed())).Select(permission => $"{permission} {schema}").ToHashSet();

        // Whatever names no schema is made in, and looked for in, the default schema of whoever migrates and of the service.
        var needed = model.GetEntityTypes().SelectMany(table => new[] { "SELECT", "INSERT", "UPDATE", "DELETE" }.Select(right => $"{right} {table.GetSchema() ?? "dbo"}"))
            .Concat(model.GetSequences().Select(sequence => $"UPDATE {sequence.Schema ?? "dbo"}"))
            .Append($"SELECT {history ?? "dbo"}")
            .ToHashSet();

        Assert.NotEmpty(model.GetSequences());
        Assert.Equal(needed.Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_by_which_it_knows_a_schema_of_the_service_is_one()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);

        Assert.Contains("N''.ImportRun'') IS NULL", Script, StringComparison.Ordinal);
        Assert.Contains("ImportRun", db.Model.GetEntityTypes().Select(table => table.GetTableName()));
    }

    [Fact]
    public void Compose_has_it_run_before_the_migration_and_has_the_service_connect_as_who_it_makes()
    {
        var services = Yaml.Read(Checkout.PathOf("docker-compose.yml"))["services"]!;
        var made = services["sqlserver-login"]!;
        var service = Connection("hokify");
        var migration = Connection("hokify-migration");
        var shell = Checkout.Read(".config/sqlserver/provision.sh");

        Assert.Equal(services["sqlserver"]!["image"]!.GetValue<string>(), made["image"]!.GetValue<string>());
        Assert.Contains($"variable Login \"${{LOGIN:-{service.UserID}}}\"", shell, StringComparison.Ordinal);
        Assert.Contains($"variable Database \"${{DATABASE:-{service.InitialCatalog}}}\"", shell, StringComparison.Ordinal);
        Assert.Contains($"${{ADMINISTRATOR:-{migration.UserID}}}", shell, StringComparison.Ordinal);
        Assert.Equal(("hokify", "sa"), (service.UserID, migration.UserID));
        Assert.Equal((service.DataSource, service.InitialCatalog), (migration.DataSource, migration.InitialCatalog));
        Assert.Equal((services["hokify"]!["image"]!.GetValue<string>(), """["migrate"]"""), (services["hokify-migration"]!["image"]!.GetValue<string>(), services["hokify-migration"]!["command"]!.ToJsonString()));
        Assert.Equal("""["mssql_sa_password","mssql_password"]""", made["secrets"]!.ToJsonString());
        Assert.DoesNotContain("mssql_sa_password", services["hokify"]!["secrets"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("mssql_password", services["hokify-migration"]!["secrets"]!.ToJsonString(), StringComparison.Ordinal);

        SqlConnectionStringBuilder Connection(string name) => new(services[name]!["environment"]!["Database__ConnectionString"]!.GetValue<string>());
    }

    private static IReadOnlyList<(TSqlStatement Statement, bool IsConditional)> Executed(string database = "Hokify", string login = "hokify", string password = "Aa1-0123", string schema = "dbo") =>
        ExecutedSql.Of(Sql(database, login, password, schema));

    private static string Sql(string database, string login, string password, string schema) => SqlcmdScript.Read(Script, Variables(database, login, password, schema)).Sql;

    private static Dictionary<string, string> Variables(string database, string login, string password, string schema) =>
        new Dictionary<string, string> { ["Database"] = database, ["Login"] = login, ["Password"] = password, ["Schema"] = schema }
            .ToDictionary(variable => variable.Key, variable => variable.Value.Replace("'", "''", StringComparison.Ordinal));

    private static string Text(TSqlFragment fragment) =>
        string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(token => token.Text));

    private static IEnumerable<string> Permissions(GrantStatement grant) => grant.Permissions.Select(permission => string.Join(' ', permission.Identifiers.Select(word => word.Value.ToUpperInvariant())));

    private static TStatement Single<TStatement>(IEnumerable<(TSqlStatement Statement, bool IsConditional)> executed)
        where TStatement : TSqlStatement => Assert.Single(executed.Select(e => e.Statement).OfType<TStatement>());
}

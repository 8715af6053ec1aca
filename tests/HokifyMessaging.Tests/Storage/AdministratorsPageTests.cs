using System.Text.RegularExpressions;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Deployment;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What the page for database administrators says of the schema is the schema of SQL Server: a migration has to bring the page up to date.</summary>
public sealed partial class AdministratorsPageTests : IDisposable
{
    private static readonly string Page = Checkout.Read("src/HokifyMessaging/Storage/README.md").ReplaceLineEndings("\n");

    private readonly SqlServerHokifyDbContext _db = new SqlServerDesignTimeFactory().CreateDbContext([]);

    private IRelationalModel Model => _db.GetService<IDesignTimeModel>().Model.GetRelationalModel();

    public static TheoryData<string> Tables
    {
        get
        {
            using var page = new AdministratorsPageTests();
            return [.. page.Model.Tables.Select(table => table.Name)];
        }
    }

    [Fact]
    public void Every_table_has_a_section_and_every_section_is_a_table()
        => Assert.Equal(Model.Tables.Select(table => table.Name).Order(StringComparer.Ordinal), Sections().Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_section_has_the_columns_of_its_table_in_their_order(string table)
    {
        var columns = Model.FindTable(table, null)!.Columns
            .OrderBy(column => column.PropertyMappings[0].Property.GetColumnOrder(StoreObjectIdentifier.Table(table)))
            .Select(column => $"{column.Name} {column.StoreType} {(column.IsNullable ? "null" : "")}");

        var rows = Rows(Sections()[table], "column");
        Assert.Equal(columns, rows.Select(row => $"{row[0]} {row[1]} {row[2]}"));
        Assert.All(rows, row => Assert.NotEmpty(row[3]));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_section_has_the_indexes_of_its_table(string table)
    {
        var model = Model.FindTable(table, null)!;
        var indexes = model.Indexes
            .Select(index => Index(index.Name, index.Columns, index.IsUnique, index.Filter, index.MappedIndexes.First().GetIncludeProperties()))
            .Append(Index(model.PrimaryKey!.Name, model.PrimaryKey.Columns, isUnique: true, null, null));

        var rows = Rows(Sections()[table], "index");
        Assert.Equal(indexes.Order(StringComparer.Ordinal), rows.Select(row => string.Join(" | ", row.Take(5))).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.NotEmpty(row[5]));

        string Index(string name, IEnumerable<IColumnBase> columns, bool isUnique, string? filter, IEnumerable<string>? included) => string.Join(
            " | ", name, string.Join(", ", columns.Select(column => column.Name)), isUnique ? "unique" : "", filter, string.Join(", ", included ?? []));
    }

    [Fact]
    public void The_foreign_keys_are_those_of_the_tables()
    {
        var keys = Model.Tables.SelectMany(table => table.ForeignKeyConstraints).Select(key => string.Join(
            " | ",
            key.Name,
            string.Join(", ", key.Columns.Select(column => column.Name)),
            key.PrincipalTable.Name,
            key.OnDeleteAction == ReferentialAction.Cascade ? "cascade" : "no action"));

        Assert.Equal(keys.Order(StringComparer.Ordinal), Rows(Page, "foreign key").Select(row => string.Join(" | ", row)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_sequences_are_those_of_the_model()
    {
        var sequences = Model.Sequences.Select(sequence => string.Join(
            " | ",
            sequence.Name,
            sequence.Type == typeof(long) ? "bigint" : sequence.Type.Name,
            sequence.IncrementBy,
            Model.Tables.Single(table => table.Columns.Any(column => Sequence(column, table) == sequence.Name)).Name));

        Assert.Equal(sequences.Order(StringComparer.Ordinal), Rows(Page, "sequence").Select(row => string.Join(" | ", row)).Order(StringComparer.Ordinal));

        static string? Sequence(IColumn column, ITable table) =>
            column.PropertyMappings[0].Property.GetHiLoSequenceName(StoreObjectIdentifier.Table(table.Name));
    }

    [Fact]
    public void Every_statement_of_the_page_is_one_that_SQL_Server_can_read_and_names_what_is_there()
    {
        var columns = Model.Tables.SelectMany(table => table.Columns).Select(column => column.Name).ToHashSet();
        var statements = SqlBlock().Matches(Page).Select(block => block.Groups["sql"].Value).ToList();

        Assert.NotEmpty(statements);
        Assert.All(statements, statement =>
        {
            SqlServerRules.Parse(statement);
            Assert.All(QualifiedName().Matches(statement), name => Assert.Contains(name.Groups["column"].Value, columns));
        });
    }

    [Fact]
    public void Every_setting_of_the_page_is_one_of_the_page_of_settings()
    {
        var all = Checkout.Read("src/HokifyMessaging.Service/SETTINGS.md");
        var settings = Setting().Matches(Page).Select(setting => setting.Groups["key"].Value).Distinct().ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.Contains($"| `{setting}` |", all, StringComparison.Ordinal));
    }

    public void Dispose() => _db.Dispose();

    /// <summary>What stands under the heading of each table.</summary>
    private static Dictionary<string, string> Sections() =>
        TableSection().Matches(Page).ToDictionary(section => section.Groups["table"].Value, section => section.Groups["text"].Value);

    /// <summary>The cells of the table whose first heading is this, without the marks of code.</summary>
    private static List<string[]> Rows(string text, string first)
    {
        var lines = text.Split('\n').SkipWhile(line => !line.StartsWith($"| {first} |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.True(lines.Count > 2, $"there is no table of a {first}");
        return [.. lines.Skip(2).Select(line => line.Trim('|').Split('|').Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim()).ToArray())];
    }

    [GeneratedRegex(@"^### `(?<table>\w+)`\n(?<text>.*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TableSection();

    [GeneratedRegex(@"^```sql\n(?<sql>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex SqlBlock();

    [GeneratedRegex(@"\b[a-z]\.(?<column>\w+)")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"`(?<key>(Database|Hokify|Transport|Http):[\w:]+)`")]
    private static partial Regex Setting();
}

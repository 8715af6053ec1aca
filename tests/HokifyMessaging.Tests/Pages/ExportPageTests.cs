using System.Text.Json;
using HokifyMessaging.Privacy;
using HokifyMessaging.Tests.Privacy;
using HokifyMessaging.Tests.Writing;

namespace HokifyMessaging.Tests.Pages;

/// <summary>The form that the page shows is the form of the file.</summary>
public sealed class ExportPageTests
{
    private static readonly Page Export = new("src/HokifyMessaging/Privacy/EXPORT.md");

    /// <summary>By table and column: of these the page shows a few.</summary>
    private static readonly string[] ByColumn = ["people.rows", "columns"];

    [Fact]
    public async Task The_members_of_the_example_are_those_of_the_file()
    {
        await using var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        await using var worker = new ImportWorker(database.Options, settings: [new("Hokify:Privacy:Purposes:0:German", "Besetzung"), new("Hokify:Privacy:Recipients:0:English", "managers")]);
        var setup = new PeopleSetup(worker);
        await setup.StoreAsync("mark");

        using var file = await setup.JsonAsync("mark");
        using var example = JsonDocument.Parse(Export.Code("json").Single());

        Assert.Equal(Members(file.RootElement, ""), Members(example.RootElement, ""));
        Assert.Subset(Columns(file.RootElement), Columns(example.RootElement));
        Assert.Equal(example.RootElement.GetProperty("format").GetString(), file.RootElement.GetProperty("format").GetString());
        Assert.Equal(
            Members(example.RootElement, "").Select(member => member.Split('.')[^1]).Distinct().Except(["scopeId", "scopeName", "kind", "address", "readUpTo", "de", "en", "table", "column", "row", "at", "text"]).Order(StringComparer.Ordinal),
            Export.Table("## The form of the JSON", "member").SelectMany(row => Page.Names(row[0])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_category_of_the_data_map_is_explained() => Assert.Equal(
        Enum.GetNames<DataCategory>().Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal),
        Page.Names(Export.Table("## The form of the JSON", "member").Single(row => row[0] == "`columns`")[1]).Order(StringComparer.Ordinal));

    private static SortedSet<string> Members(JsonElement element, string path) => element.ValueKind switch
    {
        _ when ByColumn.Contains(path) => [],
        JsonValueKind.Object => [.. element.EnumerateObject().SelectMany(member => Members(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}").Append(path.Length == 0 ? member.Name : $"{path}.{member.Name}"))],
        JsonValueKind.Array => [.. element.EnumerateArray().SelectMany(item => Members(item, path))],
        _ => [],
    };

    private static HashSet<string> Columns(JsonElement export) => export.GetProperty("people")[0].GetProperty("rows").EnumerateObject()
        .SelectMany(table => table.Value.EnumerateArray().SelectMany(row => row.EnumerateObject().Select(column => $"{table.Name}.{column.Name}"))).ToHashSet();
}

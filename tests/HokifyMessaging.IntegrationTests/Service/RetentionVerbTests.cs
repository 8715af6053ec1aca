using System.Globalization;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>What is kept for how long, and what must be kept, as operators see and do it.</summary>
public sealed class RetentionVerbTests : IDisposable
{
    private const string Header = "matchId;name;email;jobId;applicationDate";

    private readonly OwnFolder _folder = new();

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    private string File => Path.Combine(_folder.Path, "applications.csv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_due_is_shown_then_forgotten_and_what_is_on_hold_stays()
    {
        await ImportAsync(Row("1", "Anna Huber", -9), Row("2", "Ben Gruber", -9), Row("3", "Eva Lang", -1));
        var held = await RunAsync("people", "hold", "--application", Id("2"), "--reason", "file 2026/17", "--json");
        Assert.Equal((0, "", 1), (held.ExitCode, held.Error, held.Json.GetProperty("applications").GetInt32()));

        var told = await RunAsync("retention", "run");
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.Contains("7 months from receipt", told.Output, StringComparison.Ordinal);
        Assert.EndsWith("--yes would forget 1 of that, for good. Nothing was changed.", told.Output.TrimEnd(), StringComparison.Ordinal);

        var done = await RunAsync("retention", "run", "--yes");
        Assert.Contains("Scope 1: forgotten applications 1.", done.Output, StringComparison.Ordinal);
        Assert.Contains("The database file was written anew", done.Output, StringComparison.Ordinal);
        Assert.Contains("Forgotten: applications 1.", (await RunAsync("audit")).Output, StringComparison.Ordinal);
        await ImportAsync(Row("1", "Anna Huber", -9), Row("2", "Ben Gruber", -9), Row("3", "Eva Lang", -1));
        Assert.Equal([Id("2"), Id("3")], await SqliteText.RowsAsync(Database, "SELECT ReferenceId FROM CandidateProfile WHERE ReferenceId NOT LIKE 'erased:%' ORDER BY ReferenceId"));
        Assert.DoesNotContain("Anna", await SqliteText.DumpAsync(Database), StringComparison.Ordinal);

        var shown = await RunAsync("retention", "--json");
        var scope = shown.Json.GetProperty("scopes")[0];
        Assert.Equal((0, 1, 1), (
            scope.GetProperty("counts")[0].GetProperty("due").GetInt32(), scope.GetProperty("counts")[0].GetProperty("held").GetInt32(), scope.GetProperty("lastCounts")[0].GetProperty("forgotten").GetInt32()));
    }

    [Fact]
    public async Task A_hold_defers_an_erasure_is_listed_and_can_be_released()
    {
        await ImportAsync(Row("1", "Anna Huber", -1));
        var id = (await RunAsync("people", "hold", "--application", Id("1"), "--reason", "file 2026/17", "--until", "2099-12-31", "--json")).Json.GetProperty("id").GetString()!;

        var deferred = await RunAsync("people", "erase", "--application", Id("1"), "--yes");
        Assert.Equal((0, ""), (deferred.ExitCode, deferred.Error));
        Assert.Contains("a running service carries it out by itself once 2099-12-31", deferred.Output, StringComparison.Ordinal);

        var listed = await RunAsync("people", "holds");
        Assert.All(new[] { id, "file 2026/17", Environment.UserName }, word => Assert.Contains(word, listed.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("Anna", listed.Output, StringComparison.Ordinal);

        var released = await RunAsync("people", "release", id);
        Assert.StartsWith($"Hold {id} was released at ", released.Output, StringComparison.Ordinal);
        Assert.StartsWith("Nothing is on hold.", (await RunAsync("people", "holds")).Output, StringComparison.Ordinal);
        Assert.Contains("people 1, applications 1", (await RunAsync("people", "erase", "--application", Id("1"), "--yes")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", await SqliteText.DumpAsync(Database), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("people hold --application a1 --reason x", "Nothing is stored in scope 1 under that, so there is nothing to hold.")]
    [LongFormData("people hold --application a1 --reason x --until 31.12.2099", "--until is '31.12.2099'; it must be a day such as 2027-06-30.")]
    [LongFormData("people hold --application a1 --reason x --until 2001-01-01", "--until is '2001-01-01', which is over; it must be today or a later day.")]
    [InlineData("people hold --reason x", "Name somebody by one of --application, --person and --email; none was given.")]
    [LongFormData("people release 01a0b1c2-0000-7000-8000-000000000000", "There is no hold 01a0b1c2-0000-7000-8000-000000000000; 'hokify people holds --all' lists all.")]
    public async Task What_cannot_be_held_or_released_is_refused_in_one_sentence(string arguments, string sentence)
    {
        await ImportAsync(Row("1", "Anna Huber", -1));

        var outcome = await RunAsync(arguments.Split(' '));

        Assert.Equal((1, "", sentence), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    private static string Id(string last) => $"5f1d7f0b2c3e4a5b6c7d8e9{last}";

    private static string Row(string last, string name, int months) =>
        $"{Id(last)};{name};{name[..3].ToLowerInvariant()}@example.at;Köchin;{TimeProvider.System.GetUtcNow().AddMonths(months).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}";

    private async Task ImportAsync(params string[] rows)
    {
        await System.IO.File.WriteAllLinesAsync(File, [Header, .. rows], TestContext.Current.CancellationToken);
        var imported = await RunAsync("import", "--mode", "Full");
        Assert.Equal(0, imported.ExitCode);
    }

    private Task<HokifyOutcome> RunAsync(params string[] arguments) => HokifyProcess.RunAsync(
        _folder.Path,
        new Dictionary<string, string>
        {
            ["Hokify__Scopes__1__Name"] = "Gasthaus",
            ["Hokify__Scopes__1__Source"] = "CsvFiles",
            ["Hokify__Scopes__1__CsvFiles__Path"] = File,
            ["Hokify__Scopes__1__Retention__Preset"] = "Austria",
        },
        arguments);
}

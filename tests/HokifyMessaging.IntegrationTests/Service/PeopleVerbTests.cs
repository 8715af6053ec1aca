using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>People who ask to be erased, as operators do it.</summary>
public sealed class PeopleVerbTests : IDisposable
{
    private const string Header = "matchId;name;email;jobId";
    private const string Anna = "5f1d7f0b2c3e4a5b6c7d8e91;Anna Huber;familie@example.at;Köchin";
    private const string AnnaAgain = "5f1d7f0b2c3e4a5b6c7d8e92;Anna Huber;familie@example.at;Kellnerin";
    private const string Ben = "5f1d7f0b2c3e4a5b6c7d8e93;Ben Huber;familie@example.at;Koch";

    private readonly OwnFolder _folder = new();

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Somebody_is_shown_then_erased_and_no_old_file_brings_them_back()
    {
        await ImportAsync(Anna, AnnaAgain, Ben);

        var several = await RunAsync("people", "erase", "--email", "Familie@example.at", "--yes");
        Assert.Equal((1, "That address is of 2 people, and nothing was changed; name one of them by the person's or an application's id, or say that all of them are meant."), (several.ExitCode, several.Error));
        Assert.All(new[] { "Anna Huber", "Ben Huber", "familie@example.at", "5f1d7f0b2c3e4a5b6c7d8e92" }, word => Assert.Contains(word, several.Output, StringComparison.Ordinal));

        var told = await RunAsync("people", "erase", "--application", "5F1D7F0B2C3E4A5B6C7D8E91");
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.Contains("Anna Huber", told.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Ben Huber", told.Output, StringComparison.Ordinal);
        Assert.EndsWith("People 1, applications 2, records that wait 0. --yes would erase all of it, for good. Nothing was changed.", told.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(await SqliteText.RowsAsync(Database, "SELECT Id FROM ErasureRequest"));

        var erased = await RunAsync("people", "erase", "--application", "5f1d7f0b2c3e4a5b6c7d8e91", "--reason", "file 2026/17", "--yes", "--json");
        Assert.Equal((0, "", "Done", 1, 2, true), (
            erased.ExitCode, erased.Error, erased.Json.GetProperty("request").GetProperty("state").GetString(), erased.Json.GetProperty("request").GetProperty("people").GetInt32(),
            erased.Json.GetProperty("request").GetProperty("applications").GetInt32(), erased.Json.GetProperty("isNew").GetBoolean()));
        Assert.DoesNotContain("Anna", erased.Output, StringComparison.Ordinal);

        var again = await RunAsync("people", "erase", "--application", "5f1d7f0b2c3e4a5b6c7d8e91", "--yes");
        Assert.StartsWith("That was asked for before, at ", again.Output, StringComparison.Ordinal);
        await ImportAsync(Anna, AnnaAgain, Ben);
        var byAddress = await RunAsync("people", "erase", "--email", "familie@example.at", "--yes");
        var byAddressAgain = await RunAsync("people", "erase", "--email", "familie@example.at");
        Assert.StartsWith("Erased: people 1, applications 1, ", byAddress.Output[byAddress.Output.LastIndexOf("Erased", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal((0, ""), (byAddressAgain.ExitCode, byAddressAgain.Error));
        Assert.StartsWith("That was asked for before, at ", byAddressAgain.Output, StringComparison.Ordinal);
        Assert.Equal([], await SqliteText.RowsAsync(Database, "SELECT ReferenceId FROM CandidateProfile WHERE ReferenceId NOT LIKE 'erased:%'"));
        Assert.DoesNotContain("Anna", await SqliteText.DumpAsync(Database), StringComparison.Ordinal);

        var audit = await RunAsync("audit");
        Assert.Contains("people 1, applications 2, records that waited 0", audit.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("people erase", "Name somebody by one of --application, --person and --email; none was given.")]
    [LongFormData("people erase --application a1 --person p1", "Name somebody by one of --application, --person and --email; --application and --person were given.")]
    [LongFormData("people erase --person p1 --all", "--all is for --email: --person names one person.")]
    [InlineData("people erase --email nobody", "--email is no mail address; expected is one such as jobs@example.at.")]
    [LongFormData("people erase --application 5,07E+23", "--application is a number in scientific notation, which a spreadsheet makes of a long id; expected is the id itself, from a column that is formatted as text.")]
    [LongFormData("people erase --email keine@example.at --yes", "Nobody in scope 1 has that address, and nothing that waits names it, so nothing was changed. An address is not kept out by itself: name the person or an application by the id to have it kept out.")]
    public async Task What_names_nobody_is_refused_in_one_sentence(string arguments, string sentence)
    {
        await ImportAsync(Ben);

        var outcome = await RunAsync(arguments.Split(' '));

        Assert.Equal((1, "", sentence), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task An_id_that_nobody_has_is_kept_out_from_then_on()
    {
        await ImportAsync(Ben);

        var kept = await RunAsync("people", "erase", "--application", "5f1d7f0b2c3e4a5b6c7d8e91", "--yes");
        await ImportAsync(Anna, Ben);

        Assert.Equal((0, ""), (kept.ExitCode, kept.Error));
        Assert.StartsWith("Nobody was stored under that id; it is kept out of scope 1 from now on (request ", kept.Output, StringComparison.Ordinal);
        Assert.Equal(["5f1d7f0b2c3e4a5b6c7d8e93"], await SqliteText.RowsAsync(Database, "SELECT ReferenceId FROM CandidateProfile"));
    }

    private async Task ImportAsync(params string[] rows)
    {
        var file = Path.Combine(_folder.Path, "applications.csv");
        await File.WriteAllLinesAsync(file, [Header, .. rows], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("import", "--file", file, "--mode", "Full")).ExitCode);
    }

    private Task<HokifyOutcome> RunAsync(params string[] arguments) => HokifyProcess.RunAsync(_folder.Path, [], arguments);
}

using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using static HokifyMessaging.Tests.Results.CsvSetup;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Results;

/// <summary>Which rows a run has, after all that can happen to its records.</summary>
public sealed class RunCsvRowsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_shows_what_it_created_updated_and_could_not_store_and_nothing_of_other_runs()
    {
        await using var setup = await StartAsync();
        await setup.ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"), Record.Application("a3", "p3"));

        var run = await setup.OpenAsync();
        await setup.WriteAsync(run, Record.Ready(Record.Application("a1", version: 1).Named("Kellner")), Record.Ready(Record.Application("a2", "p2")));
        await setup.WriteAsync(run, Record.Ready(Record.Application("a4", "p4")), Record.Rejected("a5", """{"name":"Mizzi"}"""), Record.Ready(Record.Application("a1", version: 2).Named("Koch")));
        await setup.Worker.ConcludeAsync(run);
        await setup.ImportAsync(Record.Application("a9", "p9"));
        var file = await setup.CsvAsync(run.RunId);

        Assert.Equal(
            ["a1 Koch 1", "a4 Köchin 2"],
            file.Profiles.Select(row => $"{row["ReferenceId"]} {row["Name"]} {row["RowNumber"]}"));
        Assert.Equal(["Updated", "Updated"], Activities(file.Profiles.First()));
        Assert.Equal(["IsDeleted", "Name"], file.Profiles.SelectMany(row => Fields(row["History"])).Append("IsDeleted").Distinct().Order());
        Assert.Equal(
            ["Created a4 Done", "Created p4 Done", "Rejected a5 Open", "Updated a1 Done", "Updated a1 Done"],
            file.Logs.Select(row => $"{row["Name"]} {row["ReferenceId"]} {row["Status"]}").Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, file.Rows.Count - 1).Select(n => $"{n}"), file.Rows.SkipLast(1).Select(row => row["RowNumber"]));

        var rejected = file.Logs.Single(row => row["Name"] == "Rejected");
        Assert.Equal(("""{"name":"Mizzi"}""", "-2146233033", "60"), (rejected["Data"], rejected["ResultCode"], rejected["RetryInterval"]));
        Assert.Equal(["page 1, item 1, application a5: datematch is not a date; expected is ISO 8601."], file.Sentences("ExceptionLogs"));
        Assert.Contains("CandidateProfile: 1 created, 1 updated, 0 deleted, 1 unchanged.", file.Sentences("Logs"));
        Assert.Contains("It began 01.10.2026 11:00:00 +02:00 and ended 01.10.2026 11:00:00 +02:00.", file.Sentences("Logs"));
        Assert.Equal($"Run {run.RunId}: Full import of scope 1, Gasthaus zur Köchin.", file.Sentences("Logs")[0]);
        Assert.Equal("1", file.Result["ErrorCount"]);
        Assert.Equal("""{"Candidate":0,"CandidateProfile":1}""", file.Result["UpdatedCounts"]);
        Assert.Equal(5, JsonSerializer.Deserialize<Dictionary<string, int>>(file.Result["StatsCounter"])!["Fetched"]);
    }

    [Fact]
    public async Task A_record_that_is_stored_by_a_retry_is_a_row_of_the_run_that_retried_it_and_its_entry_is_one_of_both()
    {
        await using var setup = await StartAsync();
        var application = Record.Application("a1");
        await setup.Database.RefuseAsync(setup.Worker, "a1");
        var failed = await setup.ImportAsync(application);
        await setup.Database.AcceptAsync(setup.Worker);

        var before = await setup.CsvAsync(failed);
        setup.Worker.Clock.Advance(TimeSpan.FromDays(1));
        var retried = await setup.OpenAsync(RunPhase.Retrying);
        await setup.WriteAsync(retried, Record.Ready(application) with { LedgerReference = "a1" });
        await setup.Worker.ConcludeAsync(retried);
        var (after, own) = (await setup.CsvAsync(failed), await setup.CsvAsync(retried.RunId));

        Assert.Empty(before.Profiles);
        Assert.Equal(("Failed", "Open", application.Payload), (before.Rows[0]["Name"], before.Rows[0]["Status"], before.Rows[0]["Data"]));
        Assert.True(int.Parse(before.Rows[0]["ResultCode"], System.Globalization.CultureInfo.InvariantCulture) != 0);
        Assert.Empty(after.Profiles);
        Assert.Equal(("Failed", "Closed", "", "0"), (after.Rows[0]["Name"], after.Rows[0]["Status"], after.Rows[0]["Data"], after.Rows[0]["ResultCode"]));
        Assert.Equal(["a1"], own.Profiles.Select(row => row["ReferenceId"]));
        Assert.Equal(["Created", "Created", "Failed"], own.Logs.Select(row => row["Name"]));
        Assert.Equal("Closed", own.Logs.Last()["Status"]);
    }

    [Fact]
    public async Task An_application_that_is_gone_is_a_row_of_the_run_that_deleted_it()
    {
        await using var setup = await StartAsync();
        await setup.ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"));

        var run = await setup.OpenAsync();
        await setup.WriteAsync(run, Record.Ready(Record.Application("a1")));
        Assert.True(await setup.Worker.DeleteMissingAsync(run));
        await setup.Worker.ConcludeAsync(run);
        var file = await setup.CsvAsync(run.RunId);

        Assert.Equal(("a2", "True", "Köchin"), (Assert.Single(file.Profiles)["ReferenceId"], file.Rows[0]["IsDeleted"], file.Rows[0]["Name"]));
        Assert.Equal(["Deleted a2", "Deleted p2"], file.Logs.Select(row => $"{row["Name"]} {row["ReferenceId"]}"));
    }

    [Fact]
    public async Task Nothing_of_a_person_who_was_erased_is_in_the_file_of_any_run()
    {
        await using var setup = await StartAsync();
        var (id, person) = ("geheime-bewerbung", "geheime-person");
        var secret = new ProfileColumns { Name = "Geheimrätin", CandidateName = "Geheim Rat", Comment = "geheim", CoverLetter = "ganz geheim" };
        var created = await setup.ImportAsync(Record.Application(id, person, profile: secret), Record.Application("a2", "p2"));
        var updated = await setup.ImportAsync(Record.Application(id, person, version: 1, profile: secret with { Comment = "geheimer" }));
        var rejected = await setup.OpenAsync();
        await setup.WriteAsync(rejected, Record.Rejected(id, """{"note":"geheim"}"""));
        await setup.Worker.ConcludeAsync(rejected);
        Assert.Contains("geheim", (await setup.CsvAsync(rejected.RunId)).Text, StringComparison.Ordinal);

        var erasing = await setup.ImportAsync(Record.Application(id, person, version: 2, erased: true));

        foreach (var run in new[] { created, updated, erasing })
        {
            var file = await setup.CsvAsync(run);
            Assert.DoesNotContain("geheim", file.Text, StringComparison.OrdinalIgnoreCase);
            var row = file.Profiles.First(row => row["ReferenceId"].StartsWith("erased:", StringComparison.Ordinal));
            Assert.Equal(("", "", "", "True"), (row["Name"], row["History"], row["Version"], row["IsDeleted"]));
            Assert.Contains(file.Logs, log => log["ReferenceId"] == "erased");
        }

        var ofRejected = await setup.CsvAsync(rejected.RunId);
        Assert.Empty(ofRejected.Logs);
        Assert.DoesNotContain("note", ofRejected.Text, StringComparison.Ordinal);
        Assert.Equal(["Erased", "Erased"], (await setup.CsvAsync(erasing)).Logs.Select(row => row["Name"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(1000)]
    [InlineData(1203)]
    public async Task Each_application_and_each_log_has_one_row_however_they_fall_on_pages(int touched)
    {
        await using var setup = await StartAsync();
        var run = Guid.NewGuid();
        await setup.AddAsync(Scope(), Run(run), Person(), Profile(1, new ProfileColumns { Name = "Köchin" }));
        var logs = touched;
        if (touched > 0)
        {
            // Every application once, then every seventh again.
            logs += touched / 7;
            await setup.AddAsync(Touch(run, 1, 1));
            await setup.MultiplyAsync("CandidateProfile", touched, ("ReferenceId", "'a' || i"));
            await setup.MultiplyAsync("ActivityLog", logs, ("ElementId", $"CASE WHEN i <= {touched} THEN i ELSE (i - {touched}) * 7 END"), ("Name", $"CASE WHEN i <= {touched} THEN 'Created' ELSE 'Updated' END"));
        }

        var file = await setup.CsvAsync(run);

        Assert.Equal(Enumerable.Range(1, touched).Select(i => $"a{i}"), file.Profiles.Select(row => row["ReferenceId"]));
        Assert.Equal(Enumerable.Range(1, touched).Select(i => i % 7 == 0 ? 2 : 1), file.Profiles.Select(row => Activities(row).Count));
        Assert.Equal(Enumerable.Range(1, logs).Select(i => $"{i}"), file.Logs.Select(row => row["Id"]));
        Assert.Equal(touched + logs + 1, file.Rows.Count);
    }

    [Fact]
    public async Task A_run_that_has_not_ended_shows_what_is_counted_so_far_and_why_it_failed()
    {
        await using var setup = await StartAsync();
        var run = await setup.OpenAsync();
        await setup.WriteAsync(run, Record.Ready(Record.Application("a1")), Record.Rejected("a2"));
        await setup.Worker.Runs.FailAsync(run, new RunFailure("hokify answered 503."), Cancel);

        var file = await setup.CsvAsync(run.RunId);

        Assert.Equal(("2", "1", ""), (file.Result["OkCount"], file.Result["ErrorCount"], file.Result["DownloadUrl"]));
        Assert.Contains("It is Failed in the phase Reading; the figures are those so far.", file.Sentences("Logs"));
        Assert.Equal(
            [
                "page 1, item 1, application a2: datematch is not a date; expected is ISO 8601.",
                "The run as a whole failed, 1 time so far, the last time with: hokify answered 503.",
            ],
            file.Sentences("ExceptionLogs"));
    }

    [Fact]
    public async Task A_dry_run_and_one_that_waits_have_a_result_and_no_other_row()
    {
        await using var setup = await StartAsync();
        var dry = await setup.Worker.OpenAsync(dryRun: true, mode: ImportMode.Incremental);
        await setup.WriteAsync(dry, Record.Ready(Record.Application("a1")));
        await setup.Worker.Runs.OpenAsync(setup.Worker.Request("waits"), mayWork: true, Cancel);
        var waiting = await setup.Worker.QueryAsync(db => Task.FromResult(db.ImportRuns.Single(r => r.IdempotencyKey == "waits").Id));
        await setup.Worker.ConcludeAsync(dry);

        var (ofDry, ofWaiting) = (await setup.CsvAsync(dry.RunId), await setup.CsvAsync(waiting));

        Assert.Equal(("2", $"Run {dry.RunId}: dry run of Incremental import of scope 1, Gasthaus zur Köchin."), (Assert.Single(ofDry.Rows)["OkCount"], ofDry.Sentences("Logs")[0]));
        Assert.Equal(("0", "It has not begun."), (Assert.Single(ofWaiting.Rows)["OkCount"], ofWaiting.Sentences("Logs")[1]));
    }

    [Fact]
    public async Task The_payload_of_a_stored_application_is_not_in_the_file()
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(new ProfileColumns { Name = "Köchin" });

        Assert.DoesNotContain("payload", (await setup.CsvAsync(run)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_named_and_nothing_is_written()
    {
        await using var setup = await StartAsync();
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        var known = Run(other);
        known.IdempotencyKey = run.ToString();
        await setup.AddAsync(Scope(), known);
        using var file = new MemoryStream();

        var exception = await Assert.ThrowsAsync<KeyNotFoundException>(() => setup.WriteAsync(run, file));

        Assert.Equal($"There is no run {run}.", exception.Message);
        Assert.Equal(0, file.Length);
    }

    private static List<string> Activities(IReadOnlyDictionary<string, string> row) =>
        [.. JsonDocument.Parse(row["_ActivityLogs"]).RootElement.EnumerateArray().Select(log => log.GetProperty("Name").GetString()!)];

    private static IEnumerable<string> Fields(string history) =>
        history == "" ? [] : JsonDocument.Parse(history).RootElement.EnumerateArray().Select(change => change.GetProperty("field").GetString()!);
}

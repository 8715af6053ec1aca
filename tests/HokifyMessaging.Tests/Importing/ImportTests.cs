using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Importing;

public sealed class ImportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_import_creates_one_profile_for_each_application_and_one_candidate_for_each_person()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 57);

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal(57, result.CreatedCounts["CandidateProfile"]);
        Assert.Equal(57, result.CreatedCounts["Candidate"] + result.UnchangedCounts["Candidate"] + result.UpdatedCounts["Candidate"]);
        Assert.Equal((114, 0), (result.OkCount, result.ErrorCount));
        Assert.Equal((57, 0), (result.StatsCounter["Fetched"], result.StatsCounter["Duplicates"]));
        var (candidates, profiles) = await setup.QueryAsync(async db => (await db.Candidates.CountAsync(Cancel), await db.CandidateProfiles.CountAsync(Cancel)));
        Assert.Equal((result.CreatedCounts["Candidate"], 57), (candidates, profiles));
        Assert.Equal(
            setup.Sandbox.ApplicationIds().Order(),
            await setup.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Rerunning_the_same_request_changes_nothing_and_returns_the_equal_event_under_the_same_message_id()
    {
        await using var setup = await ImportSetup.StartAsync();
        var request = new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "nightly" };
        await setup.ImportAsync(request);
        var rows = await setup.RowsAsync();
        var requests = setup.Sandbox.Requests.Count;

        await setup.ImportAsync(request);

        var events = setup.Completions.Of("nightly");
        Assert.Equal(2, events.Count);
        Assert.Equal(JsonSerializer.Serialize(events[0].Event), JsonSerializer.Serialize(events[1].Event));
        Assert.Equal(events[0].MessageId, events[1].MessageId);
        Assert.Equal(5, events[0].MessageId!.Value.Version);
        Assert.Equal(rows, await setup.RowsAsync());
        Assert.Equal(requests, setup.Sandbox.Requests.Count);
        Assert.Equal(1, await setup.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_second_full_import_under_a_new_key_finds_everything_unchanged()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var (rows, logs) = (await setup.RowsAsync(), await setup.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel)));

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((40, 40), (result.UnchangedCounts["CandidateProfile"], result.UnchangedCounts["Candidate"]));
        Assert.Equal((80, 0), (result.OkCount, result.ErrorCount));
        Assert.Equal(rows, await setup.RowsAsync());
        Assert.Equal(logs, await setup.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel)));
    }

    [Fact]
    public async Task An_incremental_import_reads_from_the_watermark_and_finds_what_is_new_and_changed()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 100);
        var full = await setup.ImportFullAsync();
        var advance = setup.Sandbox.Advance(@new: 5, changed: 3);

        var result = (await setup.ImportIncrementalAsync()).Result;

        Assert.Equal(5, result.CreatedCounts["CandidateProfile"]);
        var updated = await setup.QueryAsync(db => db.ActivityLogs
            .Where(l => l.Name == ActivityName.Updated).Select(l => l.ElementName + " " + l.ReferenceId).ToListAsync(Cancel));
        Assert.All(advance.Changed, id => Assert.Contains($"CandidateProfile {id}", updated));
        Assert.Equal(0, result.ErrorCount);
        Assert.InRange(result.StatsCounter["Fetched"], 8, 30);
        var asked = Uri.UnescapeDataString(setup.Sandbox.Requests[^1].Query);
        Assert.Contains($"startTime={full.StartedAt.UtcDateTime.AddHours(-1):yyyy-MM-ddTHH:mm:ss}", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_application_tells_its_history()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var changed = setup.Sandbox.Advance(changed: 1).Changed.Single();

        var run = await setup.ImportIncrementalAsync();

        var row = await setup.QueryAsync(db => db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate).SingleAsync(p => p.ReferenceId == changed, Cancel));
        var changes = new[] { row.History, row.Candidate!.History }.OfType<string>()
            .SelectMany(history => JsonDocument.Parse(history).RootElement.EnumerateArray()).ToList();
        Assert.NotEmpty(changes);
        Assert.All(changes, change =>
        {
            Assert.Equal(run.RunId, change.GetProperty("run").GetGuid());
            Assert.NotEqual(change.GetProperty("old").ToString(), change.GetProperty("new").ToString());
        });
    }

    [Fact]
    public async Task A_withdrawn_application_is_soft_deleted_by_a_full_import_and_comes_back_as_updated()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var withdrawn = setup.Sandbox.Advance(withdrawn: 4).Withdrawn;

        var incremental = (await setup.ImportIncrementalAsync()).Result;
        var full = (await setup.ImportFullAsync()).Result;

        Assert.Equal((0, 4), (incremental.DeletedCounts["CandidateProfile"], full.DeletedCounts["CandidateProfile"]));
        Assert.Equal(36, full.UnchangedCounts["CandidateProfile"]);
        var deleted = await setup.QueryAsync(db => db.CandidateProfiles.Where(p => p.IsDeleted).Select(p => p.ReferenceId).ToListAsync(Cancel));
        Assert.Equal(withdrawn.Order(), deleted.Order());
        Assert.Equal(0, (await setup.ImportFullAsync()).Result.DeletedCounts["CandidateProfile"]);
    }

    [Fact]
    public async Task A_full_import_that_would_delete_more_than_the_guard_allows_deletes_nothing_and_says_so()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Advance(withdrawn: 11);

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal(0, result.DeletedCounts["CandidateProfile"]);
        Assert.StartsWith("The source no longer has 11 of 40 active applications, more than the 10 ", Assert.Single(result.Exceptions["CandidateProfile"]).Message, StringComparison.Ordinal);
        Assert.Equal(1, result.ErrorCount);
        Assert.Equal(0, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.IsDeleted, Cancel)));
    }

    [Fact]
    public async Task Applications_that_moved_past_the_first_read_are_found_by_a_second_and_not_deleted()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var withdrawn = setup.Sandbox.Advance(withdrawn: 2).Withdrawn;

        // While the first read is between two pages, applications that it has read change: all others move up by as many
        // places, and as many slip through between two pages.
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = 1, Delay = TimeSpan.FromSeconds(1) });
        var reads = Reads(setup);
        var import = setup.ImportFullAsync();
        await ImportSetup.Until(() => Reads(setup) >= reads + 2);
        setup.Sandbox.Advance(changed: 5);

        var result = (await import).Result;

        var deleted = await setup.QueryAsync(db => db.CandidateProfiles.Where(p => p.IsDeleted).Select(p => p.ReferenceId).ToListAsync(Cancel));
        Assert.Equal(withdrawn.Order(), deleted.Order());
        Assert.InRange(result.StatsCounter["Slipped"], 1, 10);
        Assert.Equal((38, 0), (result.StatsCounter["Fetched"], result.ErrorCount));

        static int Reads(ImportSetup setup) => setup.Sandbox.Requests.Count(r => r.Path.EndsWith("getAllApplications", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_counts_what_an_import_would_do_and_writes_nothing_but_its_run()
    {
        await using var setup = await ImportSetup.StartAsync();

        var dry = await setup.ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, DryRun = true });

        Assert.Equal(40, dry.Result.CreatedCounts["CandidateProfile"]);
        Assert.True(dry.DryRun);
        Assert.Equal("", await setup.RowsAsync());
        Assert.Equal((1, 0, 0), await setup.QueryAsync(async db =>
            (await db.ImportRuns.CountAsync(Cancel), await db.ActivityLogs.CountAsync(Cancel), await db.Scopes.CountAsync(s => s.Watermark != null, Cancel))));
        var real = await setup.ImportFullAsync();
        Assert.Equal(JsonSerializer.Serialize(dry.Result.CreatedCounts), JsonSerializer.Serialize(real.Result.CreatedCounts));
        Assert.Equal(dry.Result.OkCount, real.Result.OkCount);
    }

    [Fact]
    public async Task A_person_whom_hokify_erased_is_erased_here_and_nothing_brings_them_back()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var before = await setup.QueryAsync(db => db.Candidates.AsNoTracking().ToListAsync(Cancel));
        var advance = setup.Sandbox.Advance(erased: 1);
        var person = before.Single(c => c.ReferenceId == advance.ErasedPersons.Single());

        var result = (await setup.ImportIncrementalAsync()).Result;
        var again = (await setup.ImportFullAsync()).Result;

        Assert.Equal((1, advance.Erased.Count, 1), (result.DeletedCounts["Candidate"], result.DeletedCounts["CandidateProfile"], result.StatsCounter["Erased"]));
        Assert.Equal((0, 0), (again.CreatedCounts["Candidate"], again.CreatedCounts["CandidateProfile"]));
        Assert.Equal(advance.Erased.Count, again.StatsCounter["ErasedWithheld"]);
        await setup.StopHostAsync();
        var file = await File.ReadAllBytesAsync(setup.DatabaseFile, Cancel);
        await setup.StartHostAsync();
        var rows = await setup.RowsAsync();
        foreach (var trace in new[] { person.ReferenceId, person.Columns.Email!, person.Columns.DisplayName! }.Concat(advance.Erased))
        {
            Assert.DoesNotContain(trace, rows, StringComparison.Ordinal);
        }

        Assert.Equal(0, await setup.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.ReferenceId == person.ReferenceId || advance.Erased.Contains(l.ReferenceId), Cancel)));
        Assert.NotEmpty(file);
    }

    [Fact]
    public async Task Two_scopes_never_see_each_others_applications()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(40, 7);

        var results = await Task.WhenAll(
            setup.ImportAsync(new HokifyImportRequested { ScopeId = 1, ImportMode = ImportMode.Full }),
            setup.ImportAsync(new HokifyImportRequested { ScopeId = 2, ImportMode = ImportMode.Full }));

        Assert.Equal([40, 7], results.Select(r => r.Result.CreatedCounts["CandidateProfile"]));
        Assert.Equal((40, 7), await setup.QueryAsync(async db =>
            (await db.CandidateProfiles.CountAsync(p => p.ScopeId == 1, Cancel), await db.CandidateProfiles.CountAsync(p => p.ScopeId == 2, Cancel))));
    }

    [Fact]
    public async Task What_a_slow_source_has_brought_is_stored_while_the_rest_is_waited_for()
    {
        await using var setup = await ImportSetup.StartAsync(
            settings: [new("Hokify:Import:BatchSize", "500"), new("Hokify:Import:StepDuration", "00:00:00.100")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 3, Times = 1, Delay = TimeSpan.FromMinutes(1) });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "k", ImportMode = ImportMode.Full });

        await ImportSetup.Until(async () => await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)) >= 20);

        // A worker that ends here, long before a batch is full, has something to show.
        Assert.NotNull((await setup.RunAsync("k")).Checkpoint);
    }

    [Fact]
    public async Task A_run_of_many_slices_gives_the_same_result_as_one()
    {
        // The sandbox dates its applications from its clock: with one clock, two of them hold the same.
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 10, 1, 9, 0, 0, TimeSpan.Zero));
        await using var whole = await ImportSetup.StartAsync(applications: 60, sandbox: options => options.Clock = clock);
        await using var sliced = await ImportSetup.StartAsync(
            applications: 60,
            settings: [new("Hokify:Import:SliceDuration", "00:00:01"), new("Hokify:Import:BatchSize", "1")],
            sandbox: options => options.Clock = clock);
        sliced.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(400), Times = null });

        var expected = (await whole.ImportFullAsync()).Result;
        var actual = (await sliced.ImportFullAsync()).Result;

        Assert.Equal(JsonSerializer.Serialize(expected.CreatedCounts), JsonSerializer.Serialize(actual.CreatedCounts));
        Assert.Equal(expected.OkCount, actual.OkCount);
        Assert.Equal(expected.StatsCounter["Fetched"], actual.StatsCounter["Fetched"]);
        Assert.True(await sliced.QueryAsync(db => db.ImportRuns.Select(r => r.Fence).SingleAsync(Cancel)) > 1);
        Assert.Equal(await whole.RowsAsync(), await sliced.RowsAsync());
        Assert.Single(sliced.Completions.All);
    }

    [Fact]
    public async Task A_link_whose_key_must_be_stored_first_does_not_wait_for_the_transaction_that_stores_its_event()
    {
        var database = "";
        await using var setup = await ImportSetup.StartAsync(
            applications: 3,
            [new("Database:CommandTimeout", "00:00:02"), new("Hokify:Import:TransientRetryDuration", "00:00:00")],
            services: services => services.AddSingleton<DownloadLink>((run, _) =>
            {
                using var connection = new SqliteConnection($"Data Source={database};Pooling=False;Default Timeout=1");
                connection.Open();
                using var store = connection.CreateCommand();
                store.CommandText = "CREATE TABLE SigningKeys (Id INTEGER PRIMARY KEY)";
                store.ExecuteNonQuery();
                return new Uri($"https://hokify.example/{run}");
            }));
        database = setup.DatabaseFile;

        var completed = await setup.ImportFullAsync();

        Assert.Equal($"https://hokify.example/{completed.RunId}", completed.Result.DownloadUrl);
    }
}

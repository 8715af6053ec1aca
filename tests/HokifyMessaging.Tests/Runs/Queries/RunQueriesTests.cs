using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Runs.Queries;

public sealed class RunQueriesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_shows_the_records_that_it_could_not_store_and_when_they_are_tried_again()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Ledger:FirstInterval", "00:10:00")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenLastUpdate) { Times = 2 });

        var completed = await setup.ImportFullAsync();

        var run = (await Queries(setup).FindAsync(completed.RunId, Cancel))!;
        Assert.Equal((2, 2, 40), (run.WaitingCount, run.Summary.ErrorCount, run.Summary.Fetched));
        Assert.Equal(completed.Result.Exceptions.Values.SelectMany(e => e).Select(e => e.Message).Order(), run.Waiting.Select(w => w.Reason).Order());
        Assert.All(run.Waiting, waiting =>
        {
            Assert.Contains(waiting.ReferenceId, setup.Sandbox.ApplicationIds());
            Assert.Equal(("CandidateProfile", false, 0), (waiting.ElementName, waiting.Parked, waiting.RetryCount));
            Assert.True(waiting.DueAt > completed.CompletedAt);
        });
    }

    [Fact]
    public async Task A_completed_run_shows_the_result_of_its_event_and_the_window_that_it_read()
    {
        await using var setup = await ImportSetup.StartAsync();
        var full = await setup.ImportFullAsync();
        var incremental = await setup.ImportIncrementalAsync();

        var first = (await Queries(setup).FindAsync(full.RunId, Cancel))!;
        var second = (await Queries(setup).FindAsync(incremental.RunId, Cancel))!;

        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(full.Result), System.Text.Json.JsonSerializer.Serialize(first.Result));
        Assert.Equal((null, full.StartedAt), (first.WindowFrom, first.WindowTo));
        Assert.Equal(full.StartedAt - TimeSpan.FromHours(1), second.WindowFrom);
        Assert.Equal((RunState.Completed, ImportMode.Incremental), (second.Summary.State, second.Summary.ImportMode));
        Assert.Equal((long)(full.CompletedAt - full.StartedAt).TotalMilliseconds, first.Summary.DurationMilliseconds);
    }

    [Fact]
    public async Task A_run_that_failed_shows_why_and_what_it_had_counted_by_then()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { After = 3, Times = null });
        var sentence = await setup.FailureAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "broken" });

        var run = (await Queries(setup).FindAsync((await setup.RunAsync("broken")).Id, Cancel))!;

        Assert.Equal((RunState.Failed, sentence, 1), (run.Summary.State, run.Summary.Failure, run.Failures));
        Assert.InRange(run.Summary.Fetched, 1, 39);
        Assert.Equal(run.Summary.Fetched, run.Result.StatsCounter["Fetched"]);
        Assert.NotNull(run.Checkpoint);
        Assert.NotNull(run.ResumeAt);
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_by_scope_and_state()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 5);
        var keys = new List<string>();
        for (var index = 0; index < 3; index++)
        {
            keys.Insert(0, (await setup.ImportIncrementalAsync()).IdempotencyKey);
        }

        Assert.Equal(keys, await KeysAsync(setup, new RunFilter()));
        Assert.Equal(keys[..2], await KeysAsync(setup, new RunFilter { Limit = 2, ScopeId = 1, State = RunState.Completed }));
        Assert.Empty(await KeysAsync(setup, new RunFilter { State = RunState.Failed }));
        Assert.Empty(await KeysAsync(setup, new RunFilter { ScopeId = 2 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(500)]
    public async Task Going_on_behind_the_last_run_lists_each_once_whatever_comes_meanwhile(int limit)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await setup.ImportIncrementalAsync();
        await AddAsync(setup, Enumerable.Range(0, 40), scopeId: 1);
        var expected = await KeysAsync(setup, new RunFilter { Limit = 500 });

        var (listed, after, added) = (new List<string>(), (Guid?)null, 100);
        while (true)
        {
            var page = await Queries(setup).ListAsync(new RunFilter { After = after, Limit = limit }, Cancel);
            listed.AddRange(page.Select(run => run.IdempotencyKey));
            if (page.Count < limit)
            {
                break;
            }

            after = page[^1].RunId;
            await AddAsync(setup, [added++], scopeId: 1);
        }

        Assert.Equal(expected, listed);
    }

    [Fact]
    public async Task Going_on_keeps_to_the_filter_and_to_the_scopes_that_may_be_seen()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await setup.ImportIncrementalAsync();
        await AddAsync(setup, Enumerable.Range(0, 10), scopeId: 1);
        var last = (await Queries(setup).ListAsync(new RunFilter { Limit = 4 }, Cancel))[^1].RunId;

        var failed = await Queries(setup).ListAsync(new RunFilter { After = last, State = RunState.Failed, Limit = 500 }, Cancel);

        Assert.Equal(await KeysAsync(setup, new RunFilter { State = RunState.Failed, Limit = 500, Offset = 2 }), failed.Select(run => run.IdempotencyKey));
        await Assert.ThrowsAsync<UnknownPositionException>(() => Queries(setup).ListAsync(new RunFilter { After = Guid.NewGuid() }, Cancel));
        await Assert.ThrowsAsync<UnknownPositionException>(() => Queries(setup).ListAsync(new RunFilter { After = last, ScopeIds = [2] }, Cancel));
    }

    [Fact]
    public async Task Of_runs_that_failed_it_counts_when_they_stopped_and_not_when_they_were_asked_for()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await setup.ImportIncrementalAsync();
        var noon = new DateTimeOffset(2100, 1, 1, 12, 0, 0, TimeSpan.Zero);
        await AddAsync(
            setup,
            Failed("old", noon.AddDays(-2), noon.AddDays(-1)),
            Failed("resumed", noon.AddDays(-2), noon.AddMinutes(1)),
            Failed("new", noon, noon.AddMinutes(2)),
            Failed("gone on", noon, noon.AddMinutes(3)) with { State = RunState.Interrupted });

        Assert.Equal(["new", "resumed"], await KeysAsync(setup, new RunFilter { State = RunState.Failed, StoppedFrom = noon }));
        Assert.Equal(["gone on", "new"], (await KeysAsync(setup, new RunFilter { From = noon })).Order());

        static AddedRun Failed(string key, DateTimeOffset created, DateTimeOffset stopped) => new(key, RunState.Failed, created, stopped);
    }

    [Fact]
    public async Task A_run_whose_worker_is_gone_says_since_when_nobody_works_on_it()
    {
        await using var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        await using var worker = new ImportWorker(database.Options);
        await using var run = await worker.OpenAsync();
        var atWork = await UnattendedAsync();
        var lease = await worker.QueryAsync(db => db.Scopes.Select(s => s.LeaseExpiresAt).SingleAsync(Cancel));

        worker.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal([null, null, null], atWork);
        Assert.Equal([lease, lease, lease], await UnattendedAsync());

        async Task<List<DateTimeOffset?>> UnattendedAsync()
        {
            var queries = worker.Services.GetRequiredService<RunQueries>();
            return
            [
                Assert.Single(await queries.ListAsync(new RunFilter { State = RunState.Running }, Cancel)).UnattendedSince,
                (await queries.FindAsync(run.RunId, Cancel))!.Summary.UnattendedSince,
                (await queries.ProgressAsync([run.RunId], Cancel))[run.RunId].Summary.UnattendedSince,
            ];
        }
    }

    [Fact]
    public async Task A_run_that_nobody_asked_for_is_not_there()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 5);

        Assert.Empty(await Queries(setup).OfKeyAsync("nobody", Cancel));
        Assert.Null(await Queries(setup).FindAsync(Guid.NewGuid(), Cancel));
    }

    /// <summary>Runs of which three each were asked for at the same instant; every other one failed, and nobody takes up any of them.</summary>
    private static async Task AddAsync(ImportSetup setup, IEnumerable<int> numbers, int scopeId)
    {
        await using var db = await setup.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        db.ImportRuns.AddRange(numbers.Select(number => new ImportRun
        {
            Id = Guid.NewGuid(),
            IdempotencyKey = $"added-{number}",
            ScopeId = scopeId,
            Tally = "{}",
            State = number % 2 == 0 ? RunState.Failed : RunState.Cancelled,
            CreatedAt = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(number / 3),
        }));
        await db.SaveChangesAsync(Cancel);
    }

    private static async Task AddAsync(ImportSetup setup, params IEnumerable<AddedRun> runs)
    {
        await using var db = await setup.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        db.ImportRuns.AddRange(runs.Select(run => new ImportRun
        {
            Id = Guid.NewGuid(),
            IdempotencyKey = run.Key,
            ScopeId = 1,
            Tally = "{}",
            State = run.State,
            CreatedAt = run.CreatedAt,
            StartedAt = run.CreatedAt,
            NudgedAt = run.StoppedAt,
        }));
        await db.SaveChangesAsync(Cancel);
    }

    private sealed record AddedRun(string Key, RunState State, DateTimeOffset CreatedAt, DateTimeOffset StoppedAt);

    private static RunQueries Queries(ImportSetup setup) => setup.Services.GetRequiredService<RunQueries>();

    private static async Task<IEnumerable<string>> KeysAsync(ImportSetup setup, RunFilter filter) =>
        (await Queries(setup).ListAsync(filter, Cancel)).Select(run => run.IdempotencyKey);
}

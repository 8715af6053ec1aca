using HokifyMessaging.Contracts;
using HokifyMessaging.Importing;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>Whose turn it is in a scope, and what becomes of those whose turn it is not.</summary>
public sealed class TurnTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_run_that_is_replayed_while_another_works_is_not_forgotten()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:FailedRunRetries", "0")]);
        setup.Sandbox.Faults.Add(SandboxFaultKind.NotJson);
        await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "failed" });
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1) });
        var requests = setup.Sandbox.Requests.Count;
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "busy" });
        await ImportSetup.Until(() => setup.Sandbox.Requests.Count > requests);

        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "failed" });

        await ImportSetup.Until(() => setup.Completions.Of("failed").Count == 1);
        Assert.True((await setup.RunAsync("failed")).CompletedAt > (await setup.RunAsync("busy")).CompletedAt);
    }

    [Fact]
    public async Task A_worker_whose_source_fails_after_another_took_over_reports_no_failure()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1) });
        setup.Sandbox.Faults.Add(SandboxFaultKind.NotJson);
        var importer = setup.Services.GetRequiredService<HokifyImporter>();
        var slice = new ImportSlice(DateTimeOffset.MaxValue, CancellationToken.None);
        var import = importer.ImportAsync(Request("k"), slice, Cancel);
        await ImportSetup.Until(() => setup.Sandbox.Requests.Any(r => r.Path.EndsWith("getAllApplications", StringComparison.Ordinal)));

        await setup.ExecuteAsync("UPDATE Scope SET Fence = Fence + 1, LeaseOwner = 'another worker'");

        Assert.IsType<ImportOutcome.TakenOver>(await import);
        var run = await setup.RunAsync("k");
        Assert.Equal((RunState.Running, 0, null), (run.State, run.Failures, run.Failure));
    }

    [Fact]
    public async Task Nudges_of_runs_that_have_ended_bring_neither_events_nor_further_nudges()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        foreach (var key in new[] { "a", "b", "c" })
        {
            await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = key });
            await ImportSetup.Until(async () => (await setup.RunAsync(key)).AnnouncedAt is not null);
        }

        for (var round = 0; round < 5; round++)
        {
            foreach (var key in new[] { "a", "b", "c" })
            {
                await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = key }, context => Nudges.MarkAsNudge(context, TimeProvider.System.GetUtcNow()));
            }
        }

        // A replay by somebody else is the last message, and the only one that is answered.
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "b" });
        await ImportSetup.Until(() => setup.Completions.Of("b").Count == 2);
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "d" });
        Assert.Equal((1, 2, 1, 1), (setup.Completions.Of("a").Count, setup.Completions.Of("b").Count, setup.Completions.Of("c").Count, setup.Completions.Of("d").Count));
    }

    [Fact]
    public async Task Many_requests_of_a_scope_are_each_announced_once_and_start_in_the_order_in_which_they_were_asked_for()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        var keys = Enumerable.Range(0, 12).Select(i => $"k{i:00}").ToList();

        foreach (var key in keys)
        {
            await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = key });
        }

        await ImportSetup.Until(() => setup.Completions.All.Select(c => c.Event.IdempotencyKey).Distinct().Count() == keys.Count);
        Assert.Equal(keys.Count, setup.Completions.All.Count);
        var runs = await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).ToListAsync(Cancel));
        Assert.Equal(runs.OrderBy(r => r.StartedAt).Select(r => r.IdempotencyKey), runs.Select(r => r.IdempotencyKey));
    }

    [Theory]
    [InlineData("another request under the key of a run that has ended")]
    [InlineData("a start that a full import has not")]
    [InlineData("a scope that is none")]
    public async Task A_request_that_is_refused_passes_no_turn(string what)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 1);
        await AddRunAsync(setup, 1, RunState.Completed, "ended");
        await AddRunAsync(setup, 1, RunState.Queued, "waits");

        await setup.FailureAsync(what switch
        {
            "another request under the key of a run that has ended" => new HokifyImportRequested { IdempotencyKey = "ended", DryRun = true },
            "a start that a full import has not" => new HokifyImportRequested { IdempotencyKey = "ended", ImportMode = ImportMode.Full, UnixSecondsFrom = 1_700_000_000 },
            _ => new HokifyImportRequested { IdempotencyKey = "ended", ScopeId = 9 },
        });

        Assert.Null(await setup.QueryAsync(db => db.Scopes.Where(s => s.ScopeId == 1).Select(s => s.NudgedAt).SingleAsync(Cancel)));
        Assert.Equal((RunState.Queued, RunState.Completed), ((await setup.RunAsync("waits")).State, (await setup.RunAsync("ended")).State));
    }

    [Theory]
    [InlineData(RunState.Queued)]
    [InlineData(RunState.Running)]
    [InlineData(RunState.Interrupted)]
    [InlineData(RunState.Failed)]
    public async Task A_run_of_a_scope_that_is_configured_no_more_is_refused_once_and_goes_on_when_the_scope_is_back(RunState state)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 3, settings: [new("Hokify:Import:SweepInterval", "00:00:00.500")]);

        // The first message of a process takes its time, and what takes two sweeps is taken for lost.
        await setup.ImportFullAsync();
        await AddRunAsync(setup, 7, state, "left behind");
        var isRefused = state != RunState.Failed;
        const string Sentence = "ScopeId 7 is not configured; the configured scopes are 1.";
        await ImportSetup.Until(async () => !isRefused || (await setup.RunAsync("left behind")).Failure == Sentence);

        // Sweeps go on, as those show that they find.
        for (var round = 0; round < 5; round++)
        {
            await AddRunAsync(setup, 1, RunState.Queued, $"found {round}");
            await ImportSetup.Until(() => setup.Completions.Of($"found {round}").Count == 1);
        }

        await ImportSetup.Until(() => setup.Completions.Failures.Count > 0 || !isRefused);
        Assert.Equal(Enumerable.Repeat(Sentence, isRefused ? 1 : 0), setup.Completions.Failures.Select(f => f.Event.Reason));
        Assert.All(setup.Completions.Failures, f => Assert.Equal((FailureKind.Failed, null, 7), (f.Event.Kind, f.Event.ResumesAt, f.Event.ScopeId)));
        Assert.Equal(RunState.Failed, (await setup.RunAsync("left behind")).State);
        foreach (var (key, value) in setup.Settings.Where(s => s.Key.StartsWith("Hokify:Scopes:1:", StringComparison.Ordinal)).ToList())
        {
            setup.Settings[key.Replace(":1:", ":7:", StringComparison.Ordinal)] = value;
        }

        await setup.StopHostAsync();
        await setup.StartHostAsync();
        await ImportSetup.Until(() => setup.Completions.Of("left behind").Count == 1);
        Assert.Equal((RunState.Completed, null), ((await setup.RunAsync("left behind")).State, (await setup.RunAsync("left behind")).Failure));
    }

    [Fact]
    public async Task A_run_that_failed_is_resumed_after_seconds_and_not_at_the_end_of_the_sweepers_round()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:FailedRunDelay", "00:00:01")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { After = 1 });

        await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "k" });

        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);
        Assert.Equal(1, (await setup.RunAsync("k")).Failures);
    }

    [Theory]
    [InlineData(SandboxFaultKind.TooManyRequests, 600, false, 600)]
    [InlineData(SandboxFaultKind.ServiceUnavailable, 7_200, true, 7_200)]
    [InlineData(SandboxFaultKind.TooManyRequests, 50_000_000, false, 86_400)]
    [InlineData(SandboxFaultKind.ServiceUnavailable, 50_000_000, true, 86_400)]
    public async Task A_source_that_asks_to_wait_for_longer_than_a_read_does_is_asked_again_when_it_said(SandboxFaultKind kind, int seconds, bool asDate, int resumesAfter)
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = 1, RetryAfterSeconds = seconds, RetryAfterAsDate = asDate });

        await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "k" });

        var run = await setup.RunAsync("k");
        Assert.Equal((RunState.Failed, 0), (run.State, run.Failures));

        // Dates in HTTP have no fractions of a second.
        Assert.InRange((run.ResumeAt - run.NudgedAt)!.Value.TotalSeconds, resumesAfter - 2, resumesAfter + 1);
    }

    [Fact]
    public async Task A_run_whose_source_asked_to_wait_goes_on_by_itself_when_the_time_has_come_however_often_that_happens()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Scopes:1:AtsApi:Http:TotalTimeout", "00:00:01"), new("Hokify:Import:FailedRunRetries", "1")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.TooManyRequests) { After = 1, Times = 2, RetryAfterSeconds = 2 });

        await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "k" });

        await ImportSetup.Until(() => setup.Completions.Of("k").Count == 1);
        var run = await setup.RunAsync("k");
        Assert.Equal(0, run.Failures);
        Assert.True(run.CompletedAt - run.StartedAt >= TimeSpan.FromSeconds(4), $"it took only {run.CompletedAt - run.StartedAt}");
    }

    /// <summary>A run as a process leaves it that died a while ago.</summary>
    private static Task<int> AddRunAsync(ImportSetup setup, int scopeId, RunState state, string key) => setup.QueryAsync(async db =>
    {
        var created = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        if (!await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, Cancel))
        {
            db.Scopes.Add(new ScopeState { ScopeId = scopeId });
        }

        db.ImportRuns.Add(new ImportRun
        {
            Id = Guid.CreateVersion7(created),
            IdempotencyKey = key,
            ScopeId = scopeId,
            State = state,
            CreatedAt = created,
            StartedAt = state == RunState.Queued ? null : created,
            WindowTo = state == RunState.Queued ? null : created,
            NudgedAt = created,
            CompletedAt = state == RunState.Completed ? created : null,
            CompletedEvent = state == RunState.Completed ? "{}" : null,
            AnnouncedAt = state == RunState.Completed ? created : null,
            ResumeAt = state == RunState.Failed ? created : null,
            Tally = ImportTally.ForNewRun().ToJson(),
        });
        return await db.SaveChangesAsync(Cancel);
    });

    private static ImportRequest Request(string key) => new(key, 1, ImportMode.Incremental, null, false, null);
}

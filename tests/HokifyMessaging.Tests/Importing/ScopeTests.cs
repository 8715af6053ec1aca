using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What operators see of scopes, and where they have the next import begin.</summary>
public sealed class ScopeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scope_tells_how_far_it_was_read_by_which_run_and_what_waits()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 20, ofSecond: 5);
        setup.Sandbox.Faults.Add(SandboxFaultKind.BrokenBirthday);
        await setup.ImportIncrementalAsync();
        await setup.ImportAsync(new HokifyImportRequested { DryRun = true, IdempotencyKey = "dry" });
        var run = await setup.QueryAsync(db => db.ImportRuns.SingleAsync(r => !r.DryRun, Cancel));

        var scopes = await ListAsync(setup);

        Assert.Equal([1, 2], scopes.Select(scope => scope.ScopeId));
        Assert.Equal((run.WindowTo, run.CompletedAt, "AtsApi", null), (scopes[0].Watermark, scopes[0].LastCompleteRead, scopes[0].Source, scopes[0].Work));
        Assert.InRange(scopes[0].LagSeconds!.Value, 0, 600);
        Assert.Equal(await setup.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Open, Cancel)), scopes[0].WaitingRecords);
        Assert.Equal((null, null, null, null), (scopes[1].Watermark, scopes[1].LagSeconds, scopes[1].LastCompleteRead, scopes[1].Source));
    }

    [Fact]
    public async Task A_scope_tells_who_works_on_it_and_how_many_runs_wait_behind()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(2) });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "first" });
        await ImportSetup.Until(async () => (await ListAsync(setup))[0].Work is not null);
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "second" });
        await ImportSetup.Until(async () => (await ListAsync(setup))[0].WaitingRuns == 1);

        var scope = (await ListAsync(setup))[0];
        var first = await setup.RunAsync("first");

        Assert.Equal((first.Id, false), (scope.Work!.RunId, scope.Work.IsSilent));
        Assert.StartsWith($"process {Environment.ProcessId} on {Environment.MachineName}, version ", scope.Work.Worker, StringComparison.Ordinal);
        await ImportSetup.Until(() => setup.Completions.Of("second").Count == 1);
    }

    [Fact]
    public async Task A_watermark_that_is_set_is_where_the_next_import_begins_and_who_set_it_is_kept()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportIncrementalAsync();
        var before = (await ListAsync(setup))[0].Watermark;
        var earlier = before!.Value.AddDays(-10);

        Assert.Equal(before, await SetAsync(setup, earlier, isSure: false));
        Assert.Equal(before, (await ListAsync(setup))[0].Watermark);
        Assert.Equal(before, await SetAsync(setup, earlier, isSure: true));

        var scope = (await ListAsync(setup))[0];
        Assert.Equal((earlier, null), (scope.Watermark, scope.LastCompleteRead));
        var entry = Assert.Single(await setup.Services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter { ScopeId = 1 }, Cancel));
        Assert.Equal(
            (AuditAction.SetWatermark, 1, Environment.UserName, Environment.MachineName, $"From {ScopeControl.Text(before)} to {ScopeControl.Text(earlier)}."),
            (entry.Action, entry.ScopeId, entry.Who, entry.Machine, entry.Detail));

        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "again" });
        Assert.Equal(earlier - TimeSpan.FromHours(1), (await setup.RunAsync("again")).WindowFrom);

        await SetAsync(setup, null, isSure: true);
        Assert.Equal(40, (await setup.ImportIncrementalAsync()).Result.StatsCounter[Stat.Fetched]);
        Assert.Empty(await setup.Services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter { ScopeId = 2 }, Cancel));
    }

    [Fact]
    public async Task A_scope_that_was_never_imported_can_be_told_where_to_begin()
    {
        await using var setup = await ImportSetup.StartAsync();
        var from = TimeProvider.System.GetUtcNow().AddHours(-3);

        Assert.Null(await SetAsync(setup, from, isSure: true));

        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "first" });
        Assert.Equal(from - TimeSpan.FromHours(1), (await setup.RunAsync("first")).WindowFrom);
    }

    [Fact]
    public async Task While_a_run_is_under_way_no_watermark_is_set()
    {
        await using var setup = await ImportSetup.StartAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(2) });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "busy" });
        await ImportSetup.Until(async () => (await ListAsync(setup))[0].Work is not null);

        foreach (var isSure in new[] { false, true })
        {
            var refused = await Assert.ThrowsAsync<RunUnderWayException>(() => SetAsync(setup, DateTimeOffset.UnixEpoch, isSure));
            Assert.StartsWith($"Run {(await setup.RunAsync("busy")).Id} of scope 1 is under way, and would move the watermark", refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(await setup.Services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter(), Cancel));
        await ImportSetup.Until(() => setup.Completions.Of("busy").Count == 1);
        Assert.True((await ListAsync(setup))[0].Watermark > DateTimeOffset.UnixEpoch);
    }

    private static Task<IReadOnlyList<ScopeStanding>> ListAsync(ImportSetup setup) => setup.Services.GetRequiredService<ScopeQueries>().ListAsync(Cancel);

    private static Task<DateTimeOffset?> SetAsync(ImportSetup setup, DateTimeOffset? watermark, bool isSure) =>
        setup.Services.GetRequiredService<ScopeControl>().SetWatermarkAsync(1, watermark, isSure, Cancel);
}

using HokifyMessaging.Contracts;
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
    public async Task A_run_that_has_begun_keeps_the_scope_between_two_slices()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "between" });

        // As it stands between two slices: nobody holds the lease, and its own message is on its way.
        await setup.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(
            set => set.SetProperty(r => r.State, RunState.Interrupted).SetProperty(r => r.CompletedEvent, (string?)null), Cancel));
        Assert.IsType<RunOpening.Waiting>(await OpenAsync(setup, "newer"));

        Assert.IsType<RunOpening.Claimed>(await OpenAsync(setup, "between"));
    }

    [Fact]
    public async Task Of_two_runs_that_have_begun_the_earlier_goes_on_and_neither_blocks_the_other_for_good()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "earlier" });
        await setup.ImportAsync(new HokifyImportRequested { IdempotencyKey = "later" });

        // A run that failed, and is resumed while another is between two slices, has begun as well.
        await setup.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(
            set => set.SetProperty(r => r.State, RunState.Interrupted).SetProperty(r => r.CompletedEvent, (string?)null), Cancel));

        Assert.IsType<RunOpening.Waiting>(await OpenAsync(setup, "later"));
        Assert.Equal("earlier", (await setup.Services.GetRequiredService<RunStore>().NextWaitingAsync(1, Cancel))!.IdempotencyKey);
        Assert.IsType<RunOpening.Claimed>(await OpenAsync(setup, "earlier"));
    }

    [Fact]
    public async Task A_failed_run_that_is_replayed_while_another_works_is_not_forgotten()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:FailedRunRetries", "0")]);
        setup.Sandbox.Faults.Add(SandboxFaultKind.NotJson);
        await setup.FaultAsync(new HokifyImportRequested { IdempotencyKey = "failed" });
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

    private static Task<RunOpening> OpenAsync(ImportSetup setup, string key) =>
        setup.Services.GetRequiredService<RunStore>().OpenAsync(Request(key), mayWork: true, Cancel);

    private static ImportRequest Request(string key) => new(key, 1, ImportMode.Incremental, null, false, null);
}

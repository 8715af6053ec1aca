using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
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

    private static ImportRequest Request(string key) => new(key, 1, ImportMode.Incremental, null, false, null);
}

using HokifyMessaging.Contracts;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static HokifyMessaging.Tests.Importing.PlannedImports;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Plans, which are kept for a time only.</summary>
public sealed class AgedPlanTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_that_is_old_enough_goes_and_can_be_applied_no_more()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Retention:Enabled", "true"), new("Hokify:Retention:Plans", "1.00:00:00")]);
        var dry = await setup.ImportAsync(FullDry);
        var job = setup.Services.GetRequiredService<HokifyMessaging.Privacy.RetentionJob>();

        await job.RunAsync(1, isDry: false, day: null, Cancel);
        Assert.NotEqual(0, await setup.QueryAsync(db => db.PlanEntries.CountAsync(Cancel)));
        await setup.ExecuteAsync("UPDATE ImportRun SET PlanKeptSince = '2020-01-01 00:00:00.0000000+00:00'");
        var counted = await job.RunAsync(1, isDry: true, day: null, Cancel);
        var forgotten = await job.RunAsync(1, isDry: false, day: null, Cancel);

        Assert.Equal(counted.Counts.Single(count => count.What == "plans").Due, forgotten.Counts.Single(count => count.What == "plans").Forgotten);
        Assert.Equal(0, await setup.QueryAsync(db => db.PlanEntries.CountAsync(Cancel)));
        Assert.Contains("it was kept long enough", await setup.FailureAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest }), StringComparison.Ordinal);
        var run = await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == dry.RunId, Cancel));
        Assert.Equal((RunState.Completed, null, true), (run.State, run.PlanKeptSince, run.PlanForgottenAt is not null));
    }
}

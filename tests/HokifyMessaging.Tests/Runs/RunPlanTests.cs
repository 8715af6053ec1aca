using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;

namespace HokifyMessaging.Tests.Runs;

/// <summary>How SQLite finds the runs that the sweeper and whoever leaves a scope ask for.</summary>
public sealed class RunPlanTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Completed_runs_that_nobody_may_have_heard_of_are_found_among_these_alone() => Assert.Equal(
        [
            "ImportRun by INDEX IX_ImportRun_Unannounced (State=? AND CompletedAt<?)",
            "ImportRun by INDEX sqlite_autoindex_ImportRun_1 (Id=?)",
        ],
        await PlansAsync(async worker =>
        {
            await worker.Runs.UnannouncedAsync(Cancel);
            await worker.Runs.TakeUnannouncedAsync(Guid.NewGuid(), Cancel);
        }));

    [Fact]
    public async Task Scopes_in_which_a_run_waits_or_is_to_be_resumed_are_found_without_a_look_at_any_run()
    {
        var plans = await PlansAsync(async worker => Assert.Empty(await worker.Turns.ClaimStaleAsync(isQueueEmpty: true, Cancel).ToListAsync(Cancel)));

        Assert.Equal(["ImportRun by COVERING INDEX IX_ImportRun_Turn (ScopeId=? AND State=?)", "Scope by SCAN"], plans);
    }

    private static async Task<List<string>> PlansAsync(Func<ImportWorker, Task> ask)
    {
        await using var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(database.Options, interceptors: plans.Interceptors);
        await worker.RunAsync(_ => Task.CompletedTask);
        plans.Forget();
        await ask(worker);
        return await plans.OfSentAsync(worker);
    }
}

using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>Processes that share a database share the work, and never work on one scope at the same time.</summary>
public sealed class SharedDatabaseTests
{
    private const int Applications = 60;

    private static readonly int[] Scopes = [1, 2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_asked_for_the_same_scopes_at_once_never_overlap()
    {
        await using var site = await StartAsync();
        // A slice ends in the middle of each longer run: that is when another could slip in.
        site.Settings["Hokify:Import:SliceDuration"] = "00:00:01";
        site.Settings["Transport:ConcurrentImports"] = "1";
        var workers = new[] { await site.ServeAsync(), await site.ServeAsync() };
        foreach (var worker in workers)
            await worker.UntilStartedAsync();

        // Each run finds applications that those before it have not: each has something to write.
        var requests = Scopes.SelectMany(scope => new[] { 120, 240, 400 }.Select(days => new ImportRequest(
            $"scope {scope}, {days} days", scope, ImportMode.Incremental, Installation.Today.AddDays(-days).ToUnixTimeSeconds(), false, null)));
        await site.Database.QueueAsync([.. requests]);
        await workers[0].UntilAsync(
            () => site.Database.QueryAsync(db => db.ImportRuns.AllAsync(r => r.State == RunState.Completed, Cancel)), "all runs are completed");

        await NeverOverlapped.AssertAsync(site);
        Assert.All(workers, worker => Assert.Contains(worker.Lines, line => line.Contains("goes on in phase", StringComparison.Ordinal)));
        foreach (var scope in Scopes)
        {
            Assert.Equal(
                site.Sandbox.ApplicationIds(Mandator(scope)).Order(),
                await site.Database.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == scope).Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
        }
    }

    private static async Task<Installation> StartAsync()
    {
        var site = await Installation.StartAsync(Applications, options =>
        {
            foreach (var scope in Scopes.Skip(1))
                options.Mandators.Add(new SandboxMandator(Mandator(scope), "another-token"));
        });
        foreach (var scope in Scopes.Skip(1))
            site.AddScope(scope, Mandator(scope), "another-token");
        site.SlowDown(milliseconds: 100);
        return site;
    }

    private static string Mandator(int scope) => scope == 1 ? "demo" : $"demo{scope}";
}

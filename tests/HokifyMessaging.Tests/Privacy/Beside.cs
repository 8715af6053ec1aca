using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Backups;
using HokifyMessaging.Tests.Writing;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>One part of the job, with something that happens before each of its transactions.</summary>
internal sealed class Beside(ImportWorker worker, Func<Task> happens)
{
    public Beside(BackupSite site, Func<Task> happens)
        : this(site.Worker, happens)
    {
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<RetentionCount> RunAsync(string what)
    {
        var part = worker.Services.GetServices<IRetentionPart>().OfType<AgedPart>().Single(part => part.What == what);
        var errands = worker.Services.GetRequiredService<ScopeErrands>();
        var round = new RetentionRound(worker.ScopeId, worker.Clock.GetUtcNow(), IsDry: false, async write =>
        {
            await happens();
            await errands.BrieflyAsync(worker.ScopeId, write, Cancel);
        });
        return Assert.Single(await part.RunAsync(round, Cancel));
    }
}

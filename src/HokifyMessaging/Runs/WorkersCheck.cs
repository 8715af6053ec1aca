using HokifyMessaging.CheckUp;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>Whether those who work on the database now are of this version.</summary>
internal sealed class WorkersCheck(IDbContextFactory<HokifyDbContext> contexts, DatabaseSchema schema, TimeProvider clock) : ICheck
{
    public string Subject => "workers";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await schema.RequireCurrentAsync(cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset? now = clock.GetUtcNow();
        var held = await db.Scopes.AsNoTracking().Where(s => s.LeaseOwner != null && s.LeaseExpiresAt >= now).OrderBy(s => s.ScopeId).ToListAsync(cancellationToken);
        var workers = held.Select(scope => (scope.ScopeId, Worker: WorkerName.Parse(scope.LeaseOwner!))).ToList();
        foreach (var (scopeId, worker) in workers.Where(work => work.Worker.Version != ProductVersion.Text))
        {
            yield return new Finding(
                Subject,
                Verdict.Wrong,
                $"Scope {scopeId} is being imported by another version of the program ({worker}); this one is {ProductVersion.Text}. Stop that service, or bring it up to date, before both work on one database.");
        }

        if (workers.TrueForAll(work => work.Worker.Version == ProductVersion.Text))
        {
            yield return new Finding(
                Subject,
                Verdict.Ok,
                workers.Count == 0 ? "Nobody imports anything at the moment." : $"At work are {string.Join("; ", workers.Select(work => $"scope {work.ScopeId}: {work.Worker}"))}.");
        }
    }
}

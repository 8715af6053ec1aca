using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The activity logs that wait: records that failed and are tried again.</summary>
internal sealed class RetryLedger(TimeProvider clock)
{
    /// <summary>The entries of a scope that are due and that this run has not tried yet, oldest first.</summary>
    /// <param name="db">The database.</param>
    /// <param name="run">The run that tries them.</param>
    /// <param name="most">How many, at most.</param>
    /// <param name="mostCharacters">How long their records may be together, but for the last one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ActivityLog>> DueAsync(HokifyDbContext db, RunInProgress run, int most, int mostCharacters, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = db.ActivityLogs.AsNoTracking()
            .Where(l => l.ScopeId == run.Request.ScopeId && l.Status == ActivityStatus.Open && l.DueAt <= now && l.LastRunId != run.RunId)
            .OrderBy(l => l.DueAt)
            .ThenBy(l => l.Id)
            .Take(most)
            .AsAsyncEnumerable();
        var entries = new List<ActivityLog>();
        var characters = 0L;
        await foreach (var entry in due.WithCancellation(cancellationToken))
        {
            entries.Add(entry);
            characters += entry.Data!.Length;
            if (characters >= mostCharacters)
            {
                break;
            }
        }

        return entries;
    }

    /// <summary>The entries that wait under any of these references.</summary>
    public static async Task<Dictionary<string, ActivityLog>> WaitingAsync(
        HokifyDbContext db, int scopeId, IEnumerable<string> references, CancellationToken cancellationToken) =>
        await db.ActivityLogs.AsNoTracking()
            .Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked))
            .WithIdIn(db, l => l.ReferenceId, references)
            .ToDictionaryAsync(l => l.ReferenceId, cancellationToken);
}

using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The activity logs that wait: records that failed and are tried again.</summary>
internal sealed class RetryLedger(TimeProvider clock)
{
    /// <summary>
    /// The entries of a scope that are due and that this run has not tried yet, oldest first; before them those for which a ramp has asked for this very run. What a ramp holds back
    /// is due to nobody.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="run">The run that tries them.</param>
    /// <param name="most">How many, at most.</param>
    /// <param name="mostCharacters">How long their records may be together, but for the last one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ActivityLog>> DueAsync(HokifyDbContext db, RunInProgress run, int most, int mostCharacters, CancellationToken cancellationToken)
    {
        if (RetryRamp.StepOf(run.Request.IdempotencyKey) is { } step
            && await FirstAsync(OfStep(Untried(db, run), step).OrderBy(l => l.Id).Take(most), mostCharacters, cancellationToken) is { Count: > 0 } ofRamp)
        {
            return ofRamp;
        }

        var now = clock.GetUtcNow();
        return await FirstAsync(
            Untried(db, run).Where(l => l.Status == ActivityStatus.Open && l.RampId == null && l.DueAt <= now).OrderBy(l => l.DueAt).ThenBy(l => l.Id).Take(most),
            mostCharacters,
            cancellationToken);
    }

    /// <summary>Which of these references, as it stands in the transaction that tries them, are still to be tried: somebody may have parked or dropped one since it was read.</summary>
    public static async Task<IReadOnlySet<string>> ToBeTriedAsync(
        HokifyDbContext db, RunInProgress run, IReadOnlyCollection<string> references, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var step = RetryRamp.StepOf(run.Request.IdempotencyKey);
        var waiting = await db.ActivityLogs.Where(l => l.ScopeId == run.Request.ScopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked))
            .WithIdIn(db, l => l.ReferenceId, references)
            .Select(l => new { l.ReferenceId, l.Status, l.DueAt, l.RampId, l.RampStep })
            .ToListAsync(cancellationToken);
        return waiting
            .Where(l => l.RampId is { } ramp ? step is { } mine && mine == (ramp, l.RampStep ?? 0) : l.Status == ActivityStatus.Open && l.DueAt <= now)
            .Select(l => l.ReferenceId)
            .ToHashSet(StringComparer.Ordinal);
    }

    private static IQueryable<ActivityLog> Untried(HokifyDbContext db, RunInProgress run) =>
        db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == run.Request.ScopeId && l.LastRunId != run.RunId);

    private static IQueryable<ActivityLog> OfStep(IQueryable<ActivityLog> logs, (long RampId, int Step) step) =>
        logs.Where(l => l.RampId == step.RampId && l.RampStep == step.Step && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked));

    private static async Task<IReadOnlyList<ActivityLog>> FirstAsync(IQueryable<ActivityLog> logs, int mostCharacters, CancellationToken cancellationToken)
    {
        var entries = new List<ActivityLog>();
        var characters = 0L;
        await foreach (var entry in logs.AsAsyncEnumerable().WithCancellation(cancellationToken))
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

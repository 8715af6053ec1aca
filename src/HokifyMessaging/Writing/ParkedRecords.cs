using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The records that have been tried so often that they wait for an operator to ask.</summary>
public sealed class ParkedRecords
{
    private readonly IDbContextFactory<HokifyDbContext> _contexts;
    private readonly TransientRetries _retries;
    private readonly TimeProvider _clock;

    internal ParkedRecords(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock) =>
        (_contexts, _retries, _clock) = (contexts, retries, clock);

    /// <summary>
    /// Has the next import of the scope try those again that this run parked or failed to store. They keep their count of
    /// retries: one that fails again is parked again, and does not go through all its pauses a second time.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many there were.</returns>
    public Task<int> ReopenAsync(Guid runId, CancellationToken cancellationToken) => _retries.ExecuteAsync(
        async token =>
        {
            await using var db = await _contexts.CreateDbContextAsync(token);
            DateTimeOffset? now = _clock.GetUtcNow();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var reopened = await db.ActivityLogs
                .Where(l => (l.RunId == runId || l.LastRunId == runId) && l.Status == ActivityStatus.Parked)
                .ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Open).SetProperty(l => l.DueAt, now), token);
            if (reopened > 0)
            {
                await db.Scopes
                    .Where(s => db.ImportRuns.Any(r => r.Id == runId && r.ScopeId == s.ScopeId))
                    .ExecuteUpdateAsync(set => set.SetProperty(s => s.Revision, s => s.Revision + 1), token);
            }

            await transaction.CommitAsync(token);
            return reopened;
        },
        cancellationToken);
}

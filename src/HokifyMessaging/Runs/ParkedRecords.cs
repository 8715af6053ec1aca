using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>The records that have been tried so often that they wait for an operator to ask.</summary>
internal sealed class ParkedRecords(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries)
{
    /// <summary>So many that SQL Server does not lock the table instead of the rows.</summary>
    private const int AtATime = 1_000;

    /// <summary>
    /// Has the next import of the scope try those again that this run parked or failed to store. They keep their count of
    /// retries: one that fails again is parked again, and does not go through all its pauses a second time.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="actor">Who asks; null for the user who has started this process.</param>
    /// <returns>How many there were.</returns>
    public Task<int> ReopenAsync(Guid runId, CancellationToken cancellationToken, Actor? actor = null) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            DateTimeOffset? now = attempt.Begun;
            if (await db.ImportRuns.Where(r => r.Id == runId).Select(r => (int?)r.ScopeId).SingleOrDefaultAsync(token) is not { } scopeId)
            {
                return 0;
            }

            // Whoever writes to the ledger has the scope's row: what is counted is what is changed.
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            await RowLocks.ScopeAsync(db, scopeId, token);
            var ofRun = db.ActivityLogs.Where(l => l.RunId == runId || l.LastRunId == runId);
            var parked = await ofRun.Where(l => l.Status == ActivityStatus.Parked).Select(l => l.Id).ToListAsync(token);
            if (parked.Count == 0 && attempt.IsAgain)
            {
                return await ofRun.CountAsync(l => l.Status == ActivityStatus.Open && l.DueAt == now, token);
            }

            if (parked.Count > 0)
            {
                await db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.Revision, s => s.Revision + 1), token);
            }

            foreach (var ids in parked.Chunk(AtATime))
            {
                await db.ActivityLogs.Where(l => EF.Parameter(ids).Contains(l.Id))
                    .ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Open).SetProperty(l => l.DueAt, now).SetProperty(l => l.RetryInterval, 0), token);
            }

            if (parked.Count > 0)
            {
                db.Audit.Add(AuditEntry.Of(actor ?? Actor.OfUser(), attempt.Begun, Deed.RetryRecords(scopeId, runId, parked.Count)));
                await db.SaveChangesAsync(token);
            }

            await transaction.CommitAsync(token);
            return parked.Count;
        },
        cancellationToken);
}

using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// Locks a row until the caller's transaction ends and reads it, so that what is decided by it still holds when it is written.
/// Nothing is decided by how many rows a statement says it has changed: SQL Server says -1 where somebody has set NOCOUNT, and
/// counts what triggers did. Whoever locks both locks the scope first, then the run.
/// </summary>
internal static class RowLocks
{
    public static async Task<ScopeState> ScopeAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken) =>
        await FindScopeAsync(db, scopeId, cancellationToken) ?? throw new InvalidOperationException(FormattableString.Invariant($"Scope {scopeId} is no longer stored."));

    /// <returns>The scope; null when nobody has imported into it yet.</returns>
    public static async Task<ScopeState?> FindScopeAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken)
    {
        // Whoever has written a row keeps others from writing it.
        await db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.Fence, s => s.Fence), cancellationToken);
        return await db.Scopes.AsNoTracking().SingleOrDefaultAsync(s => s.ScopeId == scopeId, cancellationToken);
    }

    /// <returns>The run, for the caller to change.</returns>
    public static async Task<ImportRun> RunAsync(HokifyDbContext db, Guid runId, CancellationToken cancellationToken) =>
        await FindRunAsync(db, runId, cancellationToken) ?? throw new InvalidOperationException(FormattableString.Invariant($"Run {runId} is no longer stored."));

    /// <returns>The run, for the caller to change; null when there is none.</returns>
    public static async Task<ImportRun?> FindRunAsync(HokifyDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await db.ImportRuns.Where(r => r.Id == runId).ExecuteUpdateAsync(set => set.SetProperty(r => r.Fence, r => r.Fence), cancellationToken);
        return await db.ImportRuns.SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
    }
}

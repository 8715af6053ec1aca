using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>A ramp and its steps.</summary>
/// <param name="Ramp">The ramp.</param>
/// <param name="Steps">Its steps, the first first.</param>
internal sealed record RampView(RetryRamp Ramp, IReadOnlyList<RetryRampStep> Steps);

/// <summary>Tells how ramps stand. Changes nothing.</summary>
internal sealed class RampQueries(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>The newest ramps of some scopes, those that are under way before those that have ended.</summary>
    /// <param name="scopeIds">Of which; null for all.</param>
    /// <param name="limit">How many, at most.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<RetryRamp>> ListAsync(IReadOnlyCollection<int>? scopeIds, int limit, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ramps = db.Ramps.AsNoTracking().Where(r => scopeIds == null || scopeIds.Contains(r.ScopeId));
        return await ramps.OrderBy(r => r.State == RampState.Ended).ThenByDescending(r => r.Id).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>One ramp; null where there is none.</summary>
    public async Task<RampView?> FindAsync(long rampId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Ramps.AsNoTracking().SingleOrDefaultAsync(r => r.Id == rampId, cancellationToken) is { } ramp
            ? new RampView(ramp, await db.RampSteps.AsNoTracking().Where(s => s.RampId == rampId).OrderBy(s => s.Number).ToListAsync(cancellationToken))
            : null;
    }
}

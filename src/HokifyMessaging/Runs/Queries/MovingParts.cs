using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>How things stand, as texts that differ when something has moved.</summary>
/// <param name="OfScopes">By scope.</param>
/// <param name="OfAll">Of what belongs to no scope.</param>
internal sealed record MovingMarks(IReadOnlyDictionary<int, string> OfScopes, string OfAll)
{
    /// <summary>What somebody sees of it.</summary>
    /// <param name="scopes">Who sees these; null for all of them.</param>
    public string Of(IReadOnlyCollection<int>? scopes) =>
        string.Join('\n', OfScopes.Where(scope => scopes is null || scopes.Contains(scope.Key)).OrderBy(scope => scope.Key).Select(scope => scope.Value).Append(OfAll));
}

/// <summary>Tells whether anything has moved since the last look, in a few statements that read what is under way and no more.</summary>
internal sealed class MovingParts(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>More wait only where something is wrong; those behind them move later.</summary>
    private const int Looked = 200;

    public async Task<MovingMarks> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.AsNoTracking().Select(s => new { s.ScopeId, s.Revision, s.Fence, s.LeaseRunId, s.Watermark }).ToListAsync(cancellationToken);
        var open = new List<(int ScopeId, string Mark)>();
        foreach (var state in new[] { RunState.Running, RunState.Interrupted, RunState.Queued, RunState.Failed })
        {
            var runs = await db.ImportRuns.AsNoTracking().Where(r => r.State == state).OrderByDescending(r => r.CreatedAt).Take(Looked)
                .Select(r => new { r.ScopeId, r.Id, r.State, r.Phase, r.Checkpoint, r.NudgedAt, r.CancelRequestedAt, r.Tally }).ToListAsync(cancellationToken);
            open.AddRange(runs.Select(run => (run.ScopeId, string.Create(
                CultureInfo.InvariantCulture, $"{run.Id} {run.State} {run.Phase} {run.Checkpoint} {run.NudgedAt?.UtcTicks} {run.CancelRequestedAt?.UtcTicks} {run.Tally.GetHashCode(StringComparison.Ordinal)}"))));
        }

        var ramps = await db.Ramps.AsNoTracking().Where(r => r.State == RampState.Gathering || r.State == RampState.Climbing || r.State == RampState.Releasing).OrderBy(r => r.Id).Take(Looked)
            .Select(r => new { r.ScopeId, r.Id, r.State, r.Step, r.Size, r.Done, r.Failed, r.Ignored }).ToListAsync(cancellationToken);
        open.AddRange(ramps.Select(ramp => (ramp.ScopeId, string.Create(
            CultureInfo.InvariantCulture, $"ramp {ramp.Id} {ramp.State} {ramp.Step} {ramp.Size} {ramp.Done} {ramp.Failed} {ramp.Ignored}"))));
        var ofScope = open.ToLookup(run => run.ScopeId, run => run.Mark);
        var lastDeed = await db.Audit.MaxAsync(a => (long?)a.Id, cancellationToken);
        return new MovingMarks(
            scopes.ToDictionary(
                scope => scope.ScopeId,
                scope => string.Create(CultureInfo.InvariantCulture, $"{scope.Revision} {scope.Fence} {scope.LeaseRunId} {scope.Watermark?.UtcTicks} {string.Join(' ', ofScope[scope.ScopeId])}")),
            string.Create(CultureInfo.InvariantCulture, $"{lastDeed}"));
    }
}

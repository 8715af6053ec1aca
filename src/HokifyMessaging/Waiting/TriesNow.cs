using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>What became of records that somebody wants tried now.</summary>
/// <param name="Waiting">Of the records.</param>
/// <param name="Refusal">Why no import of one of their scopes could be asked for, as a sentence; null where each scope has one before it.</param>
internal sealed record TriedNow(WaitingOutcome Waiting, string? Refusal);

/// <summary>Has records tried as soon as may be: makes them due, and asks for an import of each of their scopes that has none before it anyway.</summary>
internal sealed class TriesNow(IDbContextFactory<HokifyDbContext> contexts, WaitingChanges changes, ImportRequests requests)
{
    /// <param name="filter">Which.</param>
    /// <param name="actor">Who.</param>
    /// <param name="cancellationToken">Gives up; what is due then stays so, for the next import.</param>
    public async Task<TriedNow> TryAsync(WaitingFilter filter, Actor actor, CancellationToken cancellationToken)
    {
        var scopes = await ScopesAsync(filter, cancellationToken);
        var outcome = await changes.TryNowAsync(filter, actor, cancellationToken);
        string? refusal = null;
        foreach (var scope in outcome.Done > 0 ? scopes : [])
        {
            refusal ??= await AskAsync(scope, actor, cancellationToken);
        }

        return new TriedNow(outcome, refusal);
    }

    private async Task<List<int>> ScopesAsync(WaitingFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await filter.Of(db.ActivityLogs).Select(l => l.ScopeId).Distinct().OrderBy(id => id).ToListAsync(cancellationToken);
    }

    private async Task<string?> AskAsync(int scopeId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // One that has not begun begins with what is due; one that applies a plan does nothing beside it.
        if (await db.ImportRuns.AnyAsync(r => r.ScopeId == scopeId && r.State == RunState.Queued && !r.DryRun && r.PlanDigest == null, cancellationToken))
        {
            return null;
        }

        try
        {
            var request = new HokifyImportRequested { ScopeId = scopeId, RequestedBy = VisibleText.Cut(actor.Name, HokifyDbContext.RequestedByLength) };
            await requests.SubmitAsync(request, place: null, cancellationToken);
            return null;
        }
        catch (RequestRefusedException refused)
        {
            // The records stay due; whoever puts the scope back into the settings has them tried.
            return refused.Message;
        }
    }
}

using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Takes the ids of erased people out of the sentences about records that the runs of a scope have kept and announced. Only runs
/// that keep any are looked at, which an index has; and the sentences are in both texts or in none.
/// </summary>
internal sealed class NamelessRuns(HokifyDbContext db, int scopeId, IReadOnlySet<string> ids)
{
    /// <param name="since">Runs that had ended by then name none of them; null where nobody knows that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many runs have named one of them.</returns>
    public async Task<int> ForgetAsync(DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var changed = await FindAsync(since, cancellationToken);
        foreach (var (id, tally) in changed)
        {
            await ChangeAsync(id, tally, cancellationToken);
        }

        return changed.Count;
    }

    /// <summary>Which runs name one of them, and what they would keep without. Changes nothing.</summary>
    public async Task<IReadOnlyList<Guid>> FindAsync(CancellationToken cancellationToken) => [.. (await FindAsync(since: null, cancellationToken)).Select(run => run.Id)];

    /// <summary>Takes the ids out of what one run keeps, as it is by now.</summary>
    public async Task ForgetAsync(Guid run, CancellationToken cancellationToken)
    {
        if (await db.ImportRuns.Where(r => r.Id == run).Select(r => r.Tally).SingleOrDefaultAsync(cancellationToken) is { } tally)
        {
            await ChangeAsync(run, ImportTally.FromJson(tally).Without(ids).ToJson(), cancellationToken);
        }
    }

    private async Task<List<(Guid Id, string Tally)>> FindAsync(DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var changed = new List<(Guid Id, string Tally)>();
        var kept = db.ImportRuns.AsNoTracking().Where(r => r.ScopeId == scopeId && r.Sentences != null);
        if (since is not null)
        {
            kept = kept.Where(r => r.CompletedAt == null || r.CompletedAt >= since);
        }

        await foreach (var run in kept.Select(r => new { r.Id, r.Tally }).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            // To read all of a tally takes longer than to see that none of them stands anywhere in it.
            if (ids.Count <= FewIds && !ids.Any(id => run.Tally.Contains(id, StringComparison.Ordinal)))
            {
                continue;
            }

            var tally = ImportTally.FromJson(run.Tally);
            if (tally.Without(ids) is var nameless && !ReferenceEquals(nameless, tally))
            {
                changed.Add((run.Id, nameless.ToJson()));
            }
        }

        return changed;
    }

    private async Task ChangeAsync(Guid id, string tally, CancellationToken cancellationToken)
    {
        var stored = await db.ImportRuns.Where(r => r.Id == id).Select(r => r.CompletedEvent).SingleAsync(cancellationToken);
        var nameless = RunStore.EventOf(stored) is { } completed && ImportTally.Without(completed.Result.Exceptions, ids) is { } exceptions
            ? RunStore.TextOf(completed with { Result = completed.Result with { Exceptions = exceptions } })
            : stored;
        await db.ImportRuns.Where(r => r.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Tally, tally).SetProperty(r => r.CompletedEvent, nameless), cancellationToken);
    }

    private const int FewIds = 20;
}

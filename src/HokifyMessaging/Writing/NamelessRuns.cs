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
    /// <returns>How many runs have named one of them.</returns>
    public async Task<int> ForgetAsync(CancellationToken cancellationToken)
    {
        var changed = new List<(Guid Id, string Tally)>();
        var kept = db.ImportRuns.AsNoTracking().Where(r => r.ScopeId == scopeId && r.Sentences != null).Select(r => new { r.Id, r.Tally });
        await foreach (var run in kept.AsAsyncEnumerable().WithCancellation(cancellationToken))
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

        foreach (var (id, tally) in changed)
        {
            var stored = await db.ImportRuns.Where(r => r.Id == id).Select(r => r.CompletedEvent).SingleAsync(cancellationToken);
            var nameless = RunStore.EventOf(stored) is { } completed && ImportTally.Without(completed.Result.Exceptions, ids) is { } exceptions
                ? RunStore.TextOf(completed with { Result = completed.Result with { Exceptions = exceptions } })
                : stored;
            await db.ImportRuns.Where(r => r.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Tally, tally).SetProperty(r => r.CompletedEvent, nameless), cancellationToken);
        }

        return changed.Count;
    }

    private const int FewIds = 20;
}

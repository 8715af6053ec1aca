using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>
/// Finds runs by what somebody has of them: their id or key, or how it begins; the id of an application or person that they could not store at first; words of the reason
/// for which they, or records of theirs, failed. Each way by an index, or through what has failed alone: never through all that was done.
/// </summary>
internal sealed class RunSearch(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>The newest of each way. Who finds more is better served by more of the text.</summary>
    public const int Most = 200;

    /// <summary>Shorter ones are part of nearly every sentence.</summary>
    private const int ShortestWords = 3;

    /// <param name="text">What somebody has.</param>
    /// <param name="scopeIds">Where to look; null for everywhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyCollection<Guid>> FindAsync(string text, IReadOnlyCollection<int>? scopeIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = new HashSet<Guid>();
        var runs = db.ImportRuns.AsNoTracking();
        var records = db.ActivityLogs.AsNoTracking();
        if (scopeIds is not null)
        {
            runs = runs.Where(r => EF.Parameter(scopeIds).Contains(r.ScopeId));
            records = records.Where(l => EF.Parameter(scopeIds).Contains(l.ScopeId));
        }

        if (Guid.TryParse(text, out var id))
        {
            found.UnionWith(await runs.Where(r => r.Id == id).Select(r => r.Id).ToListAsync(cancellationToken));
        }

        // As a range, which an index answers on every server; behind the last text that begins so comes this one.
        var end = text + '\uffff';
#pragma warning disable CA1309 // The database compares keys as its column says: by their codes.
        found.UnionWith(await NewestAsync(runs.Where(r => string.Compare(r.IdempotencyKey, text) >= 0 && string.Compare(r.IdempotencyKey, end) < 0)));
#pragma warning restore CA1309
        foreach (var scope in scopeIds ?? await db.Scopes.Select(s => s.ScopeId).ToListAsync(cancellationToken))
        {
            // The index of what has failed knows the scope first.
            var named = records.Where(l => l.ScopeId == scope && l.LastRunId != null && l.ReferenceId == text);
            foreach (var record in await named.OrderByDescending(l => l.Id).Take(Most).Select(l => new { l.RunId, l.LastRunId }).ToListAsync(cancellationToken))
            {
                found.UnionWith([record.RunId, record.LastRunId!.Value]);
            }
        }

        if (text.Length >= ShortestWords)
        {
            found.UnionWith(await NewestAsync(runs.Where(r => r.Failure != null && r.Failure.Contains(text))));
            found.UnionWith(await records.Where(l => l.LastRunId != null && l.ResultData!.Contains(text)).OrderByDescending(l => l.LastRunId)
                .Select(l => l.LastRunId!.Value).Distinct().Take(Most).ToListAsync(cancellationToken));
        }

        return found;

        Task<List<Guid>> NewestAsync(IQueryable<ImportRun> some) => some.OrderByDescending(r => r.CreatedAt).Take(Most).Select(r => r.Id).ToListAsync(cancellationToken);
    }
}

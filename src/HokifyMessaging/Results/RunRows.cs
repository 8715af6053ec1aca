using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <summary>What a run did, page by page in the order of writing: no connection is open between two pages, and none of them grows with the run.</summary>
/// <param name="db">The database.</param>
/// <param name="runId">The run.</param>
/// <param name="cancellationToken">Gives up reading.</param>
internal sealed class RunRows(HokifyDbContext db, Guid runId, CancellationToken cancellationToken)
{
    /// <summary>How many rows one query reads.</summary>
    public const int PageSize = 500;

    /// <summary>The rows of one element that the run changed, in the order in which it did, each once and with all that it did to it.</summary>
    public async IAsyncEnumerable<IReadOnlyList<(long ElementId, IReadOnlyList<ActivityLog> Logs)>> TouchedAsync(string element)
    {
        var (last, count) = (0L, PageSize);
        while (count == PageSize)
        {
            var touched = await db.ActivityLogs.AsNoTracking()
                .Where(l => l.RunId == runId && l.Id > last && l.ElementName == element && l.ElementId != null && l.Status == ActivityStatus.Done)
                .OrderBy(l => l.Id)
                .Take(PageSize)
                .Select(l => new { l.Id, ElementId = l.ElementId!.Value })
                .ToListAsync(cancellationToken);
            var logs = await LogsOfAsync(element, touched.Select(t => t.ElementId));

            // What the run touched twice stands where it touched it first, perhaps on an earlier page.
            yield return [.. touched
                .Where(t => logs[t.ElementId].First(l => l.Status == ActivityStatus.Done).Id == t.Id)
                .Select(t => (t.ElementId, (IReadOnlyList<ActivityLog>)[.. logs[t.ElementId]]))];
            (last, count) = (touched.Count == 0 ? last : touched[^1].Id, touched.Count);
        }
    }

    /// <summary>Which of these rows of one element the run changed.</summary>
    public async Task<IReadOnlySet<long>> ChangedAsync(string element, IEnumerable<long> elementIds) =>
        (await LogsOfAsync(element, elementIds)).Where(logs => logs.Any(l => l.Status == ActivityStatus.Done)).Select(logs => logs.Key).ToHashSet();

    /// <summary>All that the run wrote down, and what an earlier run had written down and this one tried again.</summary>
    /// <param name="onlyLedger">Leaves out the changes that were made.</param>
    public async IAsyncEnumerable<IReadOnlyList<ActivityLog>> LogsAsync(bool onlyLedger = false)
    {
        await foreach (var page in PagesAsync(logs => onlyLedger
            ? logs.Where(l => l.RunId == runId && l.Status != ActivityStatus.Done)
            : logs.Where(l => l.RunId == runId)))
        {
            yield return page;
        }

        await foreach (var page in PagesAsync(logs => logs.Where(l => l.LastRunId == runId && l.RunId != runId)))
        {
            yield return page;
        }
    }

    private async Task<ILookup<long, ActivityLog>> LogsOfAsync(string element, IEnumerable<long> elementIds)
    {
        var ids = elementIds.Distinct().ToList();

        // The run is compared through an expression, which no index has: SQLite would take the index on the run for the
        // better one, and look through all of the run's logs for each page.
        return (await db.ActivityLogs.AsNoTracking()
            .Where(l => l.ElementName == element && EF.Parameter(ids).Contains(l.ElementId!.Value)
                && (l.ElementId == null ? Guid.Empty : l.RunId) == runId)
            .OrderBy(l => l.Id)
            .ToListAsync(cancellationToken))
            .ToLookup(l => l.ElementId!.Value);
    }

    private async IAsyncEnumerable<IReadOnlyList<ActivityLog>> PagesAsync(Func<IQueryable<ActivityLog>, IQueryable<ActivityLog>> those)
    {
        var (last, count) = (0L, PageSize);
        while (count == PageSize)
        {
            var page = await those(db.ActivityLogs.AsNoTracking()).Where(l => l.Id > last)
                .OrderBy(l => l.Id).Take(PageSize).ToListAsync(cancellationToken);
            yield return page;
            (last, count) = (page.Count == 0 ? last : page[^1].Id, page.Count);
        }
    }
}

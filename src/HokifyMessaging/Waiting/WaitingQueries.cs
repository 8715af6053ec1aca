using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>Looks at the records that wait. Changes nothing.</summary>
internal sealed class WaitingQueries(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>So many groups are told; whoever has more has another worry.</summary>
    public const int MostGroups = 200;

    /// <summary>The longest page.</summary>
    public const int LongestPage = 200;

    /// <summary>What waits, by scope, cause, field and state; the greatest group first.</summary>
    public async Task<IReadOnlyList<WaitingGroup>> GroupsAsync(WaitingFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var groups = await filter.Of(db.ActivityLogs)
            .GroupBy(l => new { l.ScopeId, l.Cause, l.Field, l.Status })
            .Select(of => new
            {
                of.Key,
                Count = of.Count(),
                InRamp = of.Count(l => l.RampId != null),
                Oldest = of.Min(l => l.Date),
                NextDue = of.Min(l => l.DueAt),
                First = of.Min(l => l.Id),
            })
            .OrderByDescending(of => of.Count).ThenBy(of => of.First)
            .Take(MostGroups)
            .ToListAsync(cancellationToken);
        var examples = (await Lookups.ListAsync(groups.Select(of => of.First), some => db.ActivityLogs.Where(l => some.Contains(l.Id)).Select(l => new { l.Id, l.ResultData }), cancellationToken))
            .ToDictionary(l => l.Id, l => l.ResultData);
        return
        [
            .. groups.Select(of => new WaitingGroup(
                of.Key.ScopeId, of.Key.Status, of.Key.Cause, of.Key.Field, of.Count, of.InRamp, of.Oldest, of.NextDue, examples.GetValueOrDefault(of.First))),
        ];
    }

    /// <summary>How many wait that meet a filter.</summary>
    public async Task<int> CountAsync(WaitingFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await filter.Of(db.ActivityLogs).CountAsync(cancellationToken);
    }

    /// <summary>A page of what waits, the oldest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="behind">Behind which; null from the first on.</param>
    /// <param name="limit">How many, at most.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<WaitingPage> ListAsync(WaitingFilter filter, WaitingPosition? behind, int limit, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var all = filter.Of(db.ActivityLogs);
        var some = behind is null ? all : all.Where(l => l.Date > behind.Since || (l.Date == behind.Since && l.Id > behind.Id));

        // Which they are the index says; the rows, whose records are long, are read of these alone.
        var ids = await some.OrderBy(l => l.Date).ThenBy(l => l.Id).Take(Math.Clamp(limit, 1, LongestPage) + 1).Select(l => l.Id).ToListAsync(cancellationToken);
        var isCut = ids.Count > limit;
        var entries = await Lookups.ListAsync(
            ids.Take(limit),
            page => db.ActivityLogs.Where(l => page.Contains(l.Id)).Select(l => new WaitingEntry(
                l.Id, l.ScopeId, l.ReferenceId, l.ElementName, l.Status, l.Cause, l.Field, l.ResultData, l.RetryCount, l.Date, l.DateExecuted, l.DueAt, l.LastRunId, l.RampId)),
            cancellationToken);
        entries = [.. entries.OrderBy(entry => entry.Since).ThenBy(entry => entry.Id)];
        return new WaitingPage(entries, await all.CountAsync(cancellationToken), isCut && entries is [.., var last] ? new WaitingPosition(last.Since, last.Id) : null);
    }
}

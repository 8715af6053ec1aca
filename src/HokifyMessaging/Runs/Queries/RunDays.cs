using HokifyMessaging.Machine;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>How the runs of a day have ended.</summary>
/// <param name="Day">The day, of the zone that was asked for.</param>
/// <param name="Good">Completed without a failure.</param>
/// <param name="WithErrors">Completed, with records that could not be stored.</param>
/// <param name="Failed">Failed as a whole.</param>
/// <param name="Cancelled">Cancelled.</param>
/// <param name="Open">Not ended yet.</param>
internal sealed record RunDay(DateOnly Day, int Good, int WithErrors, int Failed, int Cancelled, int Open)
{
    public int All => Good + WithErrors + Failed + Cancelled + Open;
}

/// <summary>Counts runs day by day. Each day is one statement that reads a piece of an index: a database has no time zones, and days begin at no round hour.</summary>
internal sealed class RunDays(IDbContextFactory<HokifyDbContext> contexts, TimeProvider clock)
{
    public const int HowMany = 30;

    /// <summary>The last days, the oldest first.</summary>
    /// <param name="scopeIds">Of which scopes; null for all of them.</param>
    /// <param name="zone">Whose days.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<RunDay>> LastAsync(IReadOnlyCollection<int>? scopeIds, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var today = LocalDays.DayOf(clock.GetUtcNow(), zone);
        var days = new List<RunDay>(HowMany);
        for (var day = today.AddDays(1 - HowMany); day <= today; day = day.AddDays(1))
        {
            days.Add(await OfAsync(db, day, LocalDays.EndOf(day.AddDays(-1), zone), LocalDays.EndOf(day, zone), scopeIds, cancellationToken));
        }

        return days;
    }

    private static async Task<RunDay> OfAsync(HokifyDbContext db, DateOnly day, DateTimeOffset from, DateTimeOffset to, IReadOnlyCollection<int>? scopeIds, CancellationToken cancellationToken)
    {
        var runs = db.ImportRuns.Where(r => r.CreatedAt >= from && r.CreatedAt < to);
        if (scopeIds is not null)
        {
            runs = runs.Where(r => EF.Parameter(scopeIds).Contains(r.ScopeId));
        }

        var counts = await runs.GroupBy(r => new { r.State, HasErrors = r.Sentences != null })
            .Select(some => new { some.Key.State, some.Key.HasErrors, Count = some.Count() }).ToListAsync(cancellationToken);
        return new RunDay(
            day,
            counts.Where(c => c is { State: RunState.Completed, HasErrors: false }).Sum(c => c.Count),
            counts.Where(c => c is { State: RunState.Completed, HasErrors: true }).Sum(c => c.Count),
            counts.Where(c => c.State == RunState.Failed).Sum(c => c.Count),
            counts.Where(c => c.State == RunState.Cancelled).Sum(c => c.Count),
            counts.Where(c => c.State is RunState.Queued or RunState.Running or RunState.Interrupted).Sum(c => c.Count));
    }
}

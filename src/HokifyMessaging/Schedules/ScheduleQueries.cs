using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Schedules;

/// <summary>How a schedule stands.</summary>
/// <param name="ScopeId">Its scope.</param>
/// <param name="Name">Its name.</param>
/// <param name="Cron">Its times.</param>
/// <param name="TimeZone">By which clock.</param>
/// <param name="Mode">What is imported.</param>
/// <param name="Overlap">What becomes of a time at which the scope is at work.</param>
/// <param name="Missed">What becomes of times at which no service ran.</param>
/// <param name="LastTime">Its last time about which something was decided; null before the first.</param>
/// <param name="LastOutcome">What became of it.</param>
/// <param name="LastSuccess">When an import of the scope last ended well; null where none did.</param>
/// <param name="IsOverdue">Whether two of its times have passed since without one.</param>
/// <param name="PausedAt">When it was paused; null while it is not.</param>
/// <param name="PausedBy">Who has paused it.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="Next">Its next times.</param>
internal sealed record ScheduleStanding(
    int ScopeId,
    string Name,
    string Cron,
    string TimeZone,
    ImportMode Mode,
    ScheduleOverlap Overlap,
    ScheduleMissed Missed,
    DateTimeOffset? LastTime,
    ScheduleOutcome? LastOutcome,
    DateTimeOffset? LastSuccess,
    bool IsOverdue,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    string? PauseReason,
    IReadOnlyList<ScheduledTime> Next);

/// <summary>Tells how schedules stand. Changes nothing.</summary>
internal sealed class ScheduleQueries(ScheduleBook book, IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options, TimeProvider clock)
{
    private const int HowMany = 5;

    /// <param name="scopeId">Of this scope alone; null for all.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<ScheduleStanding>> ListAsync(int? scopeId, CancellationToken cancellationToken)
    {
        var states = (await book.ListAsync(cancellationToken)).ToDictionary(s => (s.ScopeId, s.Name));
        var scopes = options.Value.Scopes.Where(scope => scope.Value.Schedules.Count > 0 && (scopeId is null || scope.Key == scopeId)).OrderBy(scope => scope.Key).ToList();
        var standings = new List<ScheduleStanding>();
        foreach (var (id, scope) in scopes)
        {
            var success = await LastSuccessAsync(id, cancellationToken);
            standings.AddRange(scope.Schedules.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => Of(id, one.Key, one.Value, states.GetValueOrDefault((id, one.Key)), success)));
        }

        return standings;
    }

    private ScheduleStanding Of(int scopeId, string name, ScheduleOptions schedule, ScheduleState? state, DateTimeOffset? success)
    {
        var (times, now) = (ScheduleTimes.Of(schedule), clock.GetUtcNow());
        return new ScheduleStanding(
            scopeId,
            name,
            schedule.Cron,
            schedule.TimeZone,
            schedule.Mode,
            schedule.Overlap,
            schedule.Missed,
            state is { Outcome: not null } ? state.LastInstant : null,
            state?.Outcome,
            success,
            state is { PausedAt: null, FirstSeenAt: var seen } && IsOverdue(times, seen, success, now),
            state?.PausedAt,
            state?.PausedBy,
            state?.PauseReason,
            times.Upcoming(now, HowMany));
    }

    /// <summary>One time may have been left out, or its import be under way; when the one after it has brought nothing either, something is wrong.</summary>
    internal static bool IsOverdue(ScheduleTimes times, DateTimeOffset since, DateTimeOffset? success, DateTimeOffset now)
    {
        var from = success > since ? success.Value : since;
        return times.Next(from) is { } first && times.Next(first) is { } second && second + ScheduleDecision.Grace < now;
    }

    private async Task<DateTimeOffset?> LastSuccessAsync(int scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ImportRuns.Where(r => r.ScopeId == scopeId && r.State == RunState.Completed && !r.DryRun)
            .OrderByDescending(r => r.CreatedAt).Select(r => r.CompletedAt).FirstOrDefaultAsync(cancellationToken);
    }
}

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
/// <param name="Origin">Where it says what it says.</param>
/// <param name="ChangedAt">When somebody has added it or last changed it; null where it stands in the settings.</param>
/// <param name="ChangedBy">Who has.</param>
/// <param name="Problem">What keeps it from bringing imports, in one sentence; null for nothing.</param>
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
    IReadOnlyList<ScheduledTime> Next,
    ScheduleOrigin Origin,
    DateTimeOffset? ChangedAt,
    string? ChangedBy,
    string? Problem);

/// <summary>Tells how schedules stand. Changes nothing.</summary>
internal sealed class ScheduleQueries(ScheduleBook book, KnownSchedules known, IDbContextFactory<HokifyDbContext> contexts, TimeProvider clock)
{
    private const int HowMany = 5;

    /// <param name="scopeId">Of this scope alone; null for all.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<ScheduleStanding>> ListAsync(int? scopeId, CancellationToken cancellationToken)
    {
        var states = (await book.ListAsync(cancellationToken)).ToDictionary(s => (s.ScopeId, s.Name));
        var standings = new List<ScheduleStanding>();
        foreach (var scope in known.Among(states.Values).Where(one => scopeId is null || one.ScopeId == scopeId).GroupBy(one => one.ScopeId).OrderBy(scope => scope.Key))
        {
            var success = await LastSuccessAsync(scope.Key, cancellationToken);
            standings.AddRange(scope.OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => Of(one, states.GetValueOrDefault((one.ScopeId, one.Name)), success)));
        }

        return standings;
    }

    private ScheduleStanding Of(KnownSchedule one, ScheduleState? state, DateTimeOffset? success)
    {
        var (schedule, problem, now) = (one.Schedule, one.Problem, clock.GetUtcNow());
        var times = problem is null ? ScheduleTimes.Of(schedule) : null;
        var isStored = one.Origin == ScheduleOrigin.Stored;
        return new ScheduleStanding(
            one.ScopeId,
            one.Name,
            schedule.Cron,
            schedule.TimeZone,
            schedule.Mode,
            schedule.Overlap,
            schedule.Missed,
            state is { Outcome: not null } ? state.LastInstant : null,
            state?.Outcome,
            success,
            times is not null && state is { PausedAt: null, FirstSeenAt: var seen } && IsOverdue(times, seen, success, now),
            state?.PausedAt,
            state?.PausedBy,
            state?.PauseReason,
            times?.Upcoming(now, HowMany) ?? [],
            one.Origin,
            isStored ? state?.ChangedAt : null,
            isStored ? state?.ChangedBy : null,
            problem);
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

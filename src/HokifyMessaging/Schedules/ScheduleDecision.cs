using HokifyMessaging.Storage;

namespace HokifyMessaging.Schedules;

/// <summary>How a schedule stands when somebody looks at it.</summary>
/// <param name="LastInstant">Behind which its times count: the last about which something was decided, or when it was resumed or changed since.</param>
/// <param name="IsPaused">Whether somebody has paused it.</param>
/// <param name="IsScopeAtWork">Whether an import of the scope is under way or waits.</param>
internal readonly record struct ScheduleSituation(DateTimeOffset LastInstant, bool IsPaused, bool IsScopeAtWork);

/// <summary>What is to become of a scheduled time.</summary>
/// <param name="Instant">The time; of several that have passed the last one stands for all.</param>
/// <param name="Outcome">What becomes of it.</param>
internal sealed record ScheduleDecision(DateTimeOffset Instant, ScheduleOutcome Outcome)
{
    /// <summary>So late it is still on time: services start, databases fail over.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <returns>Null where no time has come.</returns>
    public static ScheduleDecision? Of(ScheduleOptions schedule, ScheduleTimes times, ScheduleSituation situation, DateTimeOffset now)
    {
        if (times.Last(situation.LastInstant, now) is not { } due)
        {
            return null;
        }

        var outcome = situation.IsPaused ? ScheduleOutcome.Paused
            : schedule.Missed == ScheduleMissed.None && now - due > Grace ? ScheduleOutcome.Missed
            : schedule.Overlap == ScheduleOverlap.Skip && situation.IsScopeAtWork ? ScheduleOutcome.Skipped
            : ScheduleOutcome.Starting;
        return new ScheduleDecision(due, outcome);
    }
}

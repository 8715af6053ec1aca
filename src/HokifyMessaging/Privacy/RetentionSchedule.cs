using HokifyMessaging.Machine;

namespace HokifyMessaging.Privacy;

/// <summary>
/// When the daily job is to be done: once for each day of the calendar, whatever the clocks do. A time that a day does not have, because the clocks are put forward, is the
/// first instant behind the gap; one that it has twice is the first of the two.
/// </summary>
internal sealed class RetentionSchedule(TimeSpan at, TimeZoneInfo zone)
{
    /// <summary>The last day whose time has come.</summary>
    public DateOnly LastDay(DateTimeOffset now)
    {
        var today = LocalDays.DayOf(now, zone);
        return InstantOf(today) <= now ? today : today.AddDays(-1);
    }

    /// <summary>Whether the job is still to be done for a day whose time has come.</summary>
    /// <param name="done">The last day for which it was done; null where it never was.</param>
    /// <param name="now">The time.</param>
    public bool IsDue(DateOnly? done, DateTimeOffset now) => done is null || done < LastDay(now);

    /// <summary>The next instant at which the time of a day comes.</summary>
    public DateTimeOffset Next(DateTimeOffset now) => InstantOf(LastDay(now).AddDays(1));

    private DateTimeOffset InstantOf(DateOnly day) => LocalDays.InstantOf(day.ToDateTime(TimeOnly.MinValue) + at, zone);
}

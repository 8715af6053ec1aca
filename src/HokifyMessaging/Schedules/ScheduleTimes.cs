using Cronos;

namespace HokifyMessaging.Schedules;

/// <summary>What the clock does at a scheduled time.</summary>
internal enum ClockChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The time that is meant does not exist on that day, and the first behind the gap is taken.</summary>
    Skipped,

    /// <summary>The time that is meant comes twice on that day.</summary>
    Twice,
}

/// <summary>A time at which an import is to begin.</summary>
/// <param name="At">When, with the offset of the schedule's clock then.</param>
/// <param name="Change">What the clock does then.</param>
internal sealed record ScheduledTime(DateTimeOffset At, ClockChange Change);

/// <summary>The times of a schedule.</summary>
internal sealed class ScheduleTimes
{
    /// <summary>How far one looks back for the last time, step by step: often it is near, and those in between are walked through.</summary>
    private static readonly TimeSpan[] LooksBack = [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(32), TimeSpan.FromDays(367), TimeSpan.FromDays(10 * 366)];

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;

    private ScheduleTimes(CronExpression cron, TimeZoneInfo zone) => (_cron, _zone) = (cron, zone);

    /// <summary>Reads a schedule that the start has checked.</summary>
    public static ScheduleTimes Of(ScheduleOptions schedule) =>
        new(Read(schedule.Cron) ?? throw new ArgumentException($"'{schedule.Cron}' is no cron expression.", nameof(schedule)), TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone));

    /// <summary>Whether it is a cron expression of five fields that ever comes.</summary>
    public static bool IsGood(string cron) => Read(cron) is { } expression && expression.GetNextOccurrence(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is not null;

    /// <summary>The next time behind an instant; null where none comes.</summary>
    public DateTimeOffset? Next(DateTimeOffset behind) => _cron.GetNextOccurrence(behind, _zone);

    /// <summary>The last time that lies behind one instant and not behind another; null where there is none in between.</summary>
    public DateTimeOffset? Last(DateTimeOffset behind, DateTimeOffset until)
    {
        foreach (var back in LooksBack)
        {
            var from = until - back < behind ? behind : until - back;
            DateTimeOffset? last = null;
            for (var next = Next(from); next <= until; next = Next(next.Value))
            {
                last = next;
            }

            if (last is not null || from == behind)
            {
                return last;
            }
        }

        return null;
    }

    /// <summary>The next times behind an instant.</summary>
    public IReadOnlyList<ScheduledTime> Upcoming(DateTimeOffset behind, int count)
    {
        var times = new List<ScheduledTime>();
        for (var next = Next(behind); next is { } at && times.Count < count; next = Next(at))
        {
            times.Add(new ScheduledTime(at, ChangeAt(at)));
        }

        return times;
    }

    /// <summary>A time by which the clock on the wall does not go as it is written was moved behind a gap.</summary>
    private ClockChange ChangeAt(DateTimeOffset at)
    {
        var wall = DateTime.SpecifyKind(at.DateTime, DateTimeKind.Utc);
        return _cron.GetNextOccurrence(wall, inclusive: true) != wall ? ClockChange.Skipped
            : _zone.IsAmbiguousTime(at.DateTime) ? ClockChange.Twice
            : ClockChange.None;
    }

    private static CronExpression? Read(string cron)
    {
        try
        {
            return CronExpression.Parse(cron);
        }
        catch (CronFormatException)
        {
            return null;
        }
    }
}

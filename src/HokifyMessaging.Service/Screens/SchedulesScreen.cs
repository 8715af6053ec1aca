using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>When scopes are imported by themselves, and what became of it.</summary>
internal static class SchedulesScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyList<ScheduleStanding> schedules)
    {
        if (schedules.Count == 0)
        {
            screen.Say("No schedule is set. Hokify:Scopes:1:Schedules:nightly:Cron would have one: '30 2 * * *' imports scope 1 each night. 'hokify schedules add' adds one while the service runs.");
            return;
        }

        var listing = new Listing(new("scope"), new("schedule"), new("times"), new("zone", MayMove: true), new("mode"), new("last time"), new("became"));
        foreach (var schedule in schedules)
        {
            listing.Add(
                [
                    ShownValue.Of(schedule.ScopeId),
                    schedule.Name,
                    schedule.Cron,
                    schedule.TimeZone,
                    $"{schedule.Mode}",
                    schedule.LastTime is null ? "none yet" : ShownValue.Of(schedule.LastTime),
                    Became(schedule.LastOutcome),
                ],
                new("from", schedule.Origin == ScheduleOrigin.Settings ? "the settings" : $"{schedule.ChangedBy}, at {ShownValue.Of(schedule.ChangedAt)}"),
                new("unusable", schedule.Problem),
                new("next", schedule.Next.Count == 0 ? "never" : string.Join(", ", schedule.Next.Select(Time))),
                new("paused", Paused(schedule)),
                new("overdue", schedule.IsOverdue ? $"two of its times have passed without an import of the scope that ended well; the last ended {(schedule.LastSuccess is { } last ? ShownValue.Of(last) : "never")}" : null));
        }

        listing.Write(screen);
    }

    private static string? Paused(ScheduleStanding schedule) => schedule.PausedAt is { } at
        ? $"since {ShownValue.Of(at)} by {schedule.PausedBy}{(schedule.PauseReason is { } reason ? $": {reason}" : "")}"
        : null;

    /// <summary>By the clock that the schedule goes by, as the settings have it.</summary>
    private static string Time(ScheduledTime time) => time.At.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture) + time.Change switch
    {
        ClockChange.Skipped => " (later: the clock skips the hour)",
        ClockChange.Twice => " (the clock has that hour twice)",
        _ => "",
    };

    private static string Became(ScheduleOutcome? outcome) => outcome switch
    {
        null => "",
        ScheduleOutcome.Starting => "being asked for",
        ScheduleOutcome.Started => "asked for",
        ScheduleOutcome.Refused => "refused; see the log",
        ScheduleOutcome.Skipped => "left out, the scope was at work",
        ScheduleOutcome.Missed => "left out, no service ran",
        ScheduleOutcome.Paused => "left out, paused",
        var other => throw new ArgumentOutOfRangeException(nameof(outcome), other, "There is no such outcome."),
    };
}

using System.Text.RegularExpressions;
using HokifyMessaging.Machine;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Schedules;

/// <summary>What is wrong with the settings of schedules, one sentence each.</summary>
internal static partial class ScheduleSettings
{
    public static IEnumerable<string> Problems(string place, IReadOnlyDictionary<string, ScheduleOptions> schedules)
    {
        foreach (var (name, schedule) in schedules)
        {
            if (!Name().IsMatch(name) || name.Length > ScheduleState.NameLength)
            {
                yield return $"{place} has '{VisibleText.Of(name)}'; the name of a schedule must be made of letters, digits and '-', at most {ScheduleState.NameLength}, such as nightly.";
            }

            if (!ScheduleTimes.IsGood(schedule.Cron))
            {
                yield return $"{place}:{name}:Cron is '{VisibleText.Of(schedule.Cron)}'; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week) that comes at some time, such as 30 2 * * *.";
            }

            if (KnownTimeZone.Problem(schedule.TimeZone, $"{place}:{name}:TimeZone") is { } zone)
            {
                yield return zone;
            }

            foreach (var (setting, value, isDefined, names) in new[]
            {
                (nameof(schedule.Mode), $"{schedule.Mode}", Enum.IsDefined(schedule.Mode), "Incremental or Full"),
                (nameof(schedule.Overlap), $"{schedule.Overlap}", Enum.IsDefined(schedule.Overlap), "Skip or Queue"),
                (nameof(schedule.Missed), $"{schedule.Missed}", Enum.IsDefined(schedule.Missed), "Once or None"),
            })
            {
                if (!isDefined)
                {
                    yield return $"{place}:{name}:{setting} is {value}; it must be {names}.";
                }
            }
        }
    }

    [GeneratedRegex("^[A-Za-z0-9-]+$")]
    private static partial Regex Name();
}

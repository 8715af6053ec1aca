using System.Text.RegularExpressions;
using HokifyMessaging.Machine;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Schedules;

/// <summary>What is wrong with the settings of schedules, one sentence each.</summary>
internal static partial class ScheduleSettings
{
    public static IEnumerable<string> Problems(string place, IReadOnlyDictionary<string, ScheduleOptions> schedules) => schedules.SelectMany(one =>
        NameProblem(one.Key) is { } problem ? Problems(one.Value, setting => $"{place}:{one.Key}:{setting}").Prepend($"{place} has '{VisibleText.Of(one.Key)}'; {problem}.")
        : Problems(one.Value, setting => $"{place}:{one.Key}:{setting}"));

    /// <summary>What is wrong with a name, as the rest of a sentence; null for nothing.</summary>
    public static string? NameProblem(string name) => Name().IsMatch(name) && name.Length <= ScheduleState.NameLength
        ? null
        : $"the name of a schedule must be made of letters, digits and '-', at most {ScheduleState.NameLength}, such as nightly";

    /// <param name="schedule">What it says.</param>
    /// <param name="placeOf">Where each of its settings stands, for whoever has to change it.</param>
    public static IEnumerable<string> Problems(ScheduleOptions schedule, Func<string, string> placeOf)
    {
        if (!ScheduleTimes.IsGood(schedule.Cron))
        {
            yield return $"{placeOf(nameof(schedule.Cron))} is '{VisibleText.Of(schedule.Cron)}'; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week) that comes at some time, such as 30 2 * * *.";
        }

        if (KnownTimeZone.Problem(schedule.TimeZone, placeOf(nameof(schedule.TimeZone))) is { } zone)
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
                yield return $"{placeOf(setting)} is {value}; it must be {names}.";
            }
        }
    }

    [GeneratedRegex("^[A-Za-z0-9-]+\\z")]
    private static partial Regex Name();
}

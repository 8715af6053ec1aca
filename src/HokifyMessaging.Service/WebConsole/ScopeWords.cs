using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>What is said of scopes: what was read, and when they are read by themselves.</summary>
internal static class ScopeWords
{
    public static string State(Words t, SpanState state) => state switch
    {
        SpanState.Read => t["read to the end", "zu Ende gelesen"],
        SpanState.Hole => t["hole", "Lücke"],
        SpanState.UnderWay => t["being read", "wird gelesen"],
        _ => t["not read yet", "noch nicht gelesen"],
    };

    public static string Tone(SpanState state) => state switch
    {
        SpanState.Read => "good",
        SpanState.Hole => "bad",
        SpanState.UnderWay => "busy",
        _ => "off",
    };

    public static string Why(Words t, HoleWhy why) => why switch
    {
        HoleWhy.Failed => t["the run that read it failed", "der Lauf, der das gelesen hat, ist fehlgeschlagen"],
        HoleWhy.Resuming => t["the run that read it failed, and goes on by itself", "der Lauf, der das gelesen hat, ist fehlgeschlagen und macht von selbst weiter"],
        HoleWhy.Cancelled => t["the run that read it was cancelled", "der Lauf, der das gelesen hat, wurde abgebrochen"],
        HoleWhy.CutOff => t["the source had more than the run could read", "die Quelle hatte mehr, als der Lauf lesen konnte"],
        HoleWhy.Jumped => t["a run was asked to begin behind it", "ein Lauf sollte erst dahinter beginnen"],
        HoleWhy.MovedByHand => t["somebody has moved the watermark past it", "jemand hat den Lesestand darüber hinweg gesetzt"],
        _ => t["it was read from another source than the present one", "es wurde aus einer anderen Quelle gelesen als der jetzigen"],
    };

    public static string Mode(Words t, ImportMode mode) => mode == ImportMode.Full ? t["full", "voll"] : t["incremental", "inkrementell"];

    public static string Became(Words t, ScheduleOutcome? outcome) => outcome switch
    {
        null => t["none yet", "noch keiner"],
        ScheduleOutcome.Starting => t["being asked for", "wird angefragt"],
        ScheduleOutcome.Started => t["asked for", "angefragt"],
        ScheduleOutcome.Refused => t["refused; the log says why", "abgelehnt; warum, sagt das Protokoll des Dienstes"],
        ScheduleOutcome.Skipped => t["left out, the scope was at work", "ausgelassen, es wurde gerade importiert"],
        ScheduleOutcome.Missed => t["left out, no service ran", "ausgelassen, kein Dienst lief"],
        _ => t["left out, paused", "ausgelassen, angehalten"],
    };

    /// <summary>By the clock that the schedule goes by, with a word where that clock changes.</summary>
    public static string Next(Words t, ScheduledTime time) => time.At.ToString(t["ddd d MMM yyyy HH:mm zzz", "ddd dd.MM.yyyy HH:mm zzz"], t.Culture) + time.Change switch
    {
        ClockChange.Skipped => t[" (later: the clock skips the hour)", " (später: Die Uhr überspringt diese Stunde)"],
        ClockChange.Twice => t[" (the clock has that hour twice)", " (die Uhr hat diese Stunde zweimal)"],
        _ => "",
    };
}

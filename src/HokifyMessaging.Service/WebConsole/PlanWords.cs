using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>What is said of plans.</summary>
internal static class PlanWords
{
    /// <summary>A page has room for few long texts; the whole value is over HTTP and in the command.</summary>
    private const int LongestValue = 160;

    public static string Change(Words t, PlannedChange change) => change switch
    {
        PlannedChange.Created => t["create", "anlegen"],
        PlannedChange.Updated => t["update", "ändern"],
        PlannedChange.Deleted => t["delete", "löschen"],
        PlannedChange.Erased => t["erase the person", "Person löschen"],
        PlannedChange.Refused => t["refuse", "ablehnen"],
        _ => t["confirm", "bestätigen"],
    };

    /// <summary>The class of the style sheet: colour is never the only sign, the word stands beside it.</summary>
    public static string Tone(PlannedChange change) => change switch
    {
        PlannedChange.Created => "good",
        PlannedChange.Updated => "busy",
        PlannedChange.Refused => "warn",
        _ => "bad",
    };

    public static string Element(Words t, string name) => name switch
    {
        "Candidate" => t["person", "Person"],
        "CandidateProfile" => t["application", "Bewerbung"],
        _ => t["record", "Datensatz"],
    };

    public static string? Difference(Words t, string? difference) => difference switch
    {
        nameof(PlanDifference.Added) => t["The plan that was to be applied does not have this.", "Der Plan, der ausgeführt werden sollte, hat das nicht."],
        nameof(PlanDifference.Changed) => t["The plan that was to be applied has this otherwise.", "Der Plan, der ausgeführt werden sollte, hat das anders."],
        nameof(PlanDifference.Gone) => t["Only the plan that was to be applied has this.", "Nur der Plan, der ausgeführt werden sollte, hat das."],
        nameof(PlanDifference.Moved) => t["It had changed when it was to be written, and was left.", "Es hatte sich geändert, als es geschrieben werden sollte, und wurde gelassen."],
        _ => null,
    };

    public static string Value(string? value) => value is null ? "–" : VisibleText.Of(value.ReplaceLineEndings(" \u21B5 "), LongestValue);

    public static string Counts(Words t, PlanView plan) => string.Join(" · ", plan.Counts.Select(count => $"{Change(t, count.Change)}: {t.Number(count.Number)} {RunWords.Element(t, count.ElementName)}"));
}

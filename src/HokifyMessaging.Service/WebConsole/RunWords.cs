using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>What is said of runs on more than one page.</summary>
internal static class RunWords
{
    public static string State(Words t, RunSummary run) => run is { State: RunState.Running, UnattendedSince: not null }
        ? t["worker lost", "Prozess verloren"]
        : State(t, run.State);

    public static string State(Words t, RunState state) => state switch
    {
        RunState.Queued => t["waits its turn", "wartet"],
        RunState.Running => t["running", "läuft"],
        RunState.Interrupted => t["between two slices", "zwischen zwei Abschnitten"],
        RunState.Failed => t["failed", "fehlgeschlagen"],
        RunState.Completed => t["completed", "abgeschlossen"],
        _ => t["cancelled", "abgebrochen"],
    };

    /// <summary>The class of the style sheet: colour is never the only sign, the word stands beside it.</summary>
    public static string Tone(RunSummary run) => run.State switch
    {
        RunState.Completed => run.ErrorCount > 0 ? "warn" : "good",
        RunState.Failed => "bad",
        RunState.Cancelled => "off",
        RunState.Queued => "wait",
        _ => run.UnattendedSince is null ? "busy" : "bad",
    };

    public static string Mode(Words t, RunSummary run) => (run.ImportMode == ImportMode.Full ? t["full", "voll"] : t["incremental", "inkrementell"]) + (run.DryRun ? t[", dry run", ", Probelauf"] : "");

    public static string Phase(Words t, string phase) => phase switch
    {
        "Retrying" => t["tries again what failed earlier", "versucht Fehlgeschlagenes noch einmal"],
        "Reading" => t["reads", "liest"],
        "Confirming" => t["makes sure of what is gone", "prüft, was nicht mehr da ist"],
        "Deleting" => t["deletes what is gone", "löscht, was nicht mehr da ist"],
        "Comparing" => t["compares with the plan", "vergleicht mit dem Plan"],
        "Applying" => t["applies the plan", "führt den Plan aus"],
        _ => t["concludes", "schließt ab"],
    };

    public static string Outcome(Words t, RecordOutcome outcome) => outcome switch
    {
        RecordOutcome.Created => t["created", "angelegt"],
        RecordOutcome.Updated => t["updated", "geändert"],
        RecordOutcome.Deleted => t["deleted", "gelöscht"],
        RecordOutcome.Erased => t["erased", "Person gelöscht"],
        RecordOutcome.Waiting => t["waits", "wartet"],
        RecordOutcome.Parked => t["parked", "geparkt"],
        RecordOutcome.Recovered => t["stored later", "später gespeichert"],
        RecordOutcome.Superseded => t["newer copy stored", "neuere Fassung gespeichert"],
        _ => t["dropped", "verworfen"],
    };

    public static string Element(Words t, string name) => name switch
    {
        "Candidate" => t["people", "Personen"],
        "CandidateProfile" => t["applications", "Bewerbungen"],
        "ActivityLog" => t["records", "Datensätze"],
        _ => name,
    };
}

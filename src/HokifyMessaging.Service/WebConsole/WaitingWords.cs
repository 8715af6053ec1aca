using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>In which state a record waits, as the address of a page names it.</summary>
internal enum WaitingState
{
    /// <summary>It is tried again by itself.</summary>
    Open,

    /// <summary>It waits for somebody.</summary>
    Parked,
}

/// <summary>What is said of records that wait, and of ramps.</summary>
internal static class WaitingWords
{
    /// <summary>Stands in an address for records whose fault is of no field.</summary>
    public const string NoField = "-";

    public static string Status(Words t, ActivityStatus status) => status == ActivityStatus.Parked ? t["parked", "geparkt"] : t["tried again by itself", "wird von selbst versucht"];

    public static string Cause(Words t, FailureCause? cause) => cause switch
    {
        FailureCause.MissingId => t["no id", "keine ID"],
        FailureCause.BadId => t["an id that is none", "eine ID, die keine ist"],
        FailureCause.BadDate => t["a date that is none", "ein Datum, das keines ist"],
        FailureCause.Missing => t["a part is missing", "ein Teil fehlt"],
        FailureCause.WrongType => t["something of another kind", "etwas von anderer Art"],
        FailureCause.Unreadable => t["cannot be read", "nicht lesbar"],
        FailureCause.TooLarge => t["too large", "zu groß"],
        FailureCause.TooLong => t["text longer than its column", "Text länger als seine Spalte"],
        FailureCause.Contradiction => t["contradicts another record", "widerspricht einem anderen Datensatz"],
        FailureCause.Constraint => t["violates a rule of the database", "verletzt eine Regel der Datenbank"],
        FailureCause.Misfit => t["value does not fit its column", "Wert passt nicht in seine Spalte"],
        FailureCause.Trigger => t["refused by a trigger", "von einem Trigger abgelehnt"],
        FailureCause.Refused => t["refused by the database", "von der Datenbank abgelehnt"],
        _ => t["not known", "nicht bekannt"],
    };

    /// <summary>Of which records a ramp is.</summary>
    public static string Which(Words t, RetryRamp ramp)
    {
        string?[] parts =
        [
            ramp.Cause is { } cause ? Cause(t, cause) : null,
            ramp.Field is { Length: > 0 } field ? field : null,
            ramp.Status is { } status ? Status(t, status) : null,
            ramp.RunId is { } run ? $"{t["run", "Lauf"]} {run}" : null,
            ramp.Text is not null ? t["by words of the reason", "nach Worten des Grundes"] : null,
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } given ? string.Join(" · ", given) : t["all that wait", "alles Wartende"];
    }

    public static string State(Words t, RetryRamp ramp) => (ramp.State, ramp.End) switch
    {
        (RampState.Gathering, _) => t["looks for its records", "sucht ihre Datensätze"],
        (RampState.Climbing, _) => t["under way", "im Gang"],
        (_, RampEnd.Through) => t["went through", "durchgelaufen"],
        (_, RampEnd.CauseIsThere) => t["stopped: the cause is still there", "angehalten: Die Ursache besteht noch"],
        (_, RampEnd.ByHand) => t["stopped by hand", "von Hand angehalten"],
        (_, RampEnd.NotTried) => t["stopped: an import did not try its records", "angehalten: Ein Import hat seine Datensätze nicht versucht"],
        (_, RampEnd.Refused) => t["stopped: its import was refused", "angehalten: Ihr Import wurde abgelehnt"],
        _ => t["ended when a backup was restored", "beim Einspielen einer Sicherung beendet"],
    };

    /// <summary>The class of the style sheet.</summary>
    public static string Tone(RetryRamp ramp) => ramp.End switch
    {
        null => "busy",
        RampEnd.Through => ramp.Failed > 0 ? "warn" : "good",
        RampEnd.CauseIsThere or RampEnd.Refused or RampEnd.NotTried => "bad",
        _ => "off",
    };

    /// <summary>What an end means, and what to do next.</summary>
    public static string? Meaning(Words t, RetryRamp ramp) => ramp.End switch
    {
        RampEnd.CauseIsThere => t.Of(
            $"So many failed again that the cause cannot be gone. {ramp.Left:N0} {ramp.Left:record was|records were} not touched and {ramp.Left:waits as it|wait as they} did before. Remove the cause, then start again.",
            $"So viele sind wieder gescheitert, dass die Ursache nicht behoben sein kann. {ramp.Left:N0} {ramp.Left:Datensatz wurde|Datensätze wurden} nicht angerührt und {ramp.Left:wartet|warten} wie zuvor. Beheben Sie die Ursache und beginnen Sie dann von vorn."),
        RampEnd.NotTried => t[
            "The import of a step was cancelled, or gave up, before it had tried its records. What was not tried waits as it did before.",
            "Der Import eines Schrittes wurde abgebrochen oder hat aufgegeben, bevor er seine Datensätze versucht hat. Was nicht versucht wurde, wartet wie zuvor."],
        RampEnd.Refused => t["No import of this scope can be asked for; the log of the service says why.", "Für diesen Mandanten kann kein Import angefragt werden; das Log des Dienstes sagt, warum."],
        RampEnd.ByHand => t.Of($"{ramp.StoppedBy} has stopped it. {ramp.Left:N0} {ramp.Left:record was|records were} not touched and {ramp.Left:waits as it|wait as they} did before.", $"{ramp.StoppedBy} hat sie angehalten. {ramp.Left:N0} {ramp.Left:Datensatz wurde|Datensätze wurden} nicht angerührt und {ramp.Left:wartet|warten} wie zuvor."),
        RampEnd.Restored => t["The database was put back to what a backup had; the records wait as they did then.", "Die Datenbank wurde auf den Stand einer Sicherung gebracht; die Datensätze warten wie damals."],
        _ => null,
    };

    /// <summary>That records are tried now, and by what.</summary>
    public static string Tried(Words t, TriedNow tried) => tried.Refusal is null
        ? t.Of($"{tried.Waiting.Done:N0} {tried.Waiting.Done:is|are} tried by an import that is asked for now.", $"{tried.Waiting.Done:N0} versucht ein Import, der jetzt angefragt ist.")
        : t.Of($"{tried.Waiting.Done:N0} {tried.Waiting.Done:is|are} tried by the scope's next import; none can be asked for now.", $"{tried.Waiting.Done:N0} versucht der nächste Import des Mandanten; jetzt kann keiner angefragt werden.") + $" {tried.Refusal}";

    /// <summary>What came of a button.</summary>
    public static string Outcome(Words t, string done, WaitingOutcome outcome)
    {
        string?[] parts =
        [
            done,
            outcome.Ignored > 0 ? t.Of($"{outcome.Ignored:N0} {outcome.Ignored:was|were} let be, because {outcome.Ignored:it has|they have} changed meanwhile.", $"{outcome.Ignored:N0} {outcome.Ignored:blieb, wie er ist, weil er|blieben, wie sie sind, weil sie} sich inzwischen geändert {outcome.Ignored:hat|haben}.") : null,
            outcome.InRamp > 0 ? t.Of($"{outcome.InRamp:N0} {outcome.InRamp:was|were} let be, because a ramp has {outcome.InRamp:it|them}.", $"{outcome.InRamp:N0} {outcome.InRamp:blieb, wie er ist, weil eine Rampe ihn|blieben, wie sie sind, weil eine Rampe sie} hat.") : null,
            outcome.OnHold > 0 ? t.Of($"{outcome.OnHold:N0} {outcome.OnHold:was|were} let be, because a legal hold keeps {outcome.OnHold:it|them}.", $"{outcome.OnHold:N0} {outcome.OnHold:blieb, wie er ist, weil eine Löschsperre ihn|blieben, wie sie sind, weil eine Löschsperre sie} bewahrt.") : null,
        ];
        return string.Join(' ', parts.OfType<string>());
    }
}

using HokifyMessaging.Storage;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What keeps the erased out, and what the program knows of itself.</summary>
internal static partial class DataMap
{
    private static MarkedTable Erasures() => new("ErasedKey", typeof(ErasedKey), "Merkmal eines gelöschten Menschen", "mark of somebody who was erased",
    [
        None(nameof(ErasedKey.ScopeId), "Mandant", "scope"),
        Identity(nameof(ErasedKey.Hash), "Prüfwert einer Kennung oder Adresse, mit Schlüssel", "keyed hash of an id or address").KeptBecause("it keeps the person out, and says nothing without the erasure key"),
        None(nameof(ErasedKey.ErasedAt), "gelöscht am", "erased at"),
    ]);

    private static MarkedTable Scopes() => new("Scope", typeof(ScopeState), "Mandant", "scope",
    [
        None(nameof(ScopeState.ScopeId), "Nummer", "number"),
        None(nameof(ScopeState.Watermark), "gelesen bis", "read up to"),
        None(nameof(ScopeState.LeaseOwner), "Rechner und Prozess, der daran arbeitet", "machine and process that work on it"),
        None(nameof(ScopeState.LeaseRunId), "Import, der läuft", "import that is under way"),
        None(nameof(ScopeState.LeaseExpiresAt), "bis wann", "until when"),
        None(nameof(ScopeState.Fence), "Nummer des Bearbeiters", "number of the worker"),
        None(nameof(ScopeState.NudgedAt), "zuletzt erinnert", "last reminded"),
        None(nameof(ScopeState.Revision), "Zahl der Änderungen", "number of changes"),
        None(nameof(ScopeState.Source), "Quelle", "source"),
        None(nameof(ScopeState.SourceChangedAt), "Quelle geändert", "source changed"),
        None(nameof(ScopeState.SkippedFrom), "ausgelassen ab", "left out from"),
        None(nameof(ScopeState.SkippedTo), "ausgelassen bis", "left out up to"),
    ]);

    private static MarkedTable Audit() => new("Audit", typeof(AuditEntry), "Eintrag des Protokolls", "entry of the audit log",
    [
        None(nameof(AuditEntry.Id), "Nummer der Zeile", "number of the row"),
        None(nameof(AuditEntry.At), "wann", "when"),
        Identity(nameof(AuditEntry.Who), "wer", "who").KeptBecause("it says who has done what, and nothing about applicants").OfStaff(),
        Identity(nameof(AuditEntry.Machine), "auf welchem Rechner", "on which machine").KeptBecause("it says where that was").OfStaff(),
        None(nameof(AuditEntry.Action), "was", "what"),
        None(nameof(AuditEntry.ScopeId), "Mandant", "scope"),
        None(nameof(AuditEntry.Detail), "was sich geändert hat", "what it changed"),
    ]);

    private static MarkedTable Requests() => new("ErasureRequest", typeof(ErasureRequest), "verlangte Löschung", "erasure that was asked for",
    [
        None(nameof(ErasureRequest.Id), "Kennung", "id"),
        None(nameof(ErasureRequest.ScopeId), "Mandant", "scope"),
        Identity(nameof(ErasureRequest.Who), "wer sie verlangt hat", "who asked for it").KeptBecause("it says who has asked, and nothing about applicants").OfStaff(),
        Identity(nameof(ErasureRequest.Machine), "auf welchem Rechner", "on which machine").KeptBecause("it says where that was").OfStaff(),
        Content(nameof(ErasureRequest.Reason), "warum", "why").KeptBecause("it says why, and should name nobody").OfStaff(),
        None(nameof(ErasureRequest.CreatedAt), "verlangt", "asked for"),
        None(nameof(ErasureRequest.State), "Stand", "state"),
        None(nameof(ErasureRequest.CompletedAt), "ausgeführt", "carried out"),
        None(nameof(ErasureRequest.DueAt), "darf ausgeführt werden ab", "may be carried out from"),
        Identity(nameof(ErasureRequest.Asked), "Prüfwert dessen, wonach gefragt wurde, mit Schlüssel", "keyed hash of what was asked for").KeptBecause("whoever asks again gets the same answer; it says nothing without the erasure key"),
        None(nameof(ErasureRequest.Candidates), "Nummern der Zeilen von Personen", "numbers of people's rows"),
        None(nameof(ErasureRequest.Entries), "Nummern der Vorgänge, die warten", "numbers of activities that wait"),
        Identity(nameof(ErasureRequest.Hashes), "Prüfwerte der Kennungen, mit Schlüssel", "keyed hashes of the ids").Emptied(),
        None(nameof(ErasureRequest.People), "gelöschte Personen", "people who were erased"),
        None(nameof(ErasureRequest.Applications), "gelöschte Bewerbungen", "applications that were erased"),
        None(nameof(ErasureRequest.Waiting), "gelöschte Vorgänge", "activities that were deleted"),
        None(nameof(ErasureRequest.Runs), "geänderte Importe", "imports that were changed"),
    ]);

    private static MarkedTable Holds() => new("LegalHold", typeof(LegalHold), "Aufbewahrungssperre", "legal hold",
    [
        None(nameof(LegalHold.Id), "Kennung", "id"),
        None(nameof(LegalHold.ScopeId), "Mandant", "scope"),
        Identity(nameof(LegalHold.Who), "wer sie gesetzt hat", "who has put it").KeptBecause("it says who has put it, and nothing about applicants").OfStaff(),
        Identity(nameof(LegalHold.Machine), "auf welchem Rechner", "on which machine").KeptBecause("it says where that was").OfStaff(),
        Content(nameof(LegalHold.Reason), "warum", "why").KeptBecause("it says why, and should name nobody").OfStaff(),
        None(nameof(LegalHold.CreatedAt), "gesetzt", "put"),
        None(nameof(LegalHold.Until), "bis", "until"),
        None(nameof(LegalHold.ReleasedAt), "aufgehoben", "released"),
        Identity(nameof(LegalHold.ReleasedBy), "wer sie aufgehoben hat", "who has released it").KeptBecause("it says who has released it").OfStaff(),
        None(nameof(LegalHold.Candidates), "Nummern der Zeilen von Personen", "numbers of people's rows"),
        None(nameof(LegalHold.Profiles), "Nummern der Zeilen von Bewerbungen", "numbers of applications' rows"),
    ]);

    private static MarkedTable Retentions() => new("Retention", typeof(RetentionState), "Aufbewahrung eines Mandanten", "retention of a scope",
    [
        None(nameof(RetentionState.ScopeId), "Mandant", "scope"),
        None(nameof(RetentionState.Day), "zuletzt erledigt für den Tag", "last done for the day"),
        None(nameof(RetentionState.ClaimedUntil), "in Arbeit bis", "at work until"),
        None(nameof(RetentionState.BegunAt), "begonnen", "begun"),
        None(nameof(RetentionState.EndedAt), "beendet", "ended"),
        None(nameof(RetentionState.WasDry), "nur gezählt", "only counted"),
        None(nameof(RetentionState.Counts), "Zählungen", "counts"),
    ]);

    private static MarkedTable Schedules() => new("Schedule", typeof(ScheduleState), "Zeitplan", "schedule",
    [
        None(nameof(ScheduleState.ScopeId), "Mandant", "scope"),
        None(nameof(ScheduleState.Name), "Name", "name"),
        None(nameof(ScheduleState.FirstSeenAt), "gilt seit", "counts since"),
        None(nameof(ScheduleState.LastInstant), "letzter Zeitpunkt", "last time"),
        None(nameof(ScheduleState.Outcome), "was daraus wurde", "what became of it"),
        None(nameof(ScheduleState.PausedAt), "angehalten", "paused at"),
        Identity(nameof(ScheduleState.PausedBy), "von wem", "by whom").KeptBecause("it says who has paused it, and nothing about applicants").OfStaff(),
        Content(nameof(ScheduleState.PauseReason), "warum", "why").KeptBecause("it says why, and should name nobody").OfStaff(),
        None(nameof(ScheduleState.Cron), "Zeitpunkte", "times"),
        None(nameof(ScheduleState.TimeZone), "Zeitzone", "time zone"),
        None(nameof(ScheduleState.Mode), "Art", "mode"),
        None(nameof(ScheduleState.Overlap), "wenn gerade importiert wird", "while an import is at work"),
        None(nameof(ScheduleState.Missed), "wenn kein Dienst lief", "when no service ran"),
        None(nameof(ScheduleState.ChangedAt), "zuletzt geändert", "last changed"),
        Identity(nameof(ScheduleState.ChangedBy), "geändert von", "changed by").KeptBecause("it says who has added or changed it, and nothing about applicants").OfStaff(),
    ]);

    private static MarkedTable Ramps() => new("RetryRamp", typeof(RetryRamp), "Rampe, die Wartendes wieder versucht", "ramp that tries again what waits",
    [
        None(nameof(RetryRamp.Id), "Nummer", "number"),
        None(nameof(RetryRamp.ScopeId), "Mandant", "scope"),
        None(nameof(RetryRamp.State), "Stand", "state"),
        None(nameof(RetryRamp.StartedAt), "begonnen", "begun"),
        Identity(nameof(RetryRamp.StartedBy), "von wem", "by whom").KeptBecause("it says who has started it, and nothing about applicants").OfStaff(),
        None(nameof(RetryRamp.Status), "welcher Stand", "which state"),
        None(nameof(RetryRamp.Cause), "welche Art des Fehlers", "which kind of failure"),
        None(nameof(RetryRamp.Field), "welches Feld", "which field"),
        None(nameof(RetryRamp.RunId), "welcher Import", "which import"),
        Content(nameof(RetryRamp.Text), "welche Worte des Grundes", "which words of the reason").KeptBecause("it is gone as soon as the records are found, in seconds").OfStaff(),
        None(nameof(RetryRamp.UpTo), "bis zu welcher Zeile", "up to which row"),
        None(nameof(RetryRamp.GatheredTo), "gesucht bis Zeile", "looked for up to row"),
        None(nameof(RetryRamp.Size), "Zahl der Vorgänge", "number of activities"),
        None(nameof(RetryRamp.Step), "Schritt", "step"),
        None(nameof(RetryRamp.Done), "gespeichert", "stored"),
        None(nameof(RetryRamp.Failed), "wieder gescheitert", "failed again"),
        None(nameof(RetryRamp.Ignored), "nicht mehr da", "not there any more"),
        None(nameof(RetryRamp.End), "wie sie endete", "how it ended"),
        None(nameof(RetryRamp.EndedAt), "beendet", "ended"),
        Identity(nameof(RetryRamp.StoppedBy), "von wem angehalten", "who has stopped it").KeptBecause("it says who has stopped it").OfStaff(),
    ]);

    private static MarkedTable RampSteps() => new("RetryRampStep", typeof(RetryRampStep), "Schritt einer Rampe", "step of a ramp",
    [
        None(nameof(RetryRampStep.RampId), "Rampe", "ramp"),
        None(nameof(RetryRampStep.Number), "Nummer", "number"),
        None(nameof(RetryRampStep.StartedAt), "begonnen", "begun"),
        None(nameof(RetryRampStep.Size), "Zahl der Vorgänge", "number of activities"),
        None(nameof(RetryRampStep.RunId), "Import", "import"),
        None(nameof(RetryRampStep.EndedAt), "beendet", "ended"),
        None(nameof(RetryRampStep.Done), "gespeichert", "stored"),
        None(nameof(RetryRampStep.Failed), "wieder gescheitert", "failed again"),
        None(nameof(RetryRampStep.Ignored), "nicht mehr da", "not there any more"),
    ]);

    private static MarkedTable Sessions() => new("EndedSession", typeof(EndedSession), "beendete Sitzung der Konsole", "session of the console that was ended",
    [
        None(nameof(EndedSession.Id), "Kennung", "id"),
        None(nameof(EndedSession.Until), "zu merken bis", "to be remembered until"),
    ]);

    private static MarkedTable Keys() => new("DataProtectionKey", typeof(DataProtectionKey), "Schlüssel für Links und Sitzungen", "key of links and sessions",
    [
        None(nameof(DataProtectionKey.Id), "Nummer der Zeile", "number of the row"),
        None(nameof(DataProtectionKey.FriendlyName), "Name", "name"),
        None(nameof(DataProtectionKey.Xml), "Schlüssel", "key"),
    ]);
}

using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>What imports have done and met, and the imports themselves.</summary>
internal static partial class DataMap
{
    private const string WithoutIds = "sentences of ours, in which `erased` stands instead of the ids";
    private const string OfTheImport = "sentences of ours about an import as a whole";
    private const string OfTheRequest = "who asked for an import; a request that comes again is recognised by its key";

    private static MarkedTable Activities() => new("ActivityLog", typeof(ActivityLog), "Vorgang", "activity",
    [
        None(nameof(ActivityLog.Id), "Nummer der Zeile", "number of the row"),
        None(nameof(ActivityLog.ScopeId), "Mandant", "scope"),
        None(nameof(ActivityLog.RunId), "Import", "import"),
        None(nameof(ActivityLog.Name), "was geschah", "what was done"),
        None(nameof(ActivityLog.Status), "Stand", "state"),
        Identity(nameof(ActivityLog.ReferenceId), "Kennung der Bewerbung oder der Person", "id of the application or the person").ReplacedBy("`erased`").Pseudonym(),
        None(nameof(ActivityLog.Version), "Stand der empfangenen Daten", "from when the record is"),
        Identity(nameof(ActivityLog.PersonReferenceId), "Kennung der Person", "the person's id").Emptied().Pseudonym(),
        None(nameof(ActivityLog.ElementName), "Tabelle", "table"),
        None(nameof(ActivityLog.ElementId), "Nummer der Zeile dort", "number of the row there"),
        Content(nameof(ActivityLog.ElementDisplayName), "Stelle", "job").Emptied(),
        None(nameof(ActivityLog.Command), "Auftrag", "command"),
        None(nameof(ActivityLog.Date), "wann", "when"),
        None(nameof(ActivityLog.DateExecuted), "zuletzt versucht", "last tried"),
        Content(nameof(ActivityLog.Data), "die ganzen Daten, wie sie empfangen wurden und warten", "the whole record as it was received and waits").DeletedWithRow() with { IsJson = true },
        None(nameof(ActivityLog.ResultCode), "Nummer des Fehlers", "number of the failure"),
        Identity(nameof(ActivityLog.ResultData), "warum es nicht gespeichert werden konnte", "why it could not be stored").DeletedWithRow().Pseudonym(),
        None(nameof(ActivityLog.Cause), "Art des Fehlers", "kind of the failure"),
        None(nameof(ActivityLog.Field), "Feld mit dem Fehler", "field at fault"),
        None(nameof(ActivityLog.RetryCount), "so oft wieder versucht", "how often it was tried again"),
        None(nameof(ActivityLog.RetryInterval), "Sekunden bis zum nächsten Versuch", "seconds until the next try"),
        None(nameof(ActivityLog.DueAt), "nächster Versuch", "next try"),
        None(nameof(ActivityLog.LastRunId), "Import, der es zuletzt versucht hat", "import that tried last"),
        None(nameof(ActivityLog.RampId), "Rampe, zu der es gehört", "ramp that has it"),
        None(nameof(ActivityLog.RampStep), "Schritt der Rampe", "step of the ramp"),
        None(nameof(ActivityLog.Why), "warum es geschah", "why it was done"),
    ])
    {
        IsOfPeople = true,
    };

    private static MarkedTable Runs() => new("ImportRun", typeof(ImportRun), "Import", "import",
    [
        None(nameof(ImportRun.Id), "Kennung des Imports", "id of the import"),
        Identity(nameof(ImportRun.IdempotencyKey), "Schlüssel der Anforderung", "key of the request").KeptBecause(OfTheRequest).OfStaff(),
        None(nameof(ImportRun.ScopeId), "Mandant", "scope"),
        None(nameof(ImportRun.ImportMode), "Art", "mode"),
        None(nameof(ImportRun.UnixSecondsFrom), "verlangter Beginn", "start that was asked for"),
        None(nameof(ImportRun.DryRun), "nur zur Probe", "dry run"),
        Identity(nameof(ImportRun.RequestedBy), "wer ihn verlangt hat", "who asked for it").KeptBecause(OfTheRequest).OfStaff(),
        None(nameof(ImportRun.State), "Stand", "state"),
        None(nameof(ImportRun.Phase), "Abschnitt", "chapter"),
        None(nameof(ImportRun.WindowFrom), "gelesen ab", "read from"),
        None(nameof(ImportRun.WindowTo), "gelesen bis", "read to"),
        None(nameof(ImportRun.CreatedAt), "verlangt", "asked for"),
        None(nameof(ImportRun.StartedAt), "begonnen", "begun"),
        None(nameof(ImportRun.CompletedAt), "beendet", "ended"),
        None(nameof(ImportRun.AnnouncedAt), "gemeldet", "announced"),
        None(nameof(ImportRun.NudgedAt), "zuletzt erinnert", "last sent again"),
        None(nameof(ImportRun.Checkpoint), "wie weit gelesen ist", "how far it has been read"),
        None(nameof(ImportRun.Fence), "Nummer des Bearbeiters", "number of the worker"),
        Identity(nameof(ImportRun.Tally), "Zählungen, und Sätze über Bewerbungen mit Fehlern", "counters, and sentences about applications that failed").KeptBecause(WithoutIds).Pseudonym() with { IsJson = true },
        None(nameof(ImportRun.Sentences), "Zahl der Sätze über Bewerbungen", "number of sentences about applications"),
        None(nameof(ImportRun.Failures), "so oft gescheitert", "how often it failed"),
        Identity(nameof(ImportRun.Failure), "warum er gescheitert ist", "why it failed").KeptBecause(OfTheImport).Pseudonym(),
        None(nameof(ImportRun.ResumeAt), "geht weiter", "goes on at"),
        Identity(nameof(ImportRun.CompletedEvent), "Ergebnis, und Sätze über Bewerbungen mit Fehlern", "result, and sentences about applications that failed").KeptBecause(WithoutIds).Pseudonym() with { IsJson = true },
        None(nameof(ImportRun.CancelRequestedAt), "abzubrechen seit", "to be cancelled since"),
        None(nameof(ImportRun.DetailsForgottenAt), "Einzelheiten entfernt", "details removed at"),
        None(nameof(ImportRun.EventId), "Kennung der Meldung", "id of the event"),
        Identity(nameof(ImportRun.AskedByKey), "API-Schlüssel, der ihn verlangt hat", "API key that asked for it").KeptBecause(OfTheRequest).OfStaff(),
        Content(nameof(ImportRun.SourceSaid), "was hokify beim letzten Fehler gesagt hat", "what hokify said at the last failure").Emptied(),
        None(nameof(ImportRun.AllowDeletions), "erlaubte Löschungen", "deletions that are allowed"),
        None(nameof(ImportRun.IsWhole), "zu Ende gelesen", "read to the end"),
        None(nameof(ImportRun.PlanDigest), "Prüfwert des Plans", "digest of the plan"),
        None(nameof(ImportRun.PlanKeptSince), "Plan aufbewahrt seit", "plan kept since"),
        None(nameof(ImportRun.PlanForgottenAt), "Plan nicht mehr ganz seit", "plan no longer whole since"),
        None(nameof(ImportRun.TraceParent), "Spur", "trace"),
        None(nameof(ImportRun.IsKeyless), "ohne eigenen Schlüssel angefragt", "asked for without a key of its own"),
        None(nameof(ImportRun.AnsweredBy), "Import, dessen Ergebnis er hat", "import whose result it has"),
        None(nameof(ImportRun.Attempts), "welche Prozesse daran gearbeitet haben", "which processes worked on it"),
    ]);

    private static MarkedTable Plans() => new("PlanEntry", typeof(PlanEntry), "Geplante Änderung", "planned change",
    [
        None(nameof(PlanEntry.RunId), "Import, der sie geplant hat", "import that planned it"),
        None(nameof(PlanEntry.Number), "Nummer", "number"),
        None(nameof(PlanEntry.ScopeId), "Mandant", "scope"),
        None(nameof(PlanEntry.Kind), "was geschehen würde", "what would be done"),
        None(nameof(PlanEntry.ElementName), "Tabelle", "table"),
        Identity(nameof(PlanEntry.ReferenceId), "Kennung der Bewerbung oder der Person", "id of the application or the person").DeletedWithRow().Pseudonym(),
        Identity(nameof(PlanEntry.PersonReferenceId), "Kennung der Person", "the person's id").DeletedWithRow().Pseudonym(),
        None(nameof(PlanEntry.RowId), "Nummer der Zeile dort", "number of the row there"),
        Content(nameof(PlanEntry.Fields), "was in der Zeile steht und was dort stünde", "what is in the row and what would be").DeletedWithRow() with { IsJson = true },
        Identity(nameof(PlanEntry.Sentence), "warum es nicht gespeichert werden kann", "why it cannot be stored").DeletedWithRow().Pseudonym(),
        Identity(nameof(PlanEntry.Hash), "Prüfwert der Änderung", "hash of the change").DeletedWithRow(),
        Identity(nameof(PlanEntry.Before), "Prüfwert der Zeile, wie sie war", "hash of the row as it was").DeletedWithRow(),
        Identity(nameof(PlanEntry.State), "Prüfwerte der Zeile, wie sie wäre", "hashes of the row as it would be").DeletedWithRow() with { IsJson = true },
        Identity(nameof(PlanEntry.PersonKey), "Prüfwert von Name und Adresse", "hash of name and address").DeletedWithRow(),
        Content(nameof(PlanEntry.Payload), "die ganzen Daten, wie sie empfangen wurden, bis sie geschrieben sind", "the whole record as it was received, until it is written").DeletedWithRow() with { IsJson = true },
        None(nameof(PlanEntry.IsApplied), "ausgeführt", "carried out"),
        None(nameof(PlanEntry.Difference), "Unterschied zum verlangten Plan", "difference from the plan that was asked for"),
    ])
    {
        IsOfPeople = true,
    };

    private static MarkedTable Batches() => new("RunBatch", typeof(RunBatch), "Abschnitt eines Imports", "batch of an import",
    [
        None(nameof(RunBatch.RunId), "Import", "import"),
        None(nameof(RunBatch.Number), "Nummer", "number"),
        None(nameof(RunBatch.Phase), "Abschnitt", "chapter"),
        Identity(nameof(RunBatch.RecordKeys), "Prüfwerte der Kennungen, die ein Import gesehen hat", "hashes of the ids that an import has seen")
            .KeptBecause("a run that goes on counts nothing twice by them; they go when it is completed"),
    ]);

    private static MarkedTable Events() => new("PendingEvent", typeof(PendingEvent), "Meldung, die wartet", "event that waits",
    [
        None(nameof(PendingEvent.Id), "Kennung der Meldung", "id of the event"),
        Identity(nameof(PendingEvent.Event), "Meldung über einen Fehler", "event about a failure").KeptBecause("sentences of ours without values; it goes when the broker has it").Pseudonym() with { IsJson = true },
        None(nameof(PendingEvent.CreatedAt), "gespeichert", "stored"),
        None(nameof(PendingEvent.TakenAt), "zuletzt versucht", "last tried"),
        None(nameof(PendingEvent.TraceParent), "Spur", "trace"),
    ]);
}

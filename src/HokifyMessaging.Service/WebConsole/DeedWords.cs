using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>What was done, as the audit page names it.</summary>
internal static class DeedWords
{
    public static string Of(Words t, AuditAction action) => action switch
    {
        AuditAction.SetWatermark => t["set the watermark", "Lesestand gesetzt"],
        AuditAction.ChangeErasureKey => t["changed the erasure key", "Löschschlüssel gewechselt"],
        AuditAction.ForgetErasureKey => t["gave the erasure key up", "Löschschlüssel aufgegeben"],
        AuditAction.Restore => t["restored a backup", "Sicherung eingespielt"],
        AuditAction.ImportErasures => t["imported a list of the erased", "Liste Gelöschter eingelesen"],
        AuditAction.ErasePeople => t["erased people on request", "Personen auf Wunsch gelöscht"],
        AuditAction.ExportPeople => t["exported a person's data", "Daten einer Person ausgegeben"],
        AuditAction.RequestImport => t["asked for an import", "Import angefragt"],
        AuditAction.ResumeImport => t["had an import go on", "Import weitermachen lassen"],
        AuditAction.CancelImport => t["cancelled an import", "Import abgebrochen"],
        AuditAction.AnnounceImport => t["announced an import again", "Import noch einmal gemeldet"],
        AuditAction.RetryRecords => t["had waiting records tried", "wartende Datensätze versuchen lassen"],
        AuditAction.ParkRecords => t["parked waiting records", "wartende Datensätze geparkt"],
        AuditAction.DropRecords => t["dropped waiting records", "wartende Datensätze verworfen"],
        AuditAction.StartRamp => t["started a ramp", "Rampe begonnen"],
        AuditAction.StopRamp => t["stopped a ramp", "Rampe angehalten"],
        AuditAction.TakeFile => t["took a file of an import", "Datei eines Imports geholt"],
        AuditAction.ShowPlan => t["looked at a plan", "Plan angesehen"],
        AuditAction.TakeBackup => t["made a backup", "Sicherung gemacht"],
        AuditAction.ExportErasures => t["wrote the list of the erased", "Liste Gelöschter geschrieben"],
        AuditAction.HoldPeople => t["put people on hold", "Löschsperre gesetzt"],
        AuditAction.ReleasePeople => t["released a hold", "Löschsperre aufgehoben"],
        AuditAction.ForgetDue => t["forgot what was due", "Fälliges vergessen"],
        AuditAction.PauseSchedule => t["paused a schedule", "Zeitplan angehalten"],
        AuditAction.ResumeSchedule => t["resumed a schedule", "Zeitplan fortgesetzt"],
        AuditAction.MoveMessages => t["moved messages back", "Nachrichten zurückgestellt"],
        AuditAction.ClearMessages => t["took messages out", "Nachrichten herausgenommen"],
        AuditAction.Migrate => t["changed the schema", "Datenbankschema geändert"],
        AuditAction.AddSchedule => t["added a schedule", "Zeitplan hinzugefügt"],
        AuditAction.ChangeSchedule => t["changed a schedule", "Zeitplan geändert"],
        AuditAction.RemoveSchedule => t["removed a schedule", "Zeitplan entfernt"],
        AuditAction.LookAtPerson => t["looked at a person's values", "Werte einer Person angesehen"],
        _ => action.ToString(),
    };
}

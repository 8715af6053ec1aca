using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>Who has done what, newest first.</summary>
internal static class AuditScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyList<AuditView> entries)
    {
        if (entries.Count == 0)
        {
            screen.Say("Nothing was done by hand.");
            return;
        }

        var listing = new Listing(new("when"), new("scope", IsNumber: true), new("who"), new("machine"), new("did"));
        foreach (var entry in entries)
        {
            listing.Add(
                [ShownValue.Of(entry.At), entry.ScopeId is { } scopeId ? ShownValue.Of(scopeId) : "all", entry.Who, entry.Machine, Did(entry.Action)],
                new Fact("detail", entry.Detail));
        }

        listing.Write(screen);
    }

    private static string Did(AuditAction action) => action switch
    {
        AuditAction.SetWatermark => "set the watermark",
        AuditAction.ChangeErasureKey => "changed the erasure key",
        AuditAction.ForgetErasureKey => "gave the erasure key up",
        AuditAction.Restore => "restored a backup",
        AuditAction.ImportErasures => "imported a list of the erased",
        AuditAction.ErasePeople => "erased people on request",
        AuditAction.ExportPeople => "exported a person's data",
        AuditAction.RequestImport => "asked for an import",
        AuditAction.ResumeImport => "had an import go on",
        AuditAction.CancelImport => "cancelled an import",
        AuditAction.AnnounceImport => "announced an import again",
        AuditAction.RetryRecords => "had waiting records tried",
        AuditAction.ParkRecords => "parked waiting records",
        AuditAction.DropRecords => "dropped waiting records",
        AuditAction.StartRamp => "started a ramp",
        AuditAction.StopRamp => "stopped a ramp",
        AuditAction.TakeFile => "took a file of an import",
        AuditAction.ShowPlan => "looked at a plan",
        AuditAction.TakeBackup => "made a backup",
        AuditAction.ExportErasures => "wrote the list of the erased",
        AuditAction.HoldPeople => "put people on hold",
        AuditAction.ReleasePeople => "released a hold",
        AuditAction.ForgetDue => "forgot what was due",
        AuditAction.PauseSchedule => "paused a schedule",
        AuditAction.ResumeSchedule => "resumed a schedule",
        AuditAction.AddSchedule => "added a schedule",
        AuditAction.ChangeSchedule => "changed a schedule",
        AuditAction.RemoveSchedule => "removed a schedule",
        AuditAction.LookAtPerson => "looked at a person's values",
        AuditAction.MoveMessages => "moved messages back",
        AuditAction.ClearMessages => "took messages out",
        AuditAction.Migrate => "changed the schema",
        _ => action.ToString(),
    };
}

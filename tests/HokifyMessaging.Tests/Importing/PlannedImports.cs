using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What tests of plans do and look at.</summary>
internal static class PlannedImports
{
    public static readonly HokifyImportRequested FullDry = new() { ImportMode = ImportMode.Full, DryRun = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Cancels the run behind its first step that writes.</summary>
    public static async Task StopInTheMiddleAsync(ImportSetup setup, string digest)
    {
        await setup.ExecuteAsync("CREATE TRIGGER Stop AFTER UPDATE OF Phase ON ImportRun WHEN NEW.Phase = 'Applying' BEGIN UPDATE ImportRun SET CancelRequestedAt = '2026-01-01 00:00:00.0000000+00:00' WHERE Id = NEW.Id AND EXISTS (SELECT 1 FROM CandidateProfile); END");
        await setup.PublishAsync(new HokifyImportRequested { PlanDigest = digest, IdempotencyKey = "apply" });
        await ImportSetup.Until(async () => (await setup.FindRunAsync("apply"))?.State == RunState.Cancelled);
        await setup.ExecuteAsync("DROP TRIGGER Stop");
    }

    public static string CountsOf(HokifyImportCompleted run) =>
        JsonSerializer.Serialize(new { run.Result.CreatedCounts, run.Result.UpdatedCounts, run.Result.DeletedCounts, run.Result.UnchangedCounts, run.Result.OkCount, run.Result.ErrorCount });

    public static Task<string> ShownAsync(ImportSetup setup, Guid run) => setup.QueryAsync(async db =>
    {
        var entries = await db.PlanEntries.AsNoTracking().Where(e => e.RunId == run && e.Kind != PlannedChange.Confirmed && e.Kind != PlannedChange.Erased).ToListAsync(Cancel);
        return string.Join('\n', entries.Select(e => $"{e.Kind} {e.ElementName} {e.ReferenceId} {e.PersonReferenceId} {e.Fields}").Order(StringComparer.Ordinal));
    });

    /// <summary>Each row has in each field what the plan has shown.</summary>
    public static async Task AssertWrittenAsync(ImportSetup setup, Guid run)
    {
        var entries = await setup.QueryAsync(db => db.PlanEntries.AsNoTracking().Where(e => e.RunId == run && e.Kind != PlannedChange.Confirmed && e.Kind != PlannedChange.Erased).ToListAsync(Cancel));
        Assert.All(entries, entry => Assert.True(entry.IsApplied));
        var candidates = await setup.QueryAsync(db => db.Candidates.AsNoTracking().ToDictionaryAsync(c => c.ReferenceId, Cancel));
        var profiles = await setup.QueryAsync(db => db.CandidateProfiles.AsNoTracking().ToDictionaryAsync(p => p.ReferenceId, Cancel));
        foreach (var entry in entries.Where(e => e.Kind is PlannedChange.Created or PlannedChange.Updated))
        {
            if (entry.ElementName == "Candidate")
            {
                var row = candidates[entry.ReferenceId].Columns;
                Assert.Equal(row, PlannedFields.Over(row, CandidateColumns.All, entry.Fields));
            }
            else
            {
                var row = profiles[entry.ReferenceId].Columns;
                Assert.Equal(row, PlannedFields.Over(row, ProfileColumns.All, entry.Fields));
            }
        }

        Assert.All(entries.Where(e => e.Kind == PlannedChange.Deleted), e => Assert.True(e.ElementName == "Candidate" ? candidates[e.ReferenceId].IsDeleted : profiles[e.ReferenceId].IsDeleted));
    }

    /// <summary>What an import without a plan makes of the same hokify.</summary>
    public static async Task<string> RowsOfPlainImportAsync(ImportSetup setup)
    {
        await setup.ExecuteAsync("DELETE FROM PlanEntry; DELETE FROM ActivityLog; DELETE FROM CandidateProfile; DELETE FROM Candidate; UPDATE Scope SET Watermark = NULL");
        await setup.ImportFullAsync();
        return await setup.RowsAsync();
    }
}

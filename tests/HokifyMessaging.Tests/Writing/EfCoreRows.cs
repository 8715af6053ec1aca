using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The reference for whatever is faster: EF Core finds the rows and writes them.</summary>
internal sealed class EfCoreRows(HokifyDbContext db, int scopeId) : BatchRows(db, scopeId)
{
    public override async Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken)
    {
        Db.Candidates.AddRange(changes.NewCandidates);
        Db.Candidates.UpdateRange(changes.ChangedCandidates);
        await Db.SaveChangesAsync(cancellationToken);
        foreach (var (id, version, reference) in changes.ConfirmedCandidates)
        {
            await Db.Candidates.Where(c => c.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Version, version).SetProperty(c => c.VersionReferenceId, reference), cancellationToken);
        }

        changes.AssignOwners();
        Db.CandidateProfiles.AddRange(changes.NewProfiles);
        Db.CandidateProfiles.UpdateRange(changes.ChangedProfiles);
        await Db.SaveChangesAsync(cancellationToken);
        foreach (var (id, version, payload, payloadAt, digest, key) in changes.ConfirmedProfiles)
        {
            await Db.CandidateProfiles.Where(p => p.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Version, version).SetProperty(p => p.SourcePayload, payload).SetProperty(p => p.PayloadAt, payloadAt).SetProperty(p => p.SourceDigest, digest).SetProperty(p => p.PersonKey, key),
                cancellationToken);
        }

        changes.AssignElements();
        Db.ActivityLogs.AddRange(changes.Logs.Select(l => l.Log));
        changes.TrackLedger(Db);
        await Db.SaveChangesAsync(cancellationToken);
    }
}

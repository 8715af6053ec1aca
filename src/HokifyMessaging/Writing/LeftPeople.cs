using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>People whose applications have left them.</summary>
internal static class LeftPeople
{
    /// <summary>A person goes with the last of their applications, by whichever path that left: deletes softly who of these has none.</summary>
    /// <returns>How many that were.</returns>
    public static async Task<int> DeleteAsync(
        HokifyDbContext db, RunInProgress run, IReadOnlyCollection<long> candidateIds, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var candidates = await db.Candidates
            .Where(c => EF.Parameter(candidateIds).Contains(c.Id) && !c.IsDeleted && !db.CandidateProfiles.Any(p => p.CandidateId == c.Id && !p.IsDeleted))
            .ToListAsync(cancellationToken);
        foreach (var candidate in candidates)
        {
            (candidate.IsDeleted, candidate.ChangedAt) = (true, now);
            candidate.History = FieldHistory.Append(candidate.History, [Deletion(run, now)]);
            db.ActivityLogs.Add(Log(run, ElementNames.Candidate, candidate.Id, candidate.ReferenceId, null, now));
        }

        await db.SaveChangesAsync(cancellationToken);
        return candidates.Count;
    }

    public static FieldChange Deletion(RunInProgress run, DateTimeOffset now) => new(now, run.RunId, nameof(CandidateProfile.IsDeleted), false, true);

    public static ActivityLog Log(RunInProgress run, string element, long id, string reference, string? displayName, DateTimeOffset now)
    {
        var log = ActivityLog.OfDone(run.Request.ScopeId, run.RunId, ActivityNames.Deleted, element, reference, now);
        (log.ElementId, log.ElementDisplayName) = (id, displayName);
        return log;
    }
}

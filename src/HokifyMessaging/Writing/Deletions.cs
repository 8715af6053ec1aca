using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>Deletes softly: a person goes with the last of their applications, by whichever path that left.</summary>
internal sealed class Deletions(TimeProvider clock)
{
    /// <returns>What was deleted.</returns>
    public async Task<ImportTally> DeleteAsync(HokifyDbContext db, RunInProgress run, ImportStep step, CancellationToken cancellationToken)
    {
        var tally = new ImportTally();
        ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, step.Missing.Count);
        if (step.Missing.Count + step.Left.Count == 0)
        {
            return tally;
        }

        var (now, missing) = (clock.GetUtcNow(), step.Missing);
        var profiles = await db.CandidateProfiles.Where(p => EF.Parameter(missing).Contains(p.Id)).ToListAsync(cancellationToken);
        foreach (var profile in profiles)
        {
            (profile.IsDeleted, profile.ChangedAt, profile.History) = (true, now, Deleted(profile.History, run, now));
            db.ActivityLogs.Add(Log(run, ElementNames.CandidateProfile, profile.Id, profile.ReferenceId, profile.Columns.Name, now));
        }

        await db.SaveChangesAsync(cancellationToken);
        var left = step.Left.Concat(profiles.Select(p => p.CandidateId)).Distinct().ToList();
        var candidates = await db.Candidates
            .Where(c => EF.Parameter(left).Contains(c.Id) && !c.IsDeleted && !db.CandidateProfiles.Any(p => p.CandidateId == c.Id && !p.IsDeleted))
            .ToListAsync(cancellationToken);
        foreach (var candidate in candidates)
        {
            (candidate.IsDeleted, candidate.ChangedAt, candidate.History) = (true, now, Deleted(candidate.History, run, now));
            db.ActivityLogs.Add(Log(run, ElementNames.Candidate, candidate.Id, candidate.ReferenceId, null, now));
        }

        await db.SaveChangesAsync(cancellationToken);
        ImportTally.Add(tally.Deleted, ElementNames.Candidate, candidates.Count);
        return tally;
    }

    private static string? Deleted(string? history, RunInProgress run, DateTimeOffset now) =>
        FieldHistory.Append(history, [new FieldChange(now, run.RunId, nameof(CandidateProfile.IsDeleted), false, true)]);

    private static ActivityLog Log(RunInProgress run, string element, long id, string reference, string? displayName, DateTimeOffset now)
    {
        var log = ActivityLog.OfDone(run.Request.ScopeId, run.RunId, ActivityName.Deleted, element, reference, now);
        (log.ElementId, log.ElementDisplayName) = (id, displayName);
        log.Why = element == ElementNames.Candidate ? ActivityWhy.LastGone : ActivityWhy.NotThere;
        return log;
    }
}

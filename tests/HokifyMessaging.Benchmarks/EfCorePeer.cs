using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// EF Core as its documentation advises: a context per batch, one query for the rows of the batch, changes found by the
/// tracker, one SaveChanges, and one more for the logs, which need the keys. It keeps neither history nor a checkpoint nor
/// a lease, and counts nothing.
/// </summary>
internal static class EfCorePeer
{
    /// <param name="batchSize">How many records it writes at a time.</param>
    /// <param name="withClasses">Whether it reads with classes of its own, instead of as we do.</param>
    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, int batchSize, bool withClasses = false)
    {
        var run = await Contestant.OpenRunAsync(setup);
        return async () =>
        {
            var records = 0;
            await foreach (var batch in (withClasses ? MapClassesAsync(setup) : setup.MapAsync()).Chunk(batchSize))
            {
                await WriteAsync(setup, run, batch);
                records += batch.Length;
            }

            return records;
        };
    }

    private static async IAsyncEnumerable<MappedApplication> MapClassesAsync(Setup setup)
    {
        var mapping = setup.Get<ApplicationMapping>();
        await foreach (var application in DeserializedPages.ReadAsync(setup.Input))
        {
            yield return mapping.Map(application, "a recorded page").Value
                ?? throw new InvalidOperationException($"The application {application.Id} is refused; the inputs have none that is.");
        }
    }

    private static async Task WriteAsync(Setup setup, Guid run, MappedApplication[] batch)
    {
        await using var db = setup.Open();
        var now = setup.Clock.GetUtcNow();
        var (people, ids) = (batch.Select(a => a.PersonId.Value).Distinct().ToList(), batch.Select(a => a.Id.Value).ToList());
        var candidates = await db.Candidates.Where(c => c.ScopeId == Setup.ScopeId && EF.Parameter(people).Contains(c.ReferenceId)).ToDictionaryAsync(c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.Where(p => p.ScopeId == Setup.ScopeId && EF.Parameter(ids).Contains(p.ReferenceId)).ToDictionaryAsync(p => p.ReferenceId);
        var (changedCandidates, changedProfiles) = (new Dictionary<Candidate, ActivityName>(), new Dictionary<CandidateProfile, ActivityName>());
        foreach (var application in batch)
        {
            if (!candidates.TryGetValue(application.PersonId.Value, out var candidate))
            {
                candidates[application.PersonId.Value] = candidate = new Candidate
                {
                    ScopeId = Setup.ScopeId,
                    ReferenceId = application.PersonId.Value,
                    Columns = application.Candidate,
                    ContentHash = application.CandidateHash.ToBytes(),
                    Version = application.Instant,
                    VersionReferenceId = application.Id.Value,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                db.Candidates.Add(candidate);
                changedCandidates[candidate] = ActivityName.Created;
            }
            else if (Copies.Outranks(application, candidate.Version, candidate.VersionReferenceId))
            {
                if (ContentHash.Of(candidate.ContentHash) != application.CandidateHash)
                {
                    (candidate.Columns, candidate.ContentHash, candidate.ChangedAt) = (application.Candidate, application.CandidateHash.ToBytes(), now);
                    changedCandidates.TryAdd(candidate, ActivityName.Updated);
                }

                (candidate.Version, candidate.VersionReferenceId) = (application.Instant, application.Id.Value);
            }

            if (!profiles.TryGetValue(application.Id.Value, out var profile))
            {
                profiles[application.Id.Value] = profile = new CandidateProfile
                {
                    ScopeId = Setup.ScopeId,
                    ReferenceId = application.Id.Value,
                    Candidate = candidate,
                    Columns = application.Profile,
                    ContentHash = application.ProfileHash.ToBytes(),
                    Version = application.Version,
                    SourcePayload = application.Payload,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                db.CandidateProfiles.Add(profile);
                changedProfiles[profile] = ActivityName.Created;
            }
            else if (!(application.Version < profile.Version))
            {
                if (ContentHash.Of(profile.ContentHash) != application.ProfileHash || profile.Candidate != candidate)
                {
                    (profile.Columns, profile.ContentHash, profile.SourcePayload, profile.Candidate) = (application.Profile, application.ProfileHash.ToBytes(), application.Payload, candidate);
                    profile.ChangedAt = now;
                    changedProfiles.TryAdd(profile, ActivityName.Updated);
                }

                if (application.Version is { } version)
                {
                    (profile.Version, profile.SourcePayload) = (version, application.Payload);
                }
            }
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        await db.SaveChangesAsync();
        foreach (var (candidate, name) in changedCandidates)
        {
            db.ActivityLogs.Add(Log(name, ElementNames.Candidate, candidate.ReferenceId, candidate.Id, null));
        }

        foreach (var (profile, name) in changedProfiles)
        {
            db.ActivityLogs.Add(Log(name, ElementNames.CandidateProfile, profile.ReferenceId, profile.Id, profile.Columns.Name));
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();

        ActivityLog Log(ActivityName name, string element, string reference, long id, string? displayName)
        {
            var log = ActivityLog.OfDone(Setup.ScopeId, run, name, element, reference, now);
            (log.ElementId, log.ElementDisplayName) = (id, displayName);
            return log;
        }
    }
}

/// <summary>Which of two copies of a person is kept: the rule of our planner, in the words of the peers.</summary>
internal static class Copies
{
    /// <summary>The newer one, and of one instant that of the greater application id; what an application says later counts.</summary>
    public static bool Outranks(MappedApplication copy, DateTimeOffset? version, string? reference)
    {
        var byTime = Nullable.Compare(copy.Instant, version);
        return byTime > 0 || (byTime == 0 && string.CompareOrdinal(copy.Id.Value, reference) >= 0);
    }
}

using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>The rows of a scope that legal holds keep: there are few, so they are known before anything is looked at.</summary>
internal static class HeldRows
{
    /// <summary>The keys of applications' rows, those of held people among them.</summary>
    public static async Task<IReadOnlySet<long>> ProfilesAsync(HokifyDbContext db, int scopeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (people, profiles) = await KeysAsync(db, scopeId, now, cancellationToken);
        profiles.UnionWith(await Lookups.ListAsync(people, some => db.CandidateProfiles.Where(p => some.Contains(p.CandidateId)).Select(p => p.Id), cancellationToken));
        return profiles;
    }

    /// <summary>The ids of these applications and of the people, by which records go that wait.</summary>
    public static async Task<IReadOnlySet<string>> ReferencesAsync(HokifyDbContext db, int scopeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (people, profiles) = await KeysAsync(db, scopeId, now, cancellationToken);
        return
        (
            await Lookups.ListAsync(people, some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => c.ReferenceId), cancellationToken)
        ).Concat(await Lookups.ListAsync(people, some => db.CandidateProfiles.Where(p => some.Contains(p.CandidateId)).Select(p => p.ReferenceId), cancellationToken))
            .Concat(await Lookups.ListAsync(profiles, some => db.CandidateProfiles.Where(p => some.Contains(p.Id)).Select(p => p.ReferenceId), cancellationToken))
            .ToHashSet(StringComparer.Ordinal);
    }

    private static async Task<(HashSet<long> People, HashSet<long> Profiles)> KeysAsync(HokifyDbContext db, int scopeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var holds = await db.LegalHolds.Where(h => h.ScopeId == scopeId && h.ReleasedAt == null).Select(h => new { h.Until, h.Candidates, h.Profiles }).ToListAsync(cancellationToken);
        var standing = holds.Where(hold => hold.Until is null || hold.Until > now).ToList();
        return (standing.SelectMany(hold => ErasureRequests.KeysIn(hold.Candidates)).ToHashSet(), standing.SelectMany(hold => ErasureRequests.KeysIn(hold.Profiles)).ToHashSet());
    }
}

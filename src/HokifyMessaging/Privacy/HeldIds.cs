using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What legal holds keep of a scope, by the keys and ids that rows go by which are not looked at themselves.</summary>
internal static class HeldIds
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
        var open = await db.LegalHolds.AsNoTracking().Where(h => h.ScopeId == scopeId && h.ReleasedAt == null).ToListAsync(cancellationToken);
        var standing = open.Where(hold => hold.Until is null || hold.Until > now).ToList();
        return (standing.SelectMany(hold => ErasureRequest.KeysIn(hold.Candidates)).ToHashSet(), standing.SelectMany(hold => ErasureRequest.KeysIn(hold.Profiles)).ToHashSet());
    }
}

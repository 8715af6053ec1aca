using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>What of a scope is on hold at an instant.</summary>
internal sealed class HeldRows
{
    private readonly IReadOnlyList<(HashSet<long> Candidates, HashSet<long> Profiles, DateTimeOffset? Until)> _holds;

    private HeldRows(IEnumerable<LegalHold> holds) =>
        _holds = [.. holds.Select(hold => (ErasureRequest.KeysIn(hold.Candidates).ToHashSet(), ErasureRequest.KeysIn(hold.Profiles).ToHashSet(), hold.Until))];

    /// <summary>There are few, so all of a scope are read.</summary>
    public static async Task<HeldRows> FindAsync(HokifyDbContext db, int scopeId, DateTimeOffset now, CancellationToken cancellationToken) =>
        new((await db.LegalHolds.AsNoTracking().Where(h => h.ScopeId == scopeId && h.ReleasedAt == null).ToListAsync(cancellationToken)).Where(h => h.Until is null || h.Until > now));

    /// <summary>Whether nothing is.</summary>
    public bool IsEmpty => _holds.Count == 0;

    /// <summary>Whether an application is held, by itself or with its person.</summary>
    public bool Holds(long candidateId, long profileId) => _holds.Any(hold => hold.Candidates.Contains(candidateId) || hold.Profiles.Contains(profileId));

    /// <summary>Whether any of these is held, and until when all of them are free: null where nobody knows, because a hold has no end.</summary>
    public (bool IsHeld, DateTimeOffset? Until) HoldOf(IReadOnlyCollection<long> candidates, IReadOnlyCollection<long> profiles)
    {
        var holds = _holds.Where(hold => candidates.Any(hold.Candidates.Contains) || profiles.Any(hold.Profiles.Contains)).ToList();
        return (holds.Count > 0, holds.Count == 0 || holds.Exists(hold => hold.Until is null) ? null : holds.Max(hold => hold.Until));
    }
}

using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What the database remembers of erased people.</summary>
internal static class ErasedKeys
{
    /// <summary>Those of some hashes that are not there yet, each once, to be added in the caller's transaction.</summary>
    public static async Task<List<ErasedKey>> MissingAsync(
        HokifyDbContext db, int scopeId, IReadOnlyCollection<(byte[] Hash, DateTimeOffset At)> wanted, CancellationToken cancellationToken)
    {
        var there = await Lookups.ListAsync(
            wanted.Select(w => w.Hash), some => db.ErasedKeys.Where(e => e.ScopeId == scopeId && some.Contains(e.Hash)).Select(e => e.Hash), cancellationToken);
        var known = there.Select(Convert.ToHexString).ToHashSet();
        return [.. wanted.Where(w => known.Add(Convert.ToHexString(w.Hash))).Select(w => new ErasedKey { ScopeId = scopeId, Hash = w.Hash, ErasedAt = w.At })];
    }
}

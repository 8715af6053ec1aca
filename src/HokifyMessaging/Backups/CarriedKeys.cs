using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>
/// Rows of people and of applications by their ids: what is on hold, and what is to be erased later, goes by keys, which mean others in another database. Whoever is not there has
/// nothing that could be held or erased.
/// </summary>
internal sealed class CarriedKeys
{
    private readonly Dictionary<long, (int ScopeId, string Reference)> _people = [];
    private readonly Dictionary<long, (int ScopeId, string Reference)> _applications = [];

    /// <summary>Reads the ids that the keys of holds and of deferred requests mean.</summary>
    public static async Task<CarriedKeys> ReadAsync(HokifyDbContext db, IReadOnlyList<LegalHold> holds, IEnumerable<ErasureRequest> deferred, CancellationToken cancellationToken)
    {
        var keys = new CarriedKeys();
        var people = holds.SelectMany(h => ErasureRequest.KeysIn(h.Candidates)).Concat(deferred.SelectMany(r => ErasureRequest.KeysIn(r.Candidates)));
        foreach (var row in await Lookups.ListAsync(people, some => db.Candidates.AsNoTracking().Where(c => some.Contains(c.Id)).Select(c => new { c.Id, c.ScopeId, c.ReferenceId }), cancellationToken))
        {
            keys._people[row.Id] = (row.ScopeId, row.ReferenceId);
        }

        var applications = holds.SelectMany(h => ErasureRequest.KeysIn(h.Profiles));
        foreach (var row in await Lookups.ListAsync(
            applications, some => db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.Id)).Select(p => new { p.Id, p.ScopeId, p.ReferenceId }), cancellationToken))
        {
            keys._applications[row.Id] = (row.ScopeId, row.ReferenceId);
        }

        return keys;
    }

    /// <summary>The keys that the same people have in another database, as JSON.</summary>
    public async Task<string> PeopleInAsync(HokifyDbContext other, string json, CancellationToken cancellationToken) => JsonSerializer.Serialize(await InAsync(
        _people, json, (scopeId, some) => other.Candidates.Where(c => c.ScopeId == scopeId && some.Contains(c.ReferenceId)).Select(c => c.Id), cancellationToken));

    /// <summary>The keys that the same applications have in another database, as JSON.</summary>
    public async Task<string> ApplicationsInAsync(HokifyDbContext other, string json, CancellationToken cancellationToken) => JsonSerializer.Serialize(await InAsync(
        _applications, json, (scopeId, some) => other.CandidateProfiles.Where(p => p.ScopeId == scopeId && some.Contains(p.ReferenceId)).Select(p => p.Id), cancellationToken));

    private static async Task<List<long>> InAsync(
        Dictionary<long, (int ScopeId, string Reference)> known, string json, Func<int, string[], IQueryable<long>> query, CancellationToken cancellationToken)
    {
        var found = new List<long>();
        var named = ErasureRequest.KeysIn(json).Where(known.ContainsKey).Select(key => known[key]).Where(row => !ErasedRow.Is(row.Reference));
        foreach (var scope in named.GroupBy(row => row.ScopeId))
        {
            found.AddRange(await Lookups.ListAsync(scope.Select(row => row.Reference), some => query(scope.Key, some), cancellationToken));
        }

        return [.. found.Order()];
    }
}

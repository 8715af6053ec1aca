using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>What an erasure needs to know of a person's row.</summary>
internal sealed record ErasableCandidate(long Id, string ReferenceId, CandidateColumns Columns);

/// <summary>The same of an application's.</summary>
internal sealed record ErasableProfile(long Id, string ReferenceId, long CandidateId, PersonKey Key);

/// <summary>
/// The rows that some erasures may take along, looked up for all of them at once. Each look-up is one by the leading columns of an
/// index and by nothing else: with an OR, or with a column more, a planner that knows nothing of the tables walks through all of a
/// scope, and on SQL Server waits for whoever writes there.
/// </summary>
internal sealed class ErasableRows
{
    private readonly Dictionary<long, ErasableCandidate> _candidates = [];
    private readonly Dictionary<string, ErasableCandidate> _candidateOf = [];
    private readonly Dictionary<string, ErasableProfile> _profileOf = [];
    private readonly Dictionary<long, List<ErasableProfile>> _profilesOf = [];
    private readonly Dictionary<PersonKey, List<ErasableProfile>> _sharing = [];

    private ErasableRows()
    {
    }

    /// <summary>The hashes of all of them that are remembered, as hexadecimal text, and since when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Known { get; set; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>What is on hold; null where nobody has looked.</summary>
    public HeldRows? Held { get; set; }

    public IEnumerable<ErasableCandidate> Candidates => _candidates.Values;

    public IEnumerable<ErasableProfile> Profiles => _profileOf.Values;

    public static Task<ErasableRows> FindAsync(
        HokifyDbContext db, int scopeId, IReadOnlyList<IncomingApplication> applications, CancellationToken cancellationToken) =>
        FindAsync(db, scopeId, [.. applications.Select(a => a.PersonId.Value)], [.. applications.Select(a => a.Id.Value)], cancellationToken);

    /// <param name="db">The database.</param>
    /// <param name="scopeId">The scope.</param>
    /// <param name="named">The ids of people.</param>
    /// <param name="applications">The ids of applications.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ErasableRows> FindAsync(
        HokifyDbContext db, int scopeId, IReadOnlyCollection<string> named, IReadOnlyCollection<string> applications, CancellationToken cancellationToken)
    {
        var rows = new ErasableRows();
        var inScope = db.Candidates.Where(c => c.ScopeId == scopeId);
        await rows.AddAsync(named, people => inScope.Where(c => people.Contains(c.ReferenceId)), cancellationToken);
        var owners = await Lookups.ListAsync(
            applications,
            ids => db.CandidateProfiles.Where(p => p.ScopeId == scopeId && ids.Contains(p.ReferenceId)).Select(p => p.CandidateId),
            cancellationToken);
        await rows.AddByIdAsync(db, owners, cancellationToken);

        // The same people may also be there by address, from a source that knows no user ids.
        var known = rows.Candidates.ToList();
        var sharing = await Lookups.ListAsync(
            known.SelectMany(c => ErasureHashes.KeysOf(c.Columns)).Distinct().Select(key => key.ToBytes()),
            keys => db.CandidateProfiles.Where(p => p.ScopeId == scopeId && keys.Contains(p.PersonKey)).Select(p => p.CandidateId),
            cancellationToken);
        await rows.AddAsync(known.SelectMany(DerivedIds), people => inScope.Where(c => people.Contains(c.ReferenceId)), cancellationToken);
        await rows.AddByIdAsync(db, sharing, cancellationToken);

        // A person and their applications are of one scope; to name it would offer the planner another index.
        var profiles = await Lookups.ListAsync(
            rows._candidates.Keys,
            ids => db.CandidateProfiles.Where(p => ids.Contains(p.CandidateId)).Select(p => new { p.Id, p.ReferenceId, p.CandidateId, p.PersonKey }),
            cancellationToken);
        foreach (var profile in profiles.Where(p => !ErasedRow.Is(p.ReferenceId)))
        {
            rows.Add(new ErasableProfile(profile.Id, profile.ReferenceId, profile.CandidateId, PersonKey.Of(profile.PersonKey)));
        }

        return rows;
    }

    /// <summary>The ids under which a source without ids of people would have stored the same person.</summary>
    public static IEnumerable<string> DerivedIds(ErasableCandidate candidate) =>
        ErasureHashes.KeysOf(candidate.Columns).Select(key => PersonId.Of(key).Value).Concat(ErasureHashes.AddressesOf(candidate.Columns).Select(a => PersonId.OfAddress(a).Value));

    /// <summary>The person behind an application, with all applications.</summary>
    /// <param name="application">The application.</param>
    /// <param name="taken">The keys of people who are gone by now, with all that was theirs.</param>
    public (List<ErasableCandidate> Candidates, List<ErasableProfile> Profiles) Behind(IncomingApplication application, IReadOnlySet<long> taken)
    {
        var named = new[]
        {
            _candidateOf.GetValueOrDefault(application.PersonId.Value),
            _profileOf.TryGetValue(application.Id.Value, out var profile) ? _candidates[profile.CandidateId] : null,
        }.OfType<ErasableCandidate>().Where(c => !taken.Contains(c.Id)).ToList();
        var candidates = named.Concat(named.SelectMany(SameByAddress)).Where(c => !taken.Contains(c.Id)).DistinctBy(c => c.Id).ToList();
        return (candidates, candidates.SelectMany(c => _profilesOf.GetValueOrDefault(c.Id, [])).ToList());
    }

    /// <summary>A person's row by their id; null where it is not among these.</summary>
    public ErasableCandidate? Of(string reference) => _candidateOf.GetValueOrDefault(reference);

    /// <summary>The person whose an application is; null where it is not among these.</summary>
    public ErasableCandidate? OwnerOf(string application) => _profileOf.TryGetValue(application, out var profile) ? _candidates[profile.CandidateId] : null;

    /// <summary>A row and those that have the same name at the same address.</summary>
    public IEnumerable<ErasableCandidate> SameAs(ErasableCandidate candidate) => SameByAddress(candidate).Prepend(candidate).DistinctBy(c => c.Id);

    /// <summary>The applications of a person's row.</summary>
    public IReadOnlyList<ErasableProfile> ProfilesOf(long candidateId) => _profilesOf.GetValueOrDefault(candidateId, []);

    /// <summary>
    /// The rows of the same person that a source without ids of people has made: under the address and the name, with which others
    /// of that address have nothing to do, or under the address alone, from before names were looked at.
    /// </summary>
    private IEnumerable<ErasableCandidate> SameByAddress(ErasableCandidate candidate) =>
        ErasureHashes.KeysOf(candidate.Columns).SelectMany(key => _sharing.GetValueOrDefault(key, [])).Select(p => _candidates[p.CandidateId])
            .Concat(DerivedIds(candidate).Select(id => _candidateOf.GetValueOrDefault(id)).OfType<ErasableCandidate>());

    private Task AddByIdAsync(HokifyDbContext db, IEnumerable<long> ids, CancellationToken cancellationToken) =>
        AddAsync(ids.Where(id => !_candidates.ContainsKey(id)), some => db.Candidates.Where(c => some.Contains(c.Id)), cancellationToken);

    private async Task AddAsync<TValue>(IEnumerable<TValue> values, Func<TValue[], IQueryable<Candidate>> query, CancellationToken cancellationToken)
    {
        var found = await Lookups.ListAsync(
            values,
            some => query(some).Select(c => new { c.Id, c.ReferenceId, c.Columns.Email, c.Columns.HokifyMail, c.Columns.DisplayName, c.Columns.FirstName, c.Columns.LastName }),
            cancellationToken);
        foreach (var row in found)
        {
            var who = new CandidateColumns { Email = row.Email, HokifyMail = row.HokifyMail, DisplayName = row.DisplayName, FirstName = row.FirstName, LastName = row.LastName };
            _candidates[row.Id] = _candidateOf[row.ReferenceId] = new ErasableCandidate(row.Id, row.ReferenceId, who);
        }
    }

    private void Add(ErasableProfile profile)
    {
        _profileOf[profile.ReferenceId] = profile;
        Under(_profilesOf, profile.CandidateId).Add(profile);
        if (profile.Key.IsWhole)
        {
            Under(_sharing, profile.Key).Add(profile);
        }

        static List<ErasableProfile> Under<TKey>(Dictionary<TKey, List<ErasableProfile>> lists, TKey key)
            where TKey : notnull => lists.TryGetValue(key, out var list) ? list : lists[key] = [];
    }
}

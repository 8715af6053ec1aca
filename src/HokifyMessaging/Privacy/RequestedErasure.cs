using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What a request for an erasure means for the rows as they are when it is carried out.</summary>
/// <param name="request">The request.</param>
/// <param name="hashes">Makes hashes.</param>
internal sealed class RequestedErasure(ErasureRequest request, ErasureHashes hashes)
{
    private readonly IReadOnlyList<long> _entries = ErasureRequest.KeysIn(request.Entries);

    /// <summary>The keys of the people's rows.</summary>
    public IReadOnlyList<long> Candidates { get; } = ErasureRequest.KeysIn(request.Candidates);

    /// <summary>
    /// Who has come since under an id that nobody had when it was asked for. The request knows the id as a hash alone, so that all
    /// ids of the scope are hashed; where people's rows were found, these lead to whatever has come of the same people.
    /// </summary>
    public async Task<IReadOnlyList<string>> FindLateAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        if (Candidates.Count > 0)
        {
            return [];
        }

        var asked = (request.Hashes ?? []).Chunk(HashLength).ToDictionary(Convert.ToHexString, _ => DateTimeOffset.MaxValue);
        return [.. (await new RowsOfTheErased(db, request.ScopeId, hashes, asked).FindAsync(cancellationToken)).Select(named => named.Reference).Distinct()];
    }

    private const int HashLength = 32;

    /// <summary>Forgets some of them, in the caller's transaction. To do it again changes nothing.</summary>
    /// <param name="db">The database.</param>
    /// <param name="candidates">Keys of people's rows; none for what else there is.</param>
    /// <param name="late">Who has come since.</param>
    /// <param name="now">When it happens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ForgottenRows> ForgetAsync(HokifyDbContext db, IReadOnlyList<long> candidates, IReadOnlyList<string> late, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isRest = candidates.Count == 0;
        var people = await Lookups.ListAsync(
            candidates, some => db.Candidates.Where(c => some.Contains(c.Id) && !c.ReferenceId.StartsWith(ErasedRow.Prefix)).Select(c => c.ReferenceId), cancellationToken);
        var entries = isRest ? await EntriesAsync(db, cancellationToken) : [];
        var applications = entries.Where(e => e.IsNobodys).Select(e => e.ReferenceId).Concat(late).ToList();
        people.AddRange(entries.Where(e => !e.IsNobodys).Select(e => e.PersonReferenceId!));
        people.AddRange(late);

        var rows = await ErasableRows.FindAsync(db, request.ScopeId, people, applications, cancellationToken);
        var theirs = people.Select(rows.Of).Concat(applications.Select(rows.OwnerOf)).OfType<ErasableCandidate>()
            .SelectMany(row => SamePeople.RowsOf(row, rows)).DistinctBy(row => row.Id).ToList();
        var profiles = theirs.SelectMany(row => rows.ProfilesOf(row.Id)).ToList();
        var plan = new ErasurePlan();
        plan.Take([.. people, .. applications], theirs, profiles);
        var remembered = hashes.Of(request.ScopeId, theirs, profiles).Concat(isRest ? (request.Hashes ?? []).Chunk(HashLength) : []);
        plan.Hashes.AddRange((await ErasedKeys.MissingAsync(db, request.ScopeId, [.. remembered.Select(hash => (hash, now))], cancellationToken)).Select(key => key.Hash));
        return await new ForgottenPeople(db, plan, request.ScopeId, runId: null, now).ForgetAsync(cancellationToken);
    }

    /// <summary>Whoever has forgotten them already has deleted them or taken their ids.</summary>
    private Task<List<AskedEntry>> EntriesAsync(HokifyDbContext db, CancellationToken cancellationToken) => Lookups.ListAsync(
        _entries,
        some => db.ActivityLogs.Where(l => some.Contains(l.Id) && l.ReferenceId != ErasedRow.Reference).Select(l => new AskedEntry(l.Id, l.ReferenceId, l.PersonReferenceId)),
        cancellationToken);

    /// <summary>A record that waited when it was asked for.</summary>
    private sealed record AskedEntry(long Id, string ReferenceId, string? PersonReferenceId)
    {
        /// <summary>Whether only its application says whose it is: then whoever has that application by now.</summary>
        public bool IsNobodys => PersonReferenceId is null || (new PersonId(PersonReferenceId) is { IsDerived: true, Key: null });
    }
}

using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// Finds who is meant by an id or an address: one person, or several of whom each can be named. In sources that have ids of people the
/// id is the person, whatever name and address others share with them. In the other sources whoever is stored is a person, and what
/// was stored there of the same name at the same address belongs to whoever has both.
/// </summary>
internal sealed class PeopleFinder(IDbContextFactory<HokifyDbContext> contexts, ErasureMarks marks)
{
    /// <param name="scopeId">The scope.</param>
    /// <param name="asked">Who is asked for.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="InvalidOperationException">Somebody was erased in the scope, and the key is not there that tells whom.</exception>
    public async Task<FoundPeople> FindAsync(int scopeId, NamedPerson asked, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var waiting = new WaitingRecords(db, scopeId);
        var (named, entries) = await LookUpAsync(db, scopeId, waiting, asked, cancellationToken);
        named.AddRange(entries.Select(e => e.PersonReferenceId).OfType<string>());
        var rows = await ErasableRows.FindAsync(db, scopeId, [.. named.Distinct()], [], cancellationToken);
        if (rows.Candidates.Count() > named.Distinct().Count())
        {
            // Whoever was found beside those who are named may have yet another name and address.
            rows = await ErasableRows.FindAsync(db, scopeId, [.. rows.Candidates.Select(c => c.ReferenceId)], [], cancellationToken);
        }

        var people = new List<FoundPerson>();
        foreach (var group in SamePeople.Among([.. named.Distinct().Select(rows.Of).OfType<ErasableCandidate>()], rows))
        {
            people.Add(await DescribeAsync(db, waiting, group, cancellationToken));
        }

        var known = people.SelectMany(p => p.Waiting).Select(w => w.Id).ToHashSet();
        people.AddRange(entries.Where(e => !known.Contains(e.Id)).GroupBy(e => e.PersonReferenceId ?? e.ReferenceId)
            .Select(of => new FoundPerson { Rows = [], Applications = [], Waiting = [.. of], Shared = [] }));
        return new FoundPeople { ScopeId = scopeId, Asked = asked, People = people, ErasedAt = await ErasedAtAsync(db, scopeId, asked, cancellationToken) };
    }

    /// <summary>The ids of the people who are meant, and what waits that names whoever is meant.</summary>
    private static async Task<(List<string> Named, List<FoundEntry> Entries)> LookUpAsync(
        HokifyDbContext db, int scopeId, WaitingRecords waiting, NamedPerson asked, CancellationToken cancellationToken)
    {
        switch (asked.By)
        {
            case NamedBy.Application:
                var owner = await db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == scopeId && p.ReferenceId == asked.Value)
                    .Select(p => p.Candidate!.ReferenceId).ToListAsync(cancellationToken);
                var entries = await waiting.OfApplicationsAsync([asked.Value], cancellationToken);
                entries.AddRange((await waiting.ContradictingAsync(new HashSet<string> { asked.Value }, cancellationToken)).Select(found => found.Entry));
                return (owner, entries);
            case NamedBy.Person:
                return ([asked.Value], await waiting.OfPeopleAsync([asked.Value], cancellationToken));
            default:
                return (await OfAddressAsync(db, scopeId, asked.Value, cancellationToken), await waiting.OfAddressAsync(asked.Value, cancellationToken));
        }
    }

    /// <summary>Addresses have no index: all people of the scope are read for one.</summary>
    private static Task<List<string>> OfAddressAsync(HokifyDbContext db, int scopeId, string address, CancellationToken cancellationToken) =>
        RecordTrails.OfAddress(db, scopeId, address).OrderBy(c => c.Id).Select(c => c.ReferenceId).ToListAsync(cancellationToken);

    private static async Task<FoundPerson> DescribeAsync(HokifyDbContext db, WaitingRecords waiting, SamePeople group, CancellationToken cancellationToken)
    {
        var applications = await Lookups.ListAsync(
            group.Rows.Select(c => c.Id),
            some => db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.CandidateId))
                .Select(p => new { p.Id, p.ReferenceId, p.CandidateId, p.Columns.Name, p.Columns.DatePublish, p.IsDeleted }),
            cancellationToken);

        // Of a person who is there a single application may have been forgotten.
        applications.RemoveAll(a => ErasedRow.Is(a.ReferenceId));
        var ids = applications.Select(a => a.ReferenceId).ToHashSet(StringComparer.Ordinal);
        var entries = await waiting.OfApplicationsAsync(ids, cancellationToken);
        var contradicting = ids.Count == 0 ? [] : await waiting.ContradictingAsync(ids, cancellationToken);
        var others = entries.Select(e => (Entry: e, Application: e.ReferenceId)).Concat(contradicting).Where(e => group.IsSomebodyElses(e.Entry)).ToList();
        var own = entries.Concat(contradicting.Select(c => c.Entry)).Concat(await waiting.OfPeopleAsync(group.References, cancellationToken));
        return new FoundPerson
        {
            Rows = [.. group.Rows.Select(c => new FoundRow(c.Id, c.ReferenceId, c.Columns.DisplayName, [.. ErasureHashes.AddressesOf(c.Columns).Distinct()]))],
            Applications = [.. applications.OrderBy(a => a.Id).Select(a => new FoundApplication(a.Id, a.ReferenceId, a.CandidateId, a.Name, a.DatePublish, a.IsDeleted))],
            Waiting = [.. own.Where(e => !group.IsSomebodyElses(e)).DistinctBy(e => e.Id).OrderBy(e => e.Id)],
            Shared = [.. others.Select(o => o.Application).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private async Task<DateTimeOffset?> ErasedAtAsync(HokifyDbContext db, int scopeId, NamedPerson asked, CancellationToken cancellationToken)
    {
        if (asked.By == NamedBy.Address || !await db.ErasedKeys.AnyAsync(e => e.ScopeId == scopeId, cancellationToken))
        {
            return null;
        }

        var hashes = marks(scopeId, asked.Value).Select(mark => mark.Hash).ToList();
        return await db.ErasedKeys.Where(e => e.ScopeId == scopeId && hashes.Contains(e.Hash))
            .OrderBy(e => e.ErasedAt).Select(e => (DateTimeOffset?)e.ErasedAt).FirstOrDefaultAsync(cancellationToken);
    }
}

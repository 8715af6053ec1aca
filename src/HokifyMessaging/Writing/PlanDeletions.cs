using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Keeps what would be deleted softly as entries of the run's plan: the applications, and with them whom neither a stored application nor one of the plan is left to. The
/// caller saves.
/// </summary>
internal sealed class PlanDeletions(HokifyDbContext db, RunInProgress run, int largest)
{
    private readonly IQueryable<PlanEntry> _entries = db.PlanEntries.Where(e => e.RunId == run.RunId);
    private long _last;

    /// <summary>Whether the plan had no room for something.</summary>
    public bool IsFull { get; private set; }

    /// <param name="missing">The keys of applications.</param>
    /// <param name="left">The keys of people who may have no application any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What would be deleted.</returns>
    public async Task<ImportTally> RecordAsync(IReadOnlyList<long> missing, IReadOnlyList<long> left, CancellationToken cancellationToken)
    {
        var tally = new ImportTally();
        _last = await _entries.OrderByDescending(e => e.Number).Select(e => e.Number).FirstOrDefaultAsync(cancellationToken);
        var profiles = await Lookups.ListAsync(
            missing,
            some => db.CandidateProfiles.Where(p => some.Contains(p.Id))
                .Select(p => new { p.Id, p.ReferenceId, p.CandidateId, p.ContentHash, p.Version, p.IsDeleted, Person = p.Candidate!.ReferenceId }),
            cancellationToken);
        foreach (var profile in profiles.OrderBy(p => p.Id))
        {
            var state = new PlannedState(profile.ContentHash, profile.Version, IsDeleted: profile.IsDeleted, Owner: profile.CandidateId);
            Add(ElementNames.CandidateProfile, profile.ReferenceId, profile.Person, profile.Id, state, state.HashOfProfile());
        }

        ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, profiles.Count);
        await db.SaveChangesAsync(cancellationToken);
        var people = left.Where(id => id > 0).Concat(profiles.Select(p => p.CandidateId)).ToHashSet();
        var staying = await StayingAsync(people, cancellationToken);
        var going = await Lookups.ListAsync(
            people.Where(id => !staying.Contains(id)),
            some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => new { c.Id, c.ReferenceId, c.ContentHash, c.Version, c.VersionReferenceId, c.IsDeleted }),
            cancellationToken);
        var planned = (await Lookups.ListAsync(
            going.Select(c => c.ReferenceId), some => _entries.Where(e => e.ElementName == ElementNames.Candidate && some.Contains(e.ReferenceId)), cancellationToken)).ToDictionary(e => e.ReferenceId);
        foreach (var person in going.OrderBy(c => c.Id))
        {
            if (planned.TryGetValue(person.ReferenceId, out var entry) && entry.Kind != PlannedChange.Deleted)
            {
                entry.State = (PlannedState.Of(entry) with { IsDeleted = true }).ToJson();
                (entry.Kind, entry.Fields) = (PlannedChange.Deleted, null);
                entry.Hash = PlanHash.OfEntry(nameof(PlannedChange.Deleted), entry.ElementName, entry.ReferenceId, entry.PersonReferenceId, fields: null, payload: null);
            }
            else if (entry is null && !person.IsDeleted)
            {
                var state = new PlannedState(person.ContentHash, person.Version, person.VersionReferenceId, person.IsDeleted);
                Add(ElementNames.Candidate, person.ReferenceId, person.ReferenceId, person.Id, state, state.HashOfCandidate());
            }
            else
            {
                continue;
            }

            ImportTally.Add(tally.Deleted, ElementNames.Candidate);
        }

        return tally;
    }

    /// <summary>Those of some people to whom an application is left: a stored one that the plan neither deletes nor gives to somebody else, or one that it gives to them.</summary>
    private async Task<HashSet<long>> StayingAsync(HashSet<long> people, CancellationToken cancellationToken)
    {
        var stored = await Lookups.ListAsync(
            people, some => db.CandidateProfiles.Where(p => some.Contains(p.CandidateId) && !p.IsDeleted).Select(p => new { p.ReferenceId, p.CandidateId }), cancellationToken);
        var names = await Lookups.ListAsync(people, some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => c.ReferenceId), cancellationToken);
        var entries = await Lookups.ListAsync(
            stored.Select(p => p.ReferenceId), some => _entries.AsNoTracking().Where(e => e.ElementName == ElementNames.CandidateProfile && some.Contains(e.ReferenceId)), cancellationToken);
        entries.AddRange(await Lookups.ListAsync(
            names, some => _entries.AsNoTracking().Where(e => e.ElementName == ElementNames.CandidateProfile && some.Contains(e.PersonReferenceId)), cancellationToken));
        var planned = entries.DistinctBy(e => e.ReferenceId).ToDictionary(e => e.ReferenceId, e => e.State is null ? null : PlannedState.Of(e));
        return
        [
            .. stored.Where(p => !planned.ContainsKey(p.ReferenceId)).Select(p => p.CandidateId),
            .. planned.Values.OfType<PlannedState>().Where(state => !state.IsDeleted).Select(state => state.Owner),
        ];
    }

    private void Add(string element, string reference, string person, long rowId, PlannedState found, byte[] before)
    {
        if (_last >= largest)
        {
            IsFull = true;
            return;
        }

        db.PlanEntries.Add(new PlanEntry
        {
            RunId = run.RunId,
            Number = ++_last,
            ScopeId = run.Request.ScopeId,
            Kind = PlannedChange.Deleted,
            ElementName = element,
            ReferenceId = reference,
            PersonReferenceId = person,
            RowId = rowId,
            Before = before,
            State = (found with { IsDeleted = true }).ToJson(),
            Hash = PlanHash.OfEntry(nameof(PlannedChange.Deleted), element, reference, person, fields: null, payload: null),
        });
    }
}

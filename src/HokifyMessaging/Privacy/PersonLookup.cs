using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Reads all that the database has about a person, by the same ways on which an erasure finds what to take away.</summary>
internal sealed class PersonLookup(IDbContextFactory<HokifyDbContext> contexts, Func<ErasureSecret> secret)
{
    /// <param name="scopeId">The scope.</param>
    /// <param name="person">The person. Of what waits under an application's id it names what is theirs: the rest may be somebody else's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PersonRows> ReadAsync(int scopeId, FoundPerson person, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var people = await Lookups.ListAsync(person.Rows.Select(row => row.Id), some => db.Candidates.AsNoTracking().Where(c => some.Contains(c.Id)), cancellationToken);
        var applications = await Lookups.ListAsync(
            people.Select(c => c.Id), some => db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.CandidateId)), cancellationToken);
        applications.RemoveAll(p => ErasedRow.Is(p.ReferenceId));
        var references = people.Select(c => c.ReferenceId).Concat(applications.Select(p => p.ReferenceId))
            .Concat(person.Waiting.Select(entry => entry.PersonReferenceId).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        var waiting = await Lookups.ListAsync(person.Waiting.Select(entry => entry.Id), some => db.ActivityLogs.AsNoTracking().Where(l => some.Contains(l.Id)), cancellationToken);
        var done = await DoneAsync(db, scopeId, people, applications, references, cancellationToken);

        // The ledger may know applications that have no row yet.
        references.UnionWith(waiting.Select(l => l.ReferenceId));
        var mentions = new PersonMentions(db, scopeId, secret);
        await mentions.FindAsync(people, applications, references, cancellationToken);
        return new PersonRows
        {
            Candidates = [.. people.OrderBy(c => c.Id)],
            Profiles = [.. applications.OrderBy(p => p.Id)],
            Plans = await PlannedAsync(db, scopeId, references, cancellationToken),
            Activities = [.. waiting.Concat(done).DistinctBy(l => l.Id).OrderBy(l => l.Id)],
            Mentions = mentions.Found,
            NotKnown = mentions.NotKnown,
        };
    }

    private static async Task<IReadOnlyList<PlanEntry>> PlannedAsync(HokifyDbContext db, int scopeId, HashSet<string> references, CancellationToken cancellationToken)
    {
        var entries = db.PlanEntries.AsNoTracking().Where(e => e.ScopeId == scopeId);
        var found = await Lookups.ListAsync(references, some => entries.Where(e => some.Contains(e.ReferenceId)), cancellationToken);
        found.AddRange(await Lookups.ListAsync(references, some => entries.Where(e => some.Contains(e.PersonReferenceId)), cancellationToken));
        return [.. found.DistinctBy(e => (e.RunId, e.Number)).OrderBy(e => e.RunId).ThenBy(e => e.Number)];
    }

    /// <summary>What was done to the rows, and what has left the ledger.</summary>
    private static async Task<IEnumerable<ActivityLog>> DoneAsync(
        HokifyDbContext db, int scopeId, List<Candidate> people, List<CandidateProfile> applications, HashSet<string> references, CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == scopeId);
        var found = await Lookups.ListAsync(references, some => entries.Where(l => l.LastRunId != null && some.Contains(l.ReferenceId)), cancellationToken);
        found.AddRange(await Lookups.ListAsync(references, some => entries.Where(l => some.Contains(l.PersonReferenceId)), cancellationToken));
        foreach (var (element, ids) in new[] { (ElementNames.Candidate, people.Select(c => c.Id)), (ElementNames.CandidateProfile, applications.Select(p => p.Id)) })
        {
            found.AddRange(await Lookups.ListAsync(
                ids.Select(id => (long?)id), some => db.ActivityLogs.AsNoTracking().Where(l => l.ElementName == element && some.Contains(l.ElementId)), cancellationToken));
        }

        return found.Where(l => l.Status is not (ActivityStatus.Open or ActivityStatus.Parked) && (l.PersonReferenceId is null || references.Contains(l.PersonReferenceId)));
    }
}

using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Counts what became of the records of a batch, each once: as created, updated or unchanged, of the application and of its
/// person; or, for both, as stale, withheld, erased or a duplicate. What failed the ledger counts.
/// </summary>
internal sealed class BatchCounts(HokifyDbContext db, RunInProgress run, ImportTally tally)
{
    /// <summary>A copy that waited for the end of the read was counted as a duplicate when it began to.</summary>
    public void Decided(int records) => tally.Count(Stat.Duplicates, -records);

    public void Duplicate() => tally.Count(Stat.Duplicates);

    public void Withheld(int records = 1) => tally.Count(Stat.ErasedWithheld, records);

    public void Erased(ErasedRows removed)
    {
        tally.Count(Stat.Erased);
        ImportTally.Add(tally.Deleted, ElementNames.Candidate, removed.Candidates);
        ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, removed.Profiles);
    }

    /// <summary>A person whom another application has told about later is as unchanged as one of whom nothing new was told.</summary>
    public void Stored(ElementPlan candidate, ElementPlan profile)
    {
        if (profile is ElementPlan.Stale)
        {
            tally.Count(Stat.Stale);
            return;
        }

        Count(ElementNames.Candidate, candidate);
        Count(ElementNames.CandidateProfile, profile);
    }

    /// <summary>A repeat was counted when it was first read; it counts again only if it is what made the difference.</summary>
    public async Task RepeatedAsync(ApplicationPlan.Store plan, StoredRows stored, BatchChanges changes, CancellationToken cancellationToken)
    {
        Duplicate();
        var (person, id) = (plan.Application.Owner, plan.Application.Id);
        await RecountAsync(ElementNames.Candidate, plan.Candidate, person.Value, stored.IdOf(person), changes, cancellationToken);
        await RecountAsync(ElementNames.CandidateProfile, plan.Profile, id.Value, stored.IdOf(id), changes, cancellationToken);
    }

    private void Count(string element, ElementPlan plan) =>
        ImportTally.Add(
            plan switch
            {
                ElementPlan.Create => tally.Created,
                ElementPlan.Update => tally.Updated,
                _ => tally.Unchanged,
            },
            element);

    private async Task RecountAsync(
        string element, ElementPlan plan, string reference, long? id, BatchChanges changes, CancellationToken cancellationToken)
    {
        if (plan is ElementPlan.Update
            && !changes.HasLogged(element, reference)
            && !await db.ActivityLogs.AnyAsync(l => l.ElementId == id && l.ElementName == element && l.RunId == run.RunId, cancellationToken))
        {
            ImportTally.Add(tally.Unchanged, element, -1);
            ImportTally.Add(tally.Updated, element);
        }
    }
}

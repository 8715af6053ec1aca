using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Forgets applications without the people who wrote them. Nothing of such an application is kept but a keyed hash of its id, by which it is kept out; of the person none is, for
/// whoever applies again is welcome. Whose last application it was goes along, as an empty row.
/// </summary>
/// <param name="db">The database.</param>
/// <param name="scopeId">The scope.</param>
/// <param name="hashes">Makes hashes.</param>
internal sealed class ForgottenApplications(HokifyDbContext db, int scopeId, ErasureHashes hashes)
{
    /// <summary>What becomes of the database when some applications are forgotten.</summary>
    /// <param name="rows">The keys of their rows; those that were emptied before are passed over.</param>
    /// <param name="ids">The ids of others, which have no row and of which something may wait.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<ErasurePlan> PlanAsync(IReadOnlyCollection<long> rows, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var profiles = await Lookups.ListAsync(
            rows,
            some => db.CandidateProfiles.Where(p => some.Contains(p.Id) && !p.ReferenceId.StartsWith(ErasedRow.Prefix)).Select(p => new { p.Id, p.ReferenceId, p.CandidateId }),
            cancellationToken);
        var plan = new ErasurePlan();
        plan.Profiles.UnionWith(profiles.Select(p => p.Id));
        plan.References.UnionWith(profiles.Select(p => p.ReferenceId));
        plan.References.UnionWith(ids);
        var stay = await Lookups.ListAsync(
            profiles.Select(p => p.CandidateId),
            some => db.CandidateProfiles.Where(p => some.Contains(p.CandidateId) && !p.ReferenceId.StartsWith(ErasedRow.Prefix)).Select(p => new { p.Id, p.CandidateId }),
            cancellationToken);
        var staying = stay.Where(p => !plan.Profiles.Contains(p.Id)).Select(p => p.CandidateId).ToHashSet();
        var people = await Lookups.ListAsync(
            profiles.Select(p => p.CandidateId), some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => new { c.Id, c.ReferenceId, c.VersionReferenceId }), cancellationToken);
        foreach (var person in people)
        {
            if (!staying.Contains(person.Id))
            {
                plan.Candidates.Add(person.Id);
                plan.Settled.Add(person.ReferenceId);
            }
            else if (person.VersionReferenceId is { } from && plan.References.Contains(from))
            {
                plan.Unversioned.Add(person.Id);
            }
        }

        plan.Entries.UnionWith(await ContradictingAsync(plan.References, cancellationToken));
        return plan;
    }

    /// <summary>Forgets what was planned, in the caller's transaction. To do it again changes nothing.</summary>
    /// <param name="plan">What becomes of the database.</param>
    /// <param name="now">When it happens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ForgottenRows> ForgetAsync(ErasurePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (plan.References.Count == 0)
        {
            return ForgottenRows.None;
        }

        var missing = await ErasedKeys.MissingAsync(db, scopeId, [.. plan.References.Select(id => (hashes.ForgottenApplication(scopeId, id), now))], cancellationToken);
        plan.Hashes.AddRange(missing.Select(key => key.Hash));
        return await new ForgottenPeople(db, plan, scopeId, runId: null, now).ForgetAsync(cancellationToken);
    }

    /// <summary>Records that contradict another of the same application go by a hash of what was delivered, and wait for an operator; only their sentence says which application it is.</summary>
    private async Task<IEnumerable<long>> ContradictingAsync(HashSet<string> ids, CancellationToken cancellationToken)
    {
        var parked = await db.ActivityLogs.AsNoTracking()
            .Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked) && l.ReferenceId.StartsWith(RecordFailure.PayloadPrefix))
            .Select(l => new { l.Id, l.ResultData }).ToListAsync(cancellationToken);
        return parked.Where(l => l.ResultData is { } sentence && !ReferenceEquals(WholeText.WithoutIds(sentence, ids, ErasedRow.Reference), sentence)).Select(l => l.Id);
    }
}

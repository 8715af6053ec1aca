using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>What a run that only plans knows of what it has done before, which any other reads in the rows that it has written: whom it erases, what it refuses and what it changes.</summary>
internal sealed class PlanMemory(HokifyDbContext db, RunInProgress run)
{
    private readonly IQueryable<PlanEntry> _entries = db.PlanEntries.AsNoTracking().Where(e => e.RunId == run.RunId);

    /// <summary>Who was erased, with those whom the plan erases.</summary>
    public async Task<KnownErasures> WithPlannedAsync(FoundBatch found, CancellationToken cancellationToken)
    {
        if (!await _entries.AnyAsync(e => e.Kind == PlannedChange.Erased, cancellationToken))
        {
            return found.Erased;
        }

        var erased = _entries.Where(e => e.Kind == PlannedChange.Erased);
        var applications = found.Arrived.Select(a => a.Application).ToList();
        var names = (await Lookups.ListAsync(applications.Select(a => a.Id.Value), some => erased.Where(e => some.Contains(e.ReferenceId)).Select(e => e.ReferenceId), cancellationToken)).ToHashSet();
        names.UnionWith((await Lookups.ListAsync(
            applications.SelectMany(a => new[] { a.PersonId.Value, a.Owner.Value }), some => erased.Where(e => some.Contains(e.PersonReferenceId)).Select(e => e.PersonReferenceId), cancellationToken)).OfType<string>());
        var gone = applications.Where(a => names.Contains(a.Id.Value) || names.Contains(a.PersonId.Value) || names.Contains(a.Owner.Value)).ToList();
        return gone.Count == 0 ? found.Erased : found.Erased.With(gone, run.StartedAt);
    }

    /// <summary>What waits in the ledger, with what would.</summary>
    public async Task<IReadOnlyDictionary<string, ActivityLog>> WithPlannedAsync(Dictionary<string, ActivityLog> waiting, IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        var refused = await Lookups.ListAsync(
            references, some => _entries.Where(e => e.ElementName == ElementNames.ActivityLog && some.Contains(e.ReferenceId)).Select(e => e.ReferenceId), cancellationToken);
        foreach (var reference in refused)
        {
            var entry = waiting.TryGetValue(reference, out var stored) ? stored.Copy()
                : ActivityLog.OfDone(run.Request.ScopeId, run.RunId, ActivityName.Rejected, ElementNames.CandidateProfile, reference, run.StartedAt);
            (entry.Status, entry.RunId, entry.LastRunId) = (ActivityStatus.Open, run.RunId, run.RunId);
            waiting[reference] = entry;
        }

        return waiting;
    }

    /// <summary>The rows of some applications that the plan has changed before, though it may have changed them back.</summary>
    public async Task<IReadOnlySet<(string Element, long Id)>> ChangedAsync(IReadOnlyCollection<IncomingApplication> applications, CancellationToken cancellationToken)
    {
        var changed = await Lookups.ListAsync(
            applications.SelectMany(a => new[] { a.Id.Value, a.Owner.Value }),
            some => _entries.Where(e => some.Contains(e.ReferenceId) && (e.Kind == PlannedChange.Created || e.Fields != null)).Select(e => new { e.ElementName, e.RowId, e.Number }),
            cancellationToken);
        return changed.Select(e => (e.ElementName, e.RowId ?? -e.Number)).ToHashSet();
    }
}

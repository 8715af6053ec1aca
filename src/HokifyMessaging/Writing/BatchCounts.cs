using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// Counts what a plan does with its records, each once: as created, updated or unchanged, of the application and of its person; or,
/// for both, as stale, suppressed, erased, rejected or a duplicate. Pure, and the same whether the plan is carried out or not.
/// </summary>
internal sealed class BatchCounts
{
    private readonly ImportTally _tally = new();
    private readonly BatchPlan _plan;
    private readonly HashSet<(string Element, string Reference)> _changed = [];
    private readonly bool _hasRepeats;

    private BatchCounts(BatchPlan plan) => (_plan, _hasRepeats) = (plan, plan.Applications.Any(p => p is ApplicationPlan.Store { IsRepeat: true }));

    public static ImportTally Of(BatchPlan plan, bool isRetry)
    {
        var counts = new BatchCounts(plan);
        counts._tally.Count(Stat.Batches, plan.Found.IsRefused ? 0 : 1);
        counts.CountRecords(plan.Found.Records);
        plan.Found.Failed.ForEach(f => counts.CountUnknown(f.Record, f.Failure.UnknownMembers));
        foreach (var (application, index) in plan.Applications.Select((a, i) => (a, i)))
        {
            counts.Count(application, index);
        }

        counts._tally.Count(Stat.ErasedWithheld, plan.Suppressed);
        foreach (var decision in plan.Ledger)
        {
            counts.Count(decision, isRetry);
        }

        return counts._tally;
    }

    /// <summary>
    /// A record is counted as read by the step that counts what became of it: so the figures agree wherever a run stops. A copy that
    /// waited for the end of the read was counted as a duplicate when it began to.
    /// </summary>
    private void CountRecords(IReadOnlyList<SourceRecord> records)
    {
        _tally.Count(Stat.Retried, records.Count(r => r.LedgerReference is not null));
        _tally.Count(Stat.Fetched, records.Count(r => r is { LedgerReference: null, IsDecided: false }));
        _tally.Count(Stat.Duplicates, -records.Count(r => r.IsDecided));
    }

    private void CountUnknown(SourceRecord record, int members)
    {
        if (record is { LedgerReference: null, IsDecided: false })
        {
            _tally.Count(Stat.UnknownFields, members);
        }
    }

    private void Count(ApplicationPlan plan, int index)
    {
        CountUnknown(_plan.Found.Arrived[index].Record, plan.Application.UnknownMembers);
        switch (plan)
        {
            case ApplicationPlan.Store { IsRepeat: true } store:
                // It was counted when it was first read; it counts again only if it is what made the difference.
                _tally.Count(Stat.Duplicates);
                Recount(ElementNames.Candidate, store.Candidate, store.Application.Owner.Value, _plan.Found.Stored.IdOf(store.Application.Owner));
                Recount(ElementNames.CandidateProfile, store.Profile, store.Application.Id.Value, _plan.Found.Stored.IdOf(store.Application.Id));
                Remember(store);
                break;
            case ApplicationPlan.Store { Profile: ElementPlan.Stale }:
                _tally.Count(Stat.Stale);
                break;
            case ApplicationPlan.Store store:
                Count(ElementNames.Candidate, store.Candidate);
                Count(ElementNames.CandidateProfile, store.Profile);
                Remember(store);
                break;
            case ApplicationPlan.Yield or ApplicationPlan.Hold:
                _tally.Count(Stat.Duplicates);
                break;
            case ApplicationPlan.Erase when _plan.Erasure?.Outcomes[index] is { } removed:
                _tally.Count(Stat.Erased);
                ImportTally.Add(_tally.Deleted, ElementNames.Candidate, removed.Candidates);
                ImportTally.Add(_tally.Deleted, ElementNames.CandidateProfile, removed.Profiles);
                break;
            case ApplicationPlan.Erase or ApplicationPlan.Suppress:
                _tally.Count(Stat.ErasedWithheld);
                break;
        }
    }

    /// <summary>A person whom another application has told about later is as unchanged as one of whom nothing new was told.</summary>
    private void Count(string element, ElementPlan plan) =>
        ImportTally.Add(
            plan switch
            {
                ElementPlan.Create => _tally.Created,
                ElementPlan.Update => _tally.Updated,
                _ => _tally.Unchanged,
            },
            element);

    private void Recount(string element, ElementPlan plan, string reference, long? id)
    {
        if (plan is ElementPlan.Update && !_changed.Contains((element, reference)) && !(id is { } key && _plan.Found.Touched.Contains((element, key))))
        {
            ImportTally.Add(_tally.Unchanged, element, -1);
            ImportTally.Add(_tally.Updated, element);
        }
    }

    private void Remember(ApplicationPlan.Store store)
    {
        if (!_hasRepeats)
        {
            return;
        }

        if (store.Candidate is ElementPlan.Create or ElementPlan.Update)
        {
            _changed.Add((ElementNames.Candidate, store.Application.Owner.Value));
        }

        if (store.Profile is ElementPlan.Create or ElementPlan.Update)
        {
            _changed.Add((ElementNames.CandidateProfile, store.Application.Id.Value));
        }
    }

    private void Count(LedgerDecision decision, bool isRetry)
    {
        switch (decision)
        {
            case LedgerDecision.Settle settle:
                _tally.Count(Stat.RetriesSucceeded, isRetry && !settle.IsSuperseded ? 1 : 0);
                break;
            case LedgerDecision.Enter(var failure, var next):
                Count(failure, isParked: next is RetryDecision.Park);
                break;
            case LedgerDecision.FailAgain(var entry, var failure, _, var next):
                Count(failure, isParked: next is RetryDecision.Park && entry.Status != ActivityStatus.Parked);
                break;
            case LedgerDecision.Outlive(_, var failure, _):
                Count(failure, isParked: false);
                break;
            case LedgerDecision.Repeat:
                _tally.Count(Stat.Duplicates);
                break;
        }
    }

    private void Count(RecordFailure failure, bool isParked)
    {
        _tally.Count(failure.Name == ActivityName.Rejected ? Stat.Rejected : Stat.Failed);
        _tally.Count(Stat.Parked, isParked ? 1 : 0);
        _tally.Fail(failure.Element, failure.ToException());
    }
}

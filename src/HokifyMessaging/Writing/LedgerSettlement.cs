using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What a batch means for the ledger: what arrived safely leaves it, and what failed enters it.</summary>
internal sealed class LedgerSettlement(HokifyDbContext db, RunInProgress run, ImportTally tally, RetryLedger ledger, BatchChanges changes)
{
    public async Task SettleAsync(
        IReadOnlyList<ApplicationPlan> plans, List<ArrivedRecord> arrived, List<RecordFailure> failures, CancellationToken cancellationToken)
    {
        if (failures.Count == 0 && !run.MayHaveWaiting)
        {
            return;
        }

        var settled = plans.Zip(arrived, (plan, record) => (Plan: plan, record.LedgerReference))
            .Where(p => p.Plan is not (ApplicationPlan.Reject or ApplicationPlan.Hold)).ToList();
        var waiting = await RetryLedger.WaitingAsync(
            db,
            run.Request.ScopeId,
            [
                .. settled.Select(p => p.Plan.Application.Id.Value),
                .. settled.Select(p => p.LedgerReference).OfType<string>(),
                .. failures.Select(f => f.ReferenceId),
            ],
            cancellationToken);
        foreach (var (plan, reference) in settled)
        {
            if (reference is not null)
            {
                Leave(plan, reference, waiting);
            }

            if (waiting.TryGetValue(plan.Application.Id.Value, out var entry) && RetryLedger.IsSettledBy(entry, plan))
            {
                Leave(plan, plan.Application.Id.Value, waiting);
            }
        }

        foreach (var failure in failures)
        {
            if (!waiting.TryGetValue(failure.ReferenceId, out var entry))
            {
                waiting[failure.ReferenceId] = ledger.Enter(db, run, failure, tally);
            }
            else
            {
                ledger.FailAgain(entry, run, failure, tally);
            }
        }
    }

    private void Leave(ApplicationPlan plan, string reference, Dictionary<string, ActivityLog> waiting)
    {
        if (!waiting.Remove(reference, out var entry))
        {
            return;
        }

        if (plan is ApplicationPlan.Erase or ApplicationPlan.Withhold)
        {
            // The person was erased; nothing of theirs may wait here.
            db.ActivityLogs.Remove(entry);
            return;
        }

        var superseded = plan is ApplicationPlan.Yield or ApplicationPlan.Store { Profile: ElementPlan.Stale };
        var row = entry.ElementName == ElementNames.Candidate ? changes.IdOf(plan.Application.Owner) : changes.IdOf(plan.Application.Id);
        ledger.Close(entry, run, row, superseded);
        if (run.Phase == RunPhase.Retrying && !superseded)
        {
            tally.Count(Stat.RetriesSucceeded);
        }
    }
}

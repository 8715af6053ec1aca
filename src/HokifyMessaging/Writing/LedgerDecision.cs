using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What a step does to one entry of the ledger.</summary>
internal abstract record LedgerDecision
{
    private LedgerDecision()
    {
    }

    /// <summary>The entry as it is afterwards; what it was stays as it is. Null where nothing of it changes, or nothing remains.</summary>
    public ActivityLog? Row(RunInProgress run, DateTimeOffset now)
    {
        switch (this)
        {
            case Settle(var entry, _, var isSuperseded):
                return Settled(entry, isSuperseded, run, now);
            case Enter(var failure, var next):
                var entered = ActivityLog.OfDone(run.Request.ScopeId, run.RunId, failure.Name, failure.Element, failure.ReferenceId, now);
                entered.Status = ActivityStatus.Open;
                return Described(entered, failure, next, run.RunId, now);
            case FailAgain(var entry, var failure, var retries, var next):
                var again = entry.Copy();
                again.RetryCount = retries;
                return Described(again, failure, next, run.RunId, now);
            case Outlive(var entry, _, var retries):
                var outlived = entry.Copy();
                (outlived.RetryCount, outlived.LastRunId) = (retries, run.RunId);
                return outlived;
            default:
                return null;
        }
    }

    /// <summary>An entry whose record, or a newer copy of it, is in the database.</summary>
    public static ActivityLog Settled(ActivityLog entry, bool isSuperseded, RunInProgress run, DateTimeOffset now)
    {
        var settled = entry.Copy();
        settled.Status = isSuperseded ? ActivityStatus.Superseded : ActivityStatus.Closed;
        (settled.DateExecuted, settled.DueAt, settled.LastRunId) = (now, null, run.RunId);
        (settled.Data, settled.ResultCode, settled.ResultData, settled.Cause, settled.Field) = (null, 0, null, null, null);
        return settled;
    }

    /// <summary>The record is in the database, or a newer copy of it is: the entry is closed.</summary>
    /// <param name="Entry">The entry.</param>
    /// <param name="By">What settled it.</param>
    /// <param name="IsSuperseded">Whether it was a newer copy.</param>
    public sealed record Settle(ActivityLog Entry, ApplicationPlan By, bool IsSuperseded) : LedgerDecision;

    /// <summary>The person was erased; nothing of theirs may wait.</summary>
    public sealed record Forget(ActivityLog Entry) : LedgerDecision;

    /// <summary>A record fails for the first time.</summary>
    public sealed record Enter(RecordFailure Failure, RetryDecision Next) : LedgerDecision;

    /// <summary>A record fails that waits already: because its retry failed, or because the source delivered it again.</summary>
    public sealed record FailAgain(ActivityLog Entry, RecordFailure Failure, int RetryCount, RetryDecision Next) : LedgerDecision;

    /// <summary>An old copy fails as well; what waits is the newer one, and it goes on waiting.</summary>
    public sealed record Outlive(ActivityLog Entry, RecordFailure Failure, int RetryCount) : LedgerDecision;

    /// <summary>Tried and counted in this run already: the source delivered what the ledger had just tried, or delivered it twice.</summary>
    public sealed record Repeat : LedgerDecision;

    private static ActivityLog Described(ActivityLog entry, RecordFailure failure, RetryDecision next, Guid runId, DateTimeOffset now)
    {
        entry.Name = failure.Name;
        entry.PersonReferenceId = failure.Person?.Value ?? entry.PersonReferenceId;
        entry.Version = failure.Version;
        entry.Data = failure.Payload;
        entry.ResultCode = failure.HResult;
        entry.ResultData = failure.Message;
        (entry.Cause, entry.Field) = (failure.Cause, failure.Field);
        entry.DateExecuted = now;
        entry.LastRunId = runId;
        entry.Why = failure.Park ? ActivityWhy.OtherPerson : null;
        switch (next)
        {
            case RetryDecision.Retry(var interval):
                entry.RetryInterval = (int)Math.Ceiling(interval.TotalSeconds);
                entry.DueAt = now + interval;
                break;
            case RetryDecision.Park:
                entry.Status = ActivityStatus.Parked;
                entry.DueAt = null;
                break;
        }

        return entry;
    }
}

/// <summary>Decides what a step means for the ledger: what arrived safely leaves it, and what failed enters it. Pure.</summary>
/// <param name="waiting">The entries that wait under any reference of the step.</param>
/// <param name="schedule">When a record that failed is tried again.</param>
/// <param name="runId">The run.</param>
/// <param name="isRetry">Whether the records are those that the ledger had kept.</param>
internal sealed class LedgerPlanning(IReadOnlyDictionary<string, ActivityLog> waiting, RetrySchedule schedule, Guid runId, bool isRetry)
{
    private readonly HashSet<string> _left = [];
    private readonly HashSet<string> _failed = [];

    public IEnumerable<LedgerDecision> Arrive(ApplicationPlan plan, string? ledgerReference)
    {
        if (plan is ApplicationPlan.Reject or ApplicationPlan.Hold)
        {
            yield break;
        }

        if (ledgerReference is not null && Waiting(ledgerReference) is { } tried)
        {
            yield return Leave(tried, plan);
        }

        if (Waiting(plan.Application.Id.Value) is { } entry && IsSettledBy(entry, plan))
        {
            yield return Leave(entry, plan);
        }
    }

    public LedgerDecision Fail(RecordFailure failure)
    {
        var entry = Waiting(failure.ReferenceId);
        if (!_failed.Add(failure.ReferenceId) || entry?.LastRunId == runId)
        {
            return new LedgerDecision.Repeat();
        }

        if (entry is null)
        {
            return new LedgerDecision.Enter(failure, failure.Park ? new RetryDecision.Park() : schedule.Decide(failedRetries: 0));
        }

        var retries = entry.RetryCount + (isRetry ? 1 : 0);
        return failure.Version < entry.Version ? new LedgerDecision.Outlive(entry, failure, retries)
            : new LedgerDecision.FailAgain(
                entry, failure, retries, failure.Park || entry.Status == ActivityStatus.Parked ? new RetryDecision.Park() : schedule.Decide(retries));
    }

    /// <summary>Nothing of a person who was erased waits on.</summary>
    public IEnumerable<LedgerDecision> Forget(RecordFailure failure)
    {
        if (Waiting(failure.ReferenceId) is { } entry)
        {
            _left.Add(entry.ReferenceId);
            yield return new LedgerDecision.Forget(entry);
        }
    }

    private ActivityLog? Waiting(string reference) => _left.Contains(reference) ? null : waiting.GetValueOrDefault(reference);

    private LedgerDecision Leave(ActivityLog entry, ApplicationPlan plan)
    {
        _left.Add(entry.ReferenceId);
        return plan is ApplicationPlan.Erase or ApplicationPlan.Suppress
            ? new LedgerDecision.Forget(entry)
            : new LedgerDecision.Settle(entry, plan, IsSuperseded: plan is ApplicationPlan.Yield or ApplicationPlan.Store { Profile: ElementPlan.Stale });
    }

    /// <summary>
    /// Whether an application that the source delivered settles the entry that waits under its id. A copy that is older
    /// than the one that waits, or that changed nothing and may be older, does not: an old file must not close it.
    /// </summary>
    private static bool IsSettledBy(ActivityLog entry, ApplicationPlan plan) => plan switch
    {
        ApplicationPlan.Store { Profile: ElementPlan.Create or ElementPlan.Update } => !(plan.Application.Version < entry.Version),
        ApplicationPlan.Store { Profile: ElementPlan.Unchanged or ElementPlan.Confirm } => plan.Application.Version >= entry.Version,
        ApplicationPlan.Suppress => true,
        _ => false,
    };
}

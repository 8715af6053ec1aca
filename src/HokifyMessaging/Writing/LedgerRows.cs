using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What an entry of the ledger is after a decision; what it was stays as it is.</summary>
internal static class LedgerRows
{
    public static ActivityLog Settled(ActivityLog entry, bool isSuperseded, Guid runId, DateTimeOffset now)
    {
        var settled = entry.Copy();
        settled.Status = isSuperseded ? ActivityStatus.Superseded : ActivityStatus.Closed;
        (settled.DateExecuted, settled.DueAt, settled.LastRunId) = (now, null, runId);
        (settled.Data, settled.ResultCode, settled.ResultData) = (null, 0, null);
        return settled;
    }

    public static ActivityLog Entered(LedgerDecision.Enter decision, RunInProgress run, DateTimeOffset now) => Described(
        new ActivityLog
        {
            ScopeId = run.Request.ScopeId,
            RunId = run.RunId,
            Name = decision.Failure.Name,
            Status = ActivityStatus.Open,
            ReferenceId = decision.Failure.ReferenceId,
            ElementName = decision.Failure.Element,
            Command = ActivityLog.Import,
            Date = now,
        },
        decision.Failure,
        decision.Next,
        run.RunId,
        now);

    public static ActivityLog FailedAgain(LedgerDecision.FailAgain decision, Guid runId, DateTimeOffset now)
    {
        var entry = decision.Entry.Copy();
        entry.RetryCount = decision.RetryCount;
        return Described(entry, decision.Failure, decision.Next, runId, now);
    }

    public static ActivityLog Outlived(ActivityLog entry, int retries, Guid runId)
    {
        var outlived = entry.Copy();
        (outlived.RetryCount, outlived.LastRunId) = (retries, runId);
        return outlived;
    }

    private static ActivityLog Described(ActivityLog entry, RecordFailure failure, RetryDecision next, Guid runId, DateTimeOffset now)
    {
        entry.Name = failure.Name;
        entry.PersonReferenceId = failure.Person?.Value ?? entry.PersonReferenceId;
        entry.Version = failure.Version;
        entry.Data = failure.Payload;
        entry.ResultCode = failure.HResult;
        entry.ResultData = failure.Message;
        entry.DateExecuted = now;
        entry.LastRunId = runId;
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

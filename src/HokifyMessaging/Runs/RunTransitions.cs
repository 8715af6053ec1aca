using HokifyMessaging.Reading;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Runs;

/// <summary>
/// The life of a run: from where it stands and what happens to it, all columns that depend on it. Nothing else changes a state, so no
/// column stays behind. The database holds the same (<c>CK_ImportRun_…</c>): only a run that failed resumes at an instant, and a run
/// has an event and an end when it is completed, and not before.
/// </summary>
internal static class RunTransitions
{
    /// <summary>
    /// Changes the row, in the caller's transaction, which has locked it, and adds the event that tells of it where the run has failed or is
    /// cancelled since. The caller saves both.
    /// </summary>
    /// <returns>Whether that can happen to a run that stands there; otherwise the row is as it was.</returns>
    public static bool Apply(HokifyDbContext db, ImportRun run, RunEvent happened, DateTimeOffset now, ImportOptions options)
    {
        var before = run.State;
        if (After(RunStatus.Of(run), happened, now, options) is not { } status)
        {
            return false;
        }

        if (before == RunState.Running && status.State != RunState.Running)
        {
            status = status with { Attempts = RunAttempt.End(status.Attempts, status.State, now) };
        }

        status.Set(run);
        if (status.State != before && status.State is RunState.Failed or RunState.Cancelled)
        {
            PendingEvents.Add(db, FailureEvents.Of(run, happened, now), Guid.CreateVersion7(now), now, Traces.Current ?? run.TraceParent);
        }

        return true;
    }

    /// <returns>Null where that cannot happen to a run that stands there.</returns>
    public static RunStatus? After(RunStatus run, RunEvent happened, DateTimeOffset now, ImportOptions options) => (run.State, happened) switch
    {
        // Nothing happens to a run that has ended.
        (RunState.Completed, _) => null,

        (RunState.Failed or RunState.Cancelled, RunEvent.AskedAgain) => Queued(run, now) with { CancelRequestedAt = null },
        (_, RunEvent.AskedAgain) => null,

        (RunState.Failed, RunEvent.Nudged) => Queued(run, now),
        (RunState.Cancelled, RunEvent.Nudged) => null,
        (_, RunEvent.Nudged) => run with { NudgedAt = now },

        // A run that is at work can be claimed: by whoever comes after a worker that died.
        (RunState.Queued or RunState.Running or RunState.Interrupted, RunEvent.Claimed claimed) => Running(run, claimed, now),
        (RunState.Failed or RunState.Cancelled, RunEvent.Claimed) => null,

        (RunState.Running, RunEvent.Interrupted interrupted) => run with { State = RunState.Interrupted, NudgedAt = interrupted.IsSentAgain ? now : null },
        (RunState.Running, RunEvent.Failed { Failure: var failure }) => Failed(run, failure.Reason, failure.SourceSaid, Resumption.After(failure, run.Failures, now, options), now),
        (RunState.Running, RunEvent.Completed completed) => Completed(run, completed.Event, now),
        (RunState.Running, RunEvent.PlanRefused refused) => Failed(run, VisibleText.Of(refused.Reason), null, new Resumption(run.Failures, null), now),
        (RunState.Queued, RunEvent.Answered answered) => Completed(Begun(run, answered.Window, answered.StartedAt), answered.Event, now),
        (_, RunEvent.Answered) => null,
        (_, RunEvent.Interrupted or RunEvent.Failed or RunEvent.Completed or RunEvent.PlanRefused) => null,

        (RunState.Failed or RunState.Cancelled, RunEvent.Refused) => null,
        (_, RunEvent.Refused refused) => Failed(run, refused.Reason, null, new Resumption(run.Failures, refused.IsResumed ? now : null), now),

        (RunState.Running, RunEvent.CancelRequested) => run with { CancelRequestedAt = run.CancelRequestedAt ?? now },
        (RunState.Cancelled, RunEvent.CancelRequested) => null,
        (_, RunEvent.CancelRequested) => Cancelled(run, now) with { CancelRequestedAt = run.CancelRequestedAt ?? now },

        (RunState.Failed or RunState.Cancelled, RunEvent.Cancelled) => null,
        (_, RunEvent.Cancelled) => Cancelled(run, now),

        _ => throw new InvalidOperationException($"{happened.GetType()} is nothing that happens to a run in state {run.State}."),
    };

    private static RunStatus Queued(RunStatus run, DateTimeOffset now) => run with { State = RunState.Queued, ResumeAt = null, NudgedAt = now };

    /// <summary>The window is frozen when the first worker begins.</summary>
    private static RunStatus Running(RunStatus run, RunEvent.Claimed claimed, DateTimeOffset now)
    {
        var running = run with { State = RunState.Running, Fence = claimed.Fence, CancelRequestedAt = null, Attempts = RunAttempt.Begin(run.Attempts, claimed.Worker, now) };
        return Begun(running, claimed.Window, now);
    }

    private static RunStatus Begun(RunStatus run, ReadWindow window, DateTimeOffset at) =>
        run.StartedAt is null ? run with { StartedAt = at, WindowFrom = window.From, WindowTo = window.To } : run;

    /// <summary>A run that somebody wanted to stop has stopped, why ever.</summary>
    private static RunStatus Failed(RunStatus run, string reason, string? sourceSaid, Resumption resumption, DateTimeOffset now)
    {
        var failed = run with { State = RunState.Failed, Failure = reason, SourceSaid = sourceSaid, Failures = resumption.Failures, ResumeAt = resumption.ResumeAt, NudgedAt = now };
        return run.CancelRequestedAt is null ? failed : Cancelled(failed, now);
    }

    private static RunStatus Cancelled(RunStatus run, DateTimeOffset now) => run with { State = RunState.Cancelled, ResumeAt = null, NudgedAt = now };

    private static RunStatus Completed(RunStatus run, string json, DateTimeOffset now) => run with
    {
        State = RunState.Completed,
        Phase = RunPhase.Concluding,
        CompletedAt = now,
        CompletedEvent = json,
        Failure = null,
        SourceSaid = null,
        CancelRequestedAt = null,
    };
}

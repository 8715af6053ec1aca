using HokifyMessaging.Reading;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>The columns of a run that depend on where it stands in its life; see <see cref="RunTransitions"/>.</summary>
internal sealed record RunStatus
{
    public required RunState State { get; init; }
    public required RunPhase Phase { get; init; }
    public long Fence { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? WindowFrom { get; init; }
    public DateTimeOffset? WindowTo { get; init; }
    public DateTimeOffset? CancelRequestedAt { get; init; }
    public int Failures { get; init; }
    public string? Failure { get; init; }
    public string? SourceSaid { get; init; }
    public DateTimeOffset? ResumeAt { get; init; }
    public DateTimeOffset? NudgedAt { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public string? CompletedEvent { get; init; }
    public string? Attempts { get; init; }

    public static RunStatus Of(ImportRun run) => new()
    {
        State = run.State,
        Phase = run.Phase,
        Fence = run.Fence,
        StartedAt = run.StartedAt,
        WindowFrom = run.WindowFrom,
        WindowTo = run.WindowTo,
        CancelRequestedAt = run.CancelRequestedAt,
        Failures = run.Failures,
        Failure = run.Failure,
        SourceSaid = run.SourceSaid,
        ResumeAt = run.ResumeAt,
        NudgedAt = run.NudgedAt,
        CompletedAt = run.CompletedAt,
        CompletedEvent = run.CompletedEvent,
        Attempts = run.Attempts,
    };

    public void Set(ImportRun run)
    {
        (run.State, run.Phase, run.Fence) = (State, Phase, Fence);
        (run.StartedAt, run.WindowFrom, run.WindowTo) = (StartedAt, WindowFrom, WindowTo);
        (run.Failures, run.Failure, run.SourceSaid) = (Failures, Failure, SourceSaid);
        (run.CancelRequestedAt, run.ResumeAt, run.NudgedAt) = (CancelRequestedAt, ResumeAt, NudgedAt);
        (run.CompletedAt, run.CompletedEvent, run.Attempts) = (CompletedAt, CompletedEvent, Attempts);
    }
}

/// <summary>What happens to a run.</summary>
internal abstract record RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>Its request came again, by a person or a publisher; not by the program itself.</summary>
    public sealed record AskedAgain : RunEvent;

    /// <summary>It is its turn, and its request is sent to the worker.</summary>
    public sealed record Nudged : RunEvent;

    /// <summary>A worker was given the scope for it.</summary>
    /// <param name="Fence">The number of the lease.</param>
    /// <param name="Window">What it is to read, where it begins only now.</param>
    /// <param name="Worker">Which process, for people.</param>
    public sealed record Claimed(long Fence, ReadWindow Window, string Worker) : RunEvent;

    /// <summary>Its worker stopped at a checkpoint.</summary>
    /// <param name="IsSentAgain">Whether the worker sends its request again; otherwise the next sweep does.</param>
    public sealed record Interrupted(bool IsSentAgain) : RunEvent;

    /// <summary>Its worker could not go on.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(RunFailure Failure) : RunEvent;

    /// <summary>Its request is one that is refused by now.</summary>
    /// <param name="Reason">The refusal's sentence.</param>
    /// <param name="IsResumed">Whether it goes on by itself when its scope is back.</param>
    public sealed record Refused(string Reason, bool IsResumed) : RunEvent;

    /// <summary>The plan that it was to apply is not what it would do now.</summary>
    /// <param name="Reason">In what it differs.</param>
    public sealed record PlanRefused(string Reason) : RunEvent;

    /// <summary>Somebody asked that it stop.</summary>
    public sealed record CancelRequested : RunEvent;

    /// <summary>It stopped because somebody had asked for it: at its worker's checkpoint, or because the worker had died before.</summary>
    public sealed record Cancelled : RunEvent;

    /// <summary>It came to its end.</summary>
    /// <param name="Event">The event that is announced, as JSON.</param>
    public sealed record Completed(string Event) : RunEvent;

    /// <summary>Another run has answered it.</summary>
    /// <param name="Event">The event that is announced, as JSON.</param>
    /// <param name="StartedAt">When the other one began.</param>
    /// <param name="Window">What that one has read.</param>
    public sealed record Answered(string Event, DateTimeOffset StartedAt, ReadWindow Window) : RunEvent;
}

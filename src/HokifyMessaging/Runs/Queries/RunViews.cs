using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs.Queries;

/// <summary>One line of a list of runs.</summary>
public sealed record RunSummary
{
    /// <summary>The run's id.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The key that the run is known by.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The scope.</summary>
    public required int ScopeId { get; init; }

    /// <summary>The mode that was asked for.</summary>
    public required ImportMode ImportMode { get; init; }

    /// <summary>Whether the run only plans.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Who asked: over HTTP the API key's name, with <c>(on behalf of …)</c> where the request said so; else as the request said. Null when it did not.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Where the run stands in its life.</summary>
    public required RunState State { get; init; }

    /// <summary>Which chapter it is in: Retrying, Reading, Confirming, Deleting or Concluding; then, where it applies a plan, Comparing or Applying.</summary>
    public required string Phase { get; init; }

    /// <summary>When its request first arrived.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first worker began; null while it waits.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>From its start to its end, or to now while it is being worked on, in milliseconds; null before it started.</summary>
    public long? DurationMilliseconds { get; init; }

    /// <summary>How many records the source has delivered so far.</summary>
    public required int Fetched { get; init; }

    /// <summary>Created, updated, deleted and unchanged so far, over all element names.</summary>
    public required int OkCount { get; init; }

    /// <summary>Failures so far, over all element names.</summary>
    public required int ErrorCount { get; init; }

    /// <summary>Why the run as a whole failed the last time; null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>Since when nobody works on a run that is running, because its worker is gone; null while somebody does, and for all others.</summary>
    public DateTimeOffset? UnattendedSince { get; init; }
}

/// <summary>Everything about one run.</summary>
public sealed record RunDetails
{
    /// <summary>What the list shows of it.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>The start that was asked for, in seconds since 1970-01-01 UTC; null when none was.</summary>
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>How many applications it may delete although the deletion guard would refuse it; null leaves it to the guard.</summary>
    public int? AllowDeletions { get; init; }

    /// <summary>The beginning of what is read; null for everything, and before the run started.</summary>
    public DateTimeOffset? WindowFrom { get; init; }

    /// <summary>The end of what is read, frozen when the run started.</summary>
    public DateTimeOffset? WindowTo { get; init; }

    /// <summary>When the broker last took the run's event; null before.</summary>
    public DateTimeOffset? AnnouncedAt { get; init; }

    /// <summary>When the run last stopped, or its request was last sent again.</summary>
    public DateTimeOffset? NudgedAt { get; init; }

    /// <summary>Behind what the source has been read and written; its form is the source's own.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The number of the worker that last had the run in hand; it grows with every one.</summary>
    public required long Fence { get; init; }

    /// <summary>Whether a worker holds the scope for this run now; a run that is running and not at work has lost its worker.</summary>
    public required bool IsAtWork { get; init; }

    /// <summary>How often the run failed as a whole.</summary>
    public required int Failures { get; init; }

    /// <summary>When a failed run is resumed; null when it waits for an operator's replay, or did not fail.</summary>
    public DateTimeOffset? ResumeAt { get; init; }

    /// <summary>
    /// What hokify said when the run failed the last time, at most 500 characters; null when it said nothing. It could name a person, so it is shown to
    /// those only who may operate and may see values of people: over HTTP to the rights operate and personal, and <c>***</c> to operate alone.
    /// </summary>
    public string? SourceSaid { get; init; }

    /// <summary>When what the run did to each record was removed because of its age; null as long as it is kept. The counts of the result stay.</summary>
    public DateTimeOffset? DetailsForgottenAt { get; init; }

    /// <summary>Of a dry run that has ended, what names its plan; of a run that applies a plan, which one. Null for every other, and where the plan was too large to be kept whole.</summary>
    public string? PlanDigest { get; init; }

    /// <summary>When its plan stopped being whole, because somebody in it was erased or it was old enough; null as long as it is.</summary>
    public DateTimeOffset? PlanForgottenAt { get; init; }

    /// <summary>The run that was carried out for this one, whose result it has: both were asked for the same, and that one began after both. Null for a run that was carried out itself.</summary>
    public Guid? AnsweredBy { get; init; }

    /// <summary>The result: that of the event once the run is completed, before that what is counted so far.</summary>
    public required ExportImportResult Result { get; init; }

    /// <summary>How many records that the run failed to store wait to be tried again.</summary>
    public required int WaitingCount { get; init; }

    /// <summary>The first of them, at most <see cref="RunQueries.WaitingListed"/>.</summary>
    public required IReadOnlyList<WaitingRecord> Waiting { get; init; }

    /// <summary>When somebody asked that it stop; null where nobody has, and once it goes on again.</summary>
    internal DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>Who had it in hand, the oldest time first.</summary>
    internal IReadOnlyList<RunAttempt> Attempts { get; init; } = [];

    /// <summary>The event that was or will be announced, as it is stored; null before its end.</summary>
    internal string? CompletedEvent { get; init; }

    /// <summary>What the run was made for; always there, and no part of what is shown.</summary>
    internal ImportRequest Request { get; init; } = null!;
}

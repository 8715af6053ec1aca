using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs.Queries;

/// <summary>Which records of a run to list.</summary>
internal sealed record RecordFilter
{
    /// <summary>Only records behind this <see cref="RunRecord.Id"/>: the last one of the page before. Default: 0.</summary>
    public long After { get; init; }

    /// <summary>Only records of this element name. Default: null, all.</summary>
    public string? ElementName { get; init; }

    /// <summary>Only the record with this id at hokify. Default: null, all.</summary>
    public string? ReferenceId { get; init; }

    /// <summary>Only records of this outcome. Default: null, all.</summary>
    public RecordOutcome? Outcome { get; init; }

    /// <summary>The most to list. Default: 100.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>What became of a record.</summary>
public enum RecordOutcome
{
    /// <summary>A new row.</summary>
    Created,

    /// <summary>A row that differed, or that was deleted and came back.</summary>
    Updated,

    /// <summary>Deleted softly, because hokify no longer has it.</summary>
    Deleted,

    /// <summary>The person was erased.</summary>
    Erased,

    /// <summary>Could not be stored, and is tried again by a later run.</summary>
    Waiting,

    /// <summary>Could not be stored, and waits for an operator.</summary>
    Parked,

    /// <summary>Could not be stored at first, and was later.</summary>
    Recovered,

    /// <summary>Could not be stored, and a newer copy of it was.</summary>
    Superseded,

    /// <summary>Could not be stored, and was dropped: it had waited for longer than such records are kept, or an operator gave it up.</summary>
    Dropped,
}

/// <summary>What became of one record in a run; unchanged records are counted and not listed.</summary>
/// <param name="Id">Numbers the records in the order of writing.</param>
/// <param name="ElementName">Candidate or CandidateProfile.</param>
/// <param name="ReferenceId">The id at hokify; for a record without one, a hash; <c>erased</c> where it is gone with the person.</param>
/// <param name="Outcome">What became of it, as of now.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">Why it could not be stored; null when it was.</param>
/// <param name="At">When it was last tried.</param>
/// <param name="DueAt">From when on a later run tries it again; null otherwise.</param>
public sealed record RunRecord(
    long Id, string ElementName, string ReferenceId, RecordOutcome Outcome, int Attempts, string? Reason, DateTimeOffset At, DateTimeOffset? DueAt)
{
    internal static RunRecord Of(ActivityLog log) => new(
        log.Id, log.ElementName, log.ReferenceId, OutcomeOf(log), log.RetryCount + 1, log.ResultData, log.DateExecuted ?? log.Date, log.DueAt);

    internal static (ActivityStatus Status, ActivityName? Name) StoredAs(RecordOutcome outcome) => outcome switch
    {
        RecordOutcome.Waiting => (ActivityStatus.Open, null),
        RecordOutcome.Parked => (ActivityStatus.Parked, null),
        RecordOutcome.Recovered => (ActivityStatus.Closed, null),
        RecordOutcome.Superseded => (ActivityStatus.Superseded, null),
        RecordOutcome.Dropped => (ActivityStatus.Dropped, null),
        _ => (ActivityStatus.Done, Enum.Parse<ActivityName>(outcome.ToString())),
    };

    private static RecordOutcome OutcomeOf(ActivityLog log) => log.Status switch
    {
        ActivityStatus.Open => RecordOutcome.Waiting,
        ActivityStatus.Parked => RecordOutcome.Parked,
        ActivityStatus.Closed => RecordOutcome.Recovered,
        ActivityStatus.Superseded => RecordOutcome.Superseded,
        ActivityStatus.Dropped => RecordOutcome.Dropped,
        _ => Enum.Parse<RecordOutcome>(log.Name.ToString()),
    };
}

/// <summary>A record that could not be stored and waits to be tried again.</summary>
/// <param name="ReferenceId">The application's or person's id at hokify; for a record without one, a hash.</param>
/// <param name="ElementName">The element name.</param>
/// <param name="Parked">Whether it waits for an operator; otherwise it is tried again by itself.</param>
/// <param name="Reason">Why it failed the last time.</param>
/// <param name="RetryCount">How often it has been tried again.</param>
/// <param name="DueAt">From when on the next run of the scope tries it; null when it is parked.</param>
public sealed record WaitingRecord(string ReferenceId, string ElementName, bool Parked, string? Reason, int RetryCount, DateTimeOffset? DueAt);

/// <summary>One change that a run made.</summary>
/// <param name="ElementName">The element name.</param>
/// <param name="Change">Created, Updated, Deleted or Erased.</param>
/// <param name="ReferenceId">The id at hokify; <c>erased</c> where it is gone with the person.</param>
internal sealed record RunChange(string ElementName, string Change, string ReferenceId);

/// <summary>How much the database holds.</summary>
/// <param name="Candidates">People, deleted ones included.</param>
/// <param name="Profiles">Applications, deleted ones included.</param>
/// <param name="ActivityLogs">Activity logs.</param>
/// <param name="Runs">Runs.</param>
/// <param name="LastChange">When an application last changed; null while there is none.</param>
internal sealed record RowCounts(int Candidates, int Profiles, int ActivityLogs, int Runs, DateTimeOffset? LastChange);

namespace HokifyMessaging.Runs.Queries;

/// <summary>What was decided about a record, and why.</summary>
internal enum RecordDecision
{
    /// <summary>It was new, and is stored.</summary>
    New,

    /// <summary>It differed from what was stored, in the fields that are named.</summary>
    Changed,

    /// <summary>It had been deleted, and the source had it again.</summary>
    CameBack,

    /// <summary>It belongs to another person since.</summary>
    OtherPersons,

    /// <summary>It was deleted, because a full read that reached its end did not find it any more.</summary>
    NotThere,

    /// <summary>The person was deleted, because the last of their applications had gone.</summary>
    LastGone,

    /// <summary>The person was erased.</summary>
    Erased,

    /// <summary>It could not be understood; the sentence says where and why.</summary>
    DoesNotFit,

    /// <summary>The database refused it; the sentence says why.</summary>
    Refused,

    /// <summary>It contradicts another record of the same id, which is somebody else's: an operator has to decide.</summary>
    Contradicts,

    /// <summary>It was tried again, and failed again.</summary>
    FailedAgain,

    /// <summary>It was tried again, or came again, and is stored since.</summary>
    StoredAfterAll,

    /// <summary>It is older than what is stored by now, so nothing of it waits any more.</summary>
    Outdated,

    /// <summary>It had waited for longer than such records are kept.</summary>
    Dropped,
}

/// <summary>A field that was changed.</summary>
/// <param name="Field">The column.</param>
/// <param name="Before">What was there: a text, a number, yes or no, or null for nothing; null as well where values are not shown.</param>
/// <param name="After">What is there since, likewise.</param>
/// <param name="IsMasked">Whether the values are not shown.</param>
internal sealed record ChangedField(string Field, object? Before, object? After, bool IsMasked);

/// <summary>What was done about a record.</summary>
/// <param name="RunId">The run that did it; null for what no run did.</param>
/// <param name="IdempotencyKey">Its key; null with it, and where it is not stored any more.</param>
/// <param name="At">When.</param>
/// <param name="What">What it did, in a word: created, updated, deleted, erased, rejected, failed, tried again, dropped.</param>
/// <param name="Decision">What was decided, and why.</param>
internal sealed record RecordEvent(Guid? RunId, string? IdempotencyKey, DateTimeOffset At, string What, RecordDecision Decision)
{
    /// <summary>The fields that it changed, in the order of the columns; null where that is not kept any more: of a row the last 20 changes are.</summary>
    public IReadOnlyList<ChangedField>? Fields { get; init; }

    /// <summary>The field at fault, as the source calls it; null where it is of none.</summary>
    public string? Field { get; init; }

    /// <summary>Why it could not be stored, in one sentence without values; null where it could, or that is not kept any more.</summary>
    public string? Reason { get; init; }
}

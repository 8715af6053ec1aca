namespace HokifyMessaging.Runs.Queries;

/// <summary>Whom or what somebody asks for.</summary>
/// <param name="Asked">An application's or person's id, or a mail address, as it is compared.</param>
internal sealed record RecordQuestion(string Asked)
{
    /// <summary>Where to look; null for everywhere.</summary>
    public IReadOnlyCollection<int>? ScopeIds { get; init; }

    /// <summary>Whether values of people are to be told.</summary>
    public bool WithValues { get; init; }

    /// <summary>Whether all people of a scope are read for an address, and not only those found whose applications came with it.</summary>
    public bool IsThorough { get; init; }

    /// <summary>Whether it is an address.</summary>
    public bool IsAddress => Asked.Contains('@', StringComparison.Ordinal);
}

/// <summary>What became of what somebody asked for by an id or a mail address, over all runs. Says nothing of a person but ids.</summary>
internal sealed record RecordTrail
{
    /// <summary>What was asked for.</summary>
    public required string Asked { get; init; }

    /// <summary>All that goes by it, scope by scope; none where no run has met it.</summary>
    public required IReadOnlyList<FoundRecord> Found { get; init; }

    /// <summary>Whether there is more of it than is listed.</summary>
    public required bool IsCut { get; init; }

    /// <summary>The scopes that were looked through.</summary>
    public required IReadOnlyList<ScopeReach> Scopes { get; init; }

    /// <summary>What nobody can tell, and why; whole sentences.</summary>
    public required IReadOnlyList<string> NotKnown { get; init; }
}

/// <summary>How far a scope has been read.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="ReadTo">Up to which instant it has been read to the end; null when it never was.</param>
internal sealed record ScopeReach(int ScopeId, DateTimeOffset? ReadTo);

/// <summary>What is known of one application or person.</summary>
internal sealed record FoundRecord
{
    /// <summary>The scope.</summary>
    public required int ScopeId { get; init; }

    /// <summary>CandidateProfile for an application, Candidate for a person.</summary>
    public required string ElementName { get; init; }

    /// <summary>The id at hokify, or what stands for it where the record has none.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>How it stands now.</summary>
    public required RecordFate Fate { get; init; }

    /// <summary>The person of an application, where that is stored.</summary>
    public string? PersonReferenceId { get; init; }

    /// <summary>When it was first stored; null when it is not.</summary>
    public DateTimeOffset? StoredAt { get; init; }

    /// <summary>When its row was last changed, which deleting it is as well; null when there is none.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>When hokify last changed the copy that is stored; null when that is not known.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>When the person was erased, or the application forgotten; null when that was not so.</summary>
    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>Why it could not be stored; null when it was.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it has been tried again.</summary>
    public int RetryCount { get; init; }

    /// <summary>From when on the scope's next import tries it again; null when none does.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>What was done about it, newest first; other runs than <see cref="FoundAgain"/> that found it unchanged, or an older copy of it, left no trace.</summary>
    public required IReadOnlyList<RecordEvent> Events { get; init; }

    /// <summary>The last full import since then that has found the application as it is stored, or in an older copy; null where none is known that has.</summary>
    public FoundAgain? FoundAgain { get; init; }

    /// <summary>Whether there was more before than is listed.</summary>
    public bool HasMoreEvents { get; init; }

    /// <summary>Whether the beginning is not kept any more, because details of imports are kept for a time only.</summary>
    public bool IsBeginningForgotten { get; init; }
}

/// <summary>A full import that has found an application again and had nothing to do.</summary>
/// <param name="RunId">The run.</param>
/// <param name="IdempotencyKey">Its key.</param>
/// <param name="At">When it ended.</param>
internal sealed record FoundAgain(Guid RunId, string IdempotencyKey, DateTimeOffset At);

/// <summary>How a record stands.</summary>
internal enum RecordFate
{
    /// <summary>As it was last read.</summary>
    Stored,

    /// <summary>Deleted softly.</summary>
    Deleted,

    /// <summary>Could not be stored, or a newer copy could not, and is tried again by itself.</summary>
    Waiting,

    /// <summary>Could not be stored, or a newer copy could not, and waits for an operator.</summary>
    Parked,

    /// <summary>Kept out, because the person was erased.</summary>
    Withheld,

    /// <summary>Kept out, because it was kept for as long as its scope keeps applications, and forgotten then. The person may apply again.</summary>
    Forgotten,

    /// <summary>Could not be stored, and nothing of it waits any more.</summary>
    Settled,

    /// <summary>Could not be stored, and was dropped because of its age.</summary>
    Dropped,
}

namespace HokifyMessaging.Storage;

/// <summary>One command on one element and what became of it; while <see cref="Status"/> is open, an entry of the retry ledger.</summary>
internal sealed class ActivityLog
{
    /// <summary>The command of all that an import does.</summary>
    public const string Import = "HokifyImport";

    public long Id { get; set; }
    public int ScopeId { get; set; }

    /// <summary>The run that wrote the entry.</summary>
    public Guid RunId { get; set; }
    public required ActivityName Name { get; set; }
    public required ActivityStatus Status { get; set; }

    /// <summary>The application's or person's id; for a record without one, a hash of its payload.</summary>
    public required string ReferenceId { get; set; }

    /// <summary><c>lastupdate</c> of the copy that waits, where it is known: an older copy does not settle a newer one.</summary>
    public DateTimeOffset? Version { get; set; }

    /// <summary>The person behind a ledger entry, so that an erasure finds it.</summary>
    public string? PersonReferenceId { get; set; }
    public required string ElementName { get; set; }

    /// <summary>The row's integer id; null while there is none.</summary>
    public long? ElementId { get; set; }
    public string? ElementDisplayName { get; set; }

    /// <summary><see cref="Import"/>, for all that is ours. A text, because the seed has one: other programs may have commands of their own in this table.</summary>
    public required string Command { get; set; }
    public DateTimeOffset Date { get; set; }
    public DateTimeOffset? DateExecuted { get; set; }

    /// <summary>The payload, while the entry waits to be tried again.</summary>
    public string? Data { get; set; }

    /// <summary>0, or the HRESULT of the failure.</summary>
    public int ResultCode { get; set; }
    public string? ResultData { get; set; }
    public int RetryCount { get; set; }

    /// <summary>Seconds from <see cref="DateExecuted"/> until the next try.</summary>
    public int RetryInterval { get; set; }
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>
    /// The run that tried last, where an entry of the ledger was tried: within one run a record is tried, and counted,
    /// once. Null for a change that was made.
    /// </summary>
    public Guid? LastRunId { get; set; }

    public ActivityLog Copy() => (ActivityLog)MemberwiseClone();

    /// <summary>What a run did to a row, and is done with.</summary>
    public static ActivityLog OfDone(int scopeId, Guid runId, ActivityName name, string element, string reference, DateTimeOffset now) => new()
    {
        ScopeId = scopeId,
        RunId = runId,
        Name = name,
        Status = ActivityStatus.Done,
        ReferenceId = reference,
        ElementName = element,
        Command = Import,
        Date = now,
        DateExecuted = now,
    };
}

/// <summary>Where an activity stands. Stored by name, as the states of runs are.</summary>
internal enum ActivityStatus
{
    /// <summary>A change that was made; nothing more to do.</summary>
    Done,

    /// <summary>In the ledger, waiting for its next try.</summary>
    Open,

    /// <summary>In the ledger, waiting for an operator.</summary>
    Parked,

    /// <summary>Was in the ledger and succeeded.</summary>
    Closed,

    /// <summary>Was in the ledger and was overtaken by a newer copy of the record.</summary>
    Superseded,

    /// <summary>Was in the ledger for longer than records are kept there: the record is gone, and what remains is that it was.</summary>
    Dropped,
}

/// <summary>What was done, or could not be. Stored by name.</summary>
internal enum ActivityName
{
    Created,
    Updated,
    Deleted,
    Erased,

    /// <summary>The record could not be understood.</summary>
    Rejected,

    /// <summary>The record could not be written.</summary>
    Failed,
}

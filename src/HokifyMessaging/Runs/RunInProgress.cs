using HokifyMessaging.Reading;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>The right to work on a scope: worth as much as its fence is the scope's current one.</summary>
internal sealed record ScopeLease(int ScopeId, string Owner, long Fence);

/// <summary>A run that this worker holds the lease for, as it was last committed.</summary>
internal sealed class RunInProgress : IAsyncDisposable
{
    public required ImportRequest Request { get; init; }
    public required Guid RunId { get; init; }
    public required ScopeLease Lease { get; init; }
    public required ReadWindow Window { get; set; }
    public required DateTimeOffset StartedAt { get; init; }
    public required ImportTally Tally { get; set; }
    public required RunPhase Phase { get; set; }
    public string? Checkpoint { get; set; }

    /// <summary>Whether somebody had asked, when the last step was committed, that the run stop.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Whether the last batch was for the most part known already: then reading records ahead of their turn is in vain.</summary>
    public bool ExpectsKnown { get; set; }

    /// <summary>Whether the scope's ledger may hold anything. Only the holder of the lease adds to it, so this is asked once and never goes back.</summary>
    public required bool MayHaveWaiting { get; set; }

    /// <summary>Whether the scope may remember erased people; as above.</summary>
    public required bool MayHaveErased { get; set; }

    /// <summary>Whether the scope has people who are known by an address alone, from before names were looked at. No import adds to them.</summary>
    public required bool MayKnowByAddress { get; init; }

    /// <summary>More would only take memory: a source that contradicts itself that often has other troubles.</summary>
    public const int HeldAtMost = 10_000;

    /// <summary>What the records of those copies may have together.</summary>
    public const int HeldCharactersAtMost = 16 * 1024 * 1024;

    /// <summary>
    /// Copies that wait for the end of the read, by application and content. They are lost with the worker: what they say is
    /// then left to the next run.
    /// </summary>
    public Dictionary<(UInt128 Application, UInt128 Content), BatchRecord> Held { get; } = [];

    /// <summary>How long the records of those copies are together.</summary>
    public long HeldCharacters { get; set; }

    /// <summary>How many steps have been committed; numbers the next one.</summary>
    public int Steps { get; set; }

    /// <summary>What the ledger was tried for, what the source delivered, and what its second read delivered.</summary>
    public Dictionary<RunPhase, RecordKeys> Seen { get; } = Enum.GetValues<RunPhase>().ToDictionary(phase => phase, _ => new RecordKeys());

    /// <summary>Null until the first step, and after one that failed.</summary>
    public RunSession? Session { get; private set; }

    /// <summary>What the step that is being written has seen so far.</summary>
    public HashSet<UInt128> Uncommitted { get; } = [];

    /// <summary>Whether the run has counted the record as created, updated or unchanged; one that failed or waits may still turn into one of them.</summary>
    public bool HasCounted(UInt128 key) => HasSeen(key) && !HasOnlyFailed(key);

    public bool HasOnlyFailed(UInt128 key) => HasSeen(key) && HasSeen(RecordKeys.FailureOf(key)) && !HasSeen(RecordKeys.RecoveryOf(key));

    /// <summary>Whether the read that is going on has brought the record; what the ledger had kept is from another.</summary>
    public bool HasRead(UInt128 key) => Phase == RunPhase.Retrying || !Seen[RunPhase.Retrying].Contains(key)
        || Uncommitted.Contains(key) || Seen[RunPhase.Reading].Contains(key) || Seen[RunPhase.Confirming].Contains(key);

    public RunSession BeginSession(HokifyDbContext db) => Session = new RunSession(db);

    /// <summary>The next step begins another.</summary>
    public async ValueTask EndSessionAsync()
    {
        if (Session is { } session)
        {
            Session = null;
            await session.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => EndSessionAsync();

    private bool HasSeen(UInt128 key) =>
        Uncommitted.Contains(key) || Seen[RunPhase.Reading].Contains(key) || Seen[RunPhase.Retrying].Contains(key) || Seen[RunPhase.Confirming].Contains(key);
}

/// <summary>What one transaction adds to a run.</summary>
/// <param name="Tally">What it counted.</param>
/// <param name="Keys">The records it saw.</param>
internal sealed record RunStep(ImportTally Tally, List<UInt128> Keys)
{
    /// <summary>Where the run stands after it; null leaves phase and checkpoint as they are.</summary>
    public RunPosition? Position { get; init; }

    /// <summary>Where the source's clock ends the window; null leaves its end as it is.</summary>
    public DateTimeOffset? ReadTo { get; init; }

    public static RunStep To(RunPosition position) => new(new ImportTally(), []) { Position = position };
}

internal sealed record RunPosition(RunPhase Phase, string? Checkpoint);

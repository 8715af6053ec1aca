using HokifyMessaging.Reading;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>The right to work on a scope: worth as much as its fence is the scope's current one.</summary>
internal sealed record ScopeLease(int ScopeId, string Owner, long Fence);

/// <summary>Where a run stands.</summary>
internal sealed record RunPosition(RunPhase Phase, string? Checkpoint);

/// <summary>How far a run has come.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Window">What it reads.</param>
/// <param name="Tally">What it has counted.</param>
internal sealed record ImportProgress(RunPosition Position, ReadWindow Window, ImportTally Tally)
{
    /// <summary>How many steps have been committed; numbers the next one.</summary>
    public int Steps { get; init; }

    /// <summary>Whether somebody had asked, when the last step was committed, that the run stop.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>
    /// Whether the last records were for the most part known already: then reading records ahead of their turn is in vain. Nobody
    /// knows before the first of them have been looked up, and it can be done then as well.
    /// </summary>
    public bool ExpectsKnown { get; init; } = true;

    /// <summary>Whether the scope's ledger may hold anything. Only the holder of the lease adds to it, so this is asked once and never goes back.</summary>
    public bool MayHaveWaiting { get; init; }

    /// <summary>Whether the scope may remember erased people; as above.</summary>
    public bool MayHaveErased { get; init; }

    public ImportProgress After(RunStep step) => new(
        step.Position ?? Position, step.ReadTo is { } to && to < Window.To ? Window with { To = to } : Window, (step.Retracts ? Tally.WithoutOutcomes() : Tally).Plus(step.Tally).Without(step.Erased))
    {
        Steps = Steps + 1,
        IsCancelled = IsCancelled,
        ExpectsKnown = step.ExpectsKnown ?? ExpectsKnown,
        MayHaveWaiting = MayHaveWaiting || step.EntersLedger,
        MayHaveErased = MayHaveErased || step.Erased.Count > 0,
    };
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

    /// <summary>Whether most of its records were known; null where it had none.</summary>
    public bool? ExpectsKnown { get; init; }

    /// <summary>Whether a record waits in the ledger since.</summary>
    public bool EntersLedger { get; init; }

    /// <summary>Whether what was counted as created, updated, deleted and unchanged will not be.</summary>
    public bool Retracts { get; init; }

    /// <summary>The ids of whoever is erased since, and of their applications.</summary>
    public IReadOnlySet<string> Erased { get; init; } = new HashSet<string>();

    /// <summary>Copies that wait for the end of the read.</summary>
    public IReadOnlyList<HeldCopy> Held { get; init; } = [];
}

/// <summary>A copy of an application that waits for the end of the read.</summary>
/// <param name="Application">The application's key.</param>
/// <param name="Content">The copy's.</param>
/// <param name="Record">The record, to be decided on then.</param>
/// <param name="Characters">How long it is.</param>
internal sealed record HeldCopy(UInt128 Application, UInt128 Content, SourceRecord Record, int Characters)
{
    public static HeldCopy Of(IncomingApplication application, SourceRecord record)
    {
        var payload = application.Materialize().Payload;

        // It waits for long, and would keep all of its group waiting with it.
        OrRejection<MappedApplication>? own = record.Mapped is { Value: { } mapped } ? mapped with { Payload = payload } : record.Mapped;
        return new HeldCopy(RecordKeys.Of(application.Id.Value), application.Copy.Content, record with { IsDecided = true, Mapped = own }, payload.Length);
    }
}

/// <summary>A run that this worker holds the lease for, as it was last committed.</summary>
internal sealed class RunInProgress : IAsyncDisposable
{
    public required ImportRequest Request { get; init; }
    public required Guid RunId { get; init; }
    public required ScopeLease Lease { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How far the run has come, as it was last committed.</summary>
    public required ImportProgress Progress { get; set; }

    public RunPhase Phase => Progress.Position.Phase;

    public ImportTally Tally => Progress.Tally;

    /// <summary>Whether it makes a plan and writes nothing else: all of a dry run, and the beginning of one that applies a plan.</summary>
    public bool IsPlanning => Request.DryRun || (Request.PlanDigest is not null && Phase is not (RunPhase.Comparing or RunPhase.Applying));

    /// <summary>Whether its plan had no room for something: what follows is only counted.</summary>
    public bool IsPlanTooLarge => Seen.Values.Any(seen => seen.Contains(RecordKeys.TooMuch));

    /// <summary>The digest of the plan that a dry run has made; null before its end, and where it had no room for all of it.</summary>
    public string? MadePlan { get; set; }

    /// <summary>Whether the scope has people who are known by an address alone, from before names were looked at. No import adds to them.</summary>
    public required bool MayKnowByAddress { get; init; }

    /// <summary>Whether the scope may have applications that only another source brought, from which it was read before.</summary>
    public required bool MayHaveOthers { get; init; }

    /// <summary>Copies that wait for the end of the read. They are lost with the worker: what they say is then left to the next run.</summary>
    public HeldCopies Held { get; } = new();

    /// <summary>What the ledger was tried for, what the source delivered, and what its second read delivered.</summary>
    public Dictionary<RunPhase, RecordKeys> Seen { get; } = Enum.GetValues<RunPhase>().ToDictionary(phase => phase, _ => new RecordKeys());

    /// <summary>Null until the first step, and after one that failed.</summary>
    public RunSession? Session { get; private set; }

    /// <summary>A step is committed: this is what the run knows from here on.</summary>
    public void Advance(RunStep step, ImportProgress progress)
    {
        Seen[Phase].Add(step.Keys);
        Held.Add(step.Held);
        Progress = progress;
    }

    /// <summary>Whether the run has counted the record as created, updated or unchanged; one that failed or waits may still turn into one of them.</summary>
    public bool HasCounted(UInt128 key) => HasSeen(key) && !HasOnlyFailed(key);

    public bool HasOnlyFailed(UInt128 key) => HasSeen(key) && HasSeen(RecordKeys.FailureOf(key)) && !HasSeen(RecordKeys.RecoveryOf(key));

    /// <summary>Whether the read that is going on has brought the record; what the ledger had kept is from another.</summary>
    public bool HasRead(UInt128 key) => Phase == RunPhase.Retrying || !Seen[RunPhase.Retrying].Contains(key)
        || Seen[RunPhase.Reading].Contains(key) || Seen[RunPhase.Confirming].Contains(key);

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
        Seen[RunPhase.Reading].Contains(key) || Seen[RunPhase.Retrying].Contains(key) || Seen[RunPhase.Confirming].Contains(key);
}

/// <summary>Copies that wait for the end of a read, by application and content.</summary>
internal sealed class HeldCopies
{
    /// <summary>More would only take memory: a source that contradicts itself that often has other troubles.</summary>
    private const int Most = 10_000;

    /// <summary>What the records of those copies may have together.</summary>
    private const int MostCharacters = 16 * 1024 * 1024;

    private readonly Dictionary<(UInt128 Application, UInt128 Content), SourceRecord> _copies = [];
    private long _characters;

    public int Count => _copies.Count;

    public void Add(IEnumerable<HeldCopy> copies)
    {
        foreach (var copy in copies)
        {
            if (_copies.Count < Most && _characters < MostCharacters && _copies.TryAdd((copy.Application, copy.Content), copy.Record))
            {
                _characters += copy.Characters;
            }
        }
    }

    /// <summary>The read has ended: they get their turn.</summary>
    public IReadOnlyList<SourceRecord> Take()
    {
        var taken = _copies.Values.ToList();
        _copies.Clear();
        _characters = 0;
        return taken;
    }
}

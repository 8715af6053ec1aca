using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>What one step of an import is asked to do, in its order.</summary>
/// <param name="After">Where the run stands when it is done.</param>
internal sealed record ImportStep(RunPosition After)
{
    /// <summary>The records to write.</summary>
    public IReadOnlyList<SourceRecord> Records { get; init; } = [];

    /// <summary>What reading them has counted.</summary>
    public ImportTally Read { get; init; } = new();

    /// <summary>The keys of applications to delete softly, and with them whom they leave without any.</summary>
    public IReadOnlyList<long> Missing { get; init; } = [];

    /// <summary>The keys of people who may have no application any more.</summary>
    public IReadOnlyList<long> Left { get; init; } = [];

    /// <summary>Entries of the run's plan to carry out, all of rows, all deletions or all refusals; a step of these has nothing else.</summary>
    public IReadOnlyList<PlanEntry> Planned { get; init; } = [];

    /// <summary>The entries that <see cref="Records"/> carry out, where these are erasures of a plan: they were counted when the plan was made.</summary>
    public IReadOnlyList<PlanEntry> Erasing { get; init; } = [];

    /// <summary>In what the run's plan differs from the one that it was asked to apply.</summary>
    public IReadOnlyList<PlanEntryDifference> Differences { get; init; } = [];

    /// <summary>Whether what was counted as created, updated, deleted and unchanged will not be.</summary>
    public bool Retracts { get; init; }

    /// <summary>What the run must remember of the read itself.</summary>
    public IReadOnlyCollection<UInt128> Marks { get; init; } = [];

    /// <summary>Where the source's clock ends the window; null leaves its end as it is.</summary>
    public DateTimeOffset? ReadTo { get; init; }

    /// <summary>Goes on with another phase.</summary>
    public static ImportStep To(RunPhase phase) => new(new RunPosition(phase, null));
}

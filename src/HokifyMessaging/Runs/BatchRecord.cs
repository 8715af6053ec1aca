using HokifyMessaging.Applications;

namespace HokifyMessaging.Runs;

/// <summary>One record on its way into the database.</summary>
internal abstract record BatchRecord
{
    /// <summary>Identifies the record within its run.</summary>
    public abstract UInt128 Key { get; }

    /// <summary>The reference of the ledger entry that the record is tried again for; null for a record from the source.</summary>
    public string? LedgerReference { get; init; }

    /// <summary>Whether the record waited for the end of the read, and that has come.</summary>
    public bool IsDecided { get; init; }

    public sealed record Ready(MappedApplication Application) : BatchRecord
    {
        public override UInt128 Key => RecordKeys.Of(Application.Id.Value);
    }

    public sealed record Rejected(Rejection Rejection) : BatchRecord
    {
        public override UInt128 Key => RecordKeys.Of(Rejection);
    }

    /// <summary>A record that is read and mapped once somebody needs it.</summary>
    public sealed record Unread(UnreadApplication Application) : BatchRecord
    {
        public override UInt128 Key => RecordKeys.Of(Application.Id.Value);

        public override BatchRecord Read() => Of(Application.Read()) with { LedgerReference = LedgerReference, IsDecided = IsDecided };
    }

    /// <summary>The record as it is when it has been read: ready or rejected.</summary>
    public virtual BatchRecord Read() => this;

    public static BatchRecord Of(ApplicationRecord record, ApplicationMapping mapping) => record switch
    {
        ApplicationRecord.Unread unread => new Unread(new UnreadApplication(unread, mapping)),
        ApplicationRecord.Understood(var application, var position) => Of(mapping.Map(application, position)),
        ApplicationRecord.Rejected(var rejection) => new Rejected(rejection),
        _ => throw new InvalidOperationException($"{record.GetType()} is no record of a source."),
    };

    private static BatchRecord Of(MappingOutcome outcome) => outcome switch
    {
        MappingOutcome.Mapped(var mapped) => new Ready(mapped),
        MappingOutcome.Rejected(var rejection) => new Rejected(rejection),
        _ => throw new InvalidOperationException($"{outcome.GetType()} is no outcome of mapping."),
    };
}

/// <summary>What one transaction is asked to write.</summary>
/// <param name="Read">What reading these records has counted.</param>
/// <param name="After">Where the run stands when they are written.</param>
internal sealed record RecordBatch(IReadOnlyList<BatchRecord> Records, ImportTally Read, RunPosition After)
{
    /// <summary>What the run must remember of the read itself.</summary>
    public IReadOnlyCollection<UInt128> Marks { get; init; } = [];

    /// <summary>Where the source's clock ends the window; null leaves its end as it is.</summary>
    public DateTimeOffset? ReadTo { get; init; }
}

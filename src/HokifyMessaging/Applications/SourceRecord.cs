namespace HokifyMessaging.Applications;

/// <summary>
/// One record of a source on its way into the database: which application it is, where it stood, what recognizes it, and, as
/// soon as somebody needs it, the application in the shape of the database or the reason why it cannot be imported.
/// </summary>
internal sealed record SourceRecord
{
    /// <summary>What a record takes however short it is.</summary>
    public const int LeastBytes = 1024;

    /// <summary>Null when it is no longer needed: what was read takes as much memory as what became of it.</summary>
    private Func<OrRejection<HokifyApplication>>? _read;
    private OrRejection<MappedApplication>? _mapped;

    /// <summary>A record that says at a glance which application it is.</summary>
    /// <param name="id">Which application it is.</param>
    /// <param name="position">Where it stood, in words.</param>
    /// <param name="read">Reads the rest; on any thread, any number of times.</param>
    public SourceRecord(ApplicationId id, string position, Func<OrRejection<HokifyApplication>> read) => (Id, Position, _read) = (id, position, read);

    /// <summary>A record that was read at once, because its id takes more than a glance, or nothing is left to be read.</summary>
    /// <param name="position">Where it stood, in words.</param>
    /// <param name="content">What was read.</param>
    public SourceRecord(string position, OrRejection<HokifyApplication> content)
    {
        Position = position;
        if (content.Rejection is { } rejection)
        {
            (Id, _mapped) = (rejection.Id, rejection);
        }
        else
        {
            (Id, _read) = (content.Value!.Id, () => content);
        }
    }

    /// <summary>Which application it is; null where the record does not say so, which is a reason to reject it.</summary>
    public ApplicationId? Id { get; }

    /// <summary>Where it stood, in words: <c>AtsApi offset 200, item 17</c> or <c>applications.csv line 42</c>.</summary>
    public string Position { get; }

    /// <summary>Over all that reading it depends on: equal hash, equal application. Null for one that is not recognized by it.</summary>
    public UInt128? Hash { get; init; }

    /// <summary>How much memory it takes, as far as that grows with what the source sent: what is held at once is bounded by the sum.</summary>
    public int Bytes
    {
        get => Math.Max(field, LeastBytes);
        init;
    }

    /// <summary>The reference of the ledger entry that the record is tried again for; null for a record from the source.</summary>
    public string? LedgerReference { get; init; }

    /// <summary>Whether the record waited for the end of the read, and that has come.</summary>
    public bool IsDecided { get; init; }

    /// <summary>What became of it; null as long as nobody has asked.</summary>
    public OrRejection<MappedApplication>? Mapped
    {
        get => _mapped;
        init => _mapped = value;
    }

    /// <summary>Why it cannot be imported, as far as that is known yet.</summary>
    public Rejection? Rejection => _mapped?.Rejection;

    /// <summary>Tells it from other records, whatever becomes of it: its id, or where it has none all that it says.</summary>
    public string Identity => Id?.Value ?? Rejection!.Payload;

    /// <summary>The application as its source has it, before it is mapped.</summary>
    /// <exception cref="InvalidOperationException">It has been mapped, so that this is no longer kept.</exception>
    public OrRejection<HokifyApplication> Read() =>
        _read is not null ? _read()
        : Rejection is { } rejection ? rejection
        : throw new InvalidOperationException($"The record at {Position} has been mapped; what was read is no longer kept.");

    /// <summary>Reads and maps it where that has not been done.</summary>
    public OrRejection<MappedApplication> Map(ApplicationMapping mapping)
    {
        if (_mapped is { } mapped)
        {
            return mapped;
        }

        mapped = Read() switch
        {
            { Value: { } application } => mapping.Map(application, Position, mapping.HashOf(this)),
            var rejected => rejected.Rejection!,
        };
        (_mapped, _read) = (mapped, null);
        return mapped;
    }
}

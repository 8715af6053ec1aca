using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

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

/// <summary>Why one record is not in the database, in the words of the ledger and of the result.</summary>
internal sealed record RecordFailure(
    string Name, string Element, string ReferenceId, PersonId? Person, DateTimeOffset? Version, string Payload, string Message, string ClassName, int HResult, string Source, bool Park)
{
    /// <summary>A record that could not be understood fails like a text in a wrong format.</summary>
    private static readonly FormatException Format = new();

    /// <summary>One sentence, in which everything can be seen: it names the file, and files may have any name.</summary>
    public string Message { get; } = VisibleText.Of(Message);

    /// <summary>Where the record stood, likewise.</summary>
    public string Source { get; } = VisibleText.Of(Source);

    /// <summary>The application's own id, where the record says one, whatever the entry goes by.</summary>
    public ApplicationId? Application { get; init; }

    public static RecordFailure Of(Rejection rejection, bool park = false) => new(
        Storage.ActivityNames.Rejected,
        rejection.Element,
        // A parked contradiction must not be closed by the record that it contradicts, so it does not go by that id.
        rejection.Id is { } id && !park ? id.Value : PayloadReference(rejection.Payload),
        rejection.Person,
        null,
        rejection.Payload,
        rejection.Message,
        typeof(FormatException).FullName!,
        Format.HResult,
        rejection.Position,
        park)
    {
        Application = rejection.Id,
    };

    public static RecordFailure Of(MappedApplication application, Exception exception)
    {
        var fault = DatabaseFault.Of(exception);
        var reason = fault?.Description ?? $"could not be written ({exception.GetType().Name})";
        return new RecordFailure(
            Storage.ActivityNames.Failed,
            ElementNames.CandidateProfile,
            application.Id.Value,
            application.PersonId,
            application.Version,
            application.Payload,
            $"{application.Position}, application {application.Id}: {reason}.",
            (exception.InnerException ?? exception).GetType().FullName!,
            fault?.Code ?? exception.HResult,
            application.Position,
            Park: false)
        {
            Application = application.Id,
        };
    }

    /// <summary>The same failure of a record that is in the ledger already, perhaps under another reference.</summary>
    public RecordFailure Under(string? ledgerReference) => ledgerReference is null ? this : this with { ReferenceId = ledgerReference };

    public ImportException ToException() => new() { ClassName = ClassName, Message = Message, HResult = HResult, Source = Source };

    private static string PayloadReference(string payload) => FormattableString.Invariant($"payload:{RecordKeys.Of(payload):x32}");
}

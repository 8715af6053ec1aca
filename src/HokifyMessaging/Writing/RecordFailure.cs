using System.Text.RegularExpressions;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>Why one record is not in the database, in the words of the ledger and of the result.</summary>
internal sealed partial record RecordFailure(
    ActivityName Name, string Element, string ReferenceId, PersonId? Person, DateTimeOffset? Version, string Payload, string Message, string ClassName, int HResult, string Source, bool Park)
{
    /// <summary>Begins the reference of what goes by its content; no id has a colon.</summary>
    public const string PayloadPrefix = "payload:";

    /// <summary>A record that could not be understood fails like a text in a wrong format.</summary>
    private static readonly FormatException Format = new();

    /// <summary>One sentence, in which everything can be seen: it names the file, and files may have any name.</summary>
    public string Message { get; } = VisibleText.Of(Message);

    /// <summary>Where the record stood, likewise.</summary>
    public string Source { get; } = VisibleText.Of(Source);

    /// <summary>Why, as a kind.</summary>
    public required FailureCause Cause { get; init; }

    /// <summary>The field at fault, in whatever item of a list it stood; null where the fault is of no field.</summary>
    public string? Field { get; init; }

    /// <summary>How many members of the record we do not know; 0 where it could not be understood.</summary>
    public int UnknownMembers { get; init; }

    /// <summary>The application's own id, where the record says one, whatever the entry goes by.</summary>
    public ApplicationId? Application { get; init; }

    /// <summary>When the person applied, where the record says so.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <param name="record">The record.</param>
    /// <param name="rejection">Why it cannot be imported.</param>
    /// <param name="park">Whether only an operator can do something about it.</param>
    public static RecordFailure Of(SourceRecord record, Rejection rejection, bool park = false) => new RecordFailure(
        ActivityName.Rejected,
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
        Cause = rejection.Cause,
        Field = FieldOf(rejection.Field),
        Application = rejection.Id,
        AppliedAt = rejection.AppliedAt,
    }.Under(record);

    /// <summary>Why the database refused an application.</summary>
    public static RecordFailure Of(SourceRecord record, MappedApplication application, Exception exception)
    {
        var fault = DatabaseFault.Of(exception);
        var reason = fault?.Description ?? $"could not be written ({exception.GetType().Name})";
        return new RecordFailure(
            ActivityName.Failed,
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
            Cause = fault?.Cause ?? FailureCause.Refused,
            Field = fault?.Column,
            Application = application.Id,
            UnknownMembers = application.UnknownMembers,
        }.Under(record);
    }

    public ImportException ToException() => new() { ClassName = ClassName, Message = Message, HResult = HResult, Source = Source };

    /// <summary>Under which reference an application enters the ledger that contradicts another record of its run.</summary>
    public static string ReferenceOf(IncomingApplication application) => PayloadReference(application.Materialize().Payload);

    /// <summary>What went wrong in the third item of a list and in the fifth has one remedy. A file may name its fields as it likes.</summary>
    private static string FieldOf(string field) => VisibleText.Cut(VisibleText.Of(ListItem().Replace(field, "[]")), ActivityLog.FieldLength);

    [GeneratedRegex(@"\[[0-9]+\]")]
    private static partial Regex ListItem();

    /// <summary>A record that is in the ledger already goes by its entry's reference.</summary>
    private RecordFailure Under(SourceRecord record) => record.LedgerReference is { } reference ? this with { ReferenceId = reference } : this;

    private static string PayloadReference(string payload) => FormattableString.Invariant($"{PayloadPrefix}{RecordKeys.Of(payload):x32}");
}

namespace HokifyMessaging.Applications;

/// <summary>
/// Why one record cannot be imported. The text names source, position, id and field and never the value: most fields
/// hold personal data, and this text travels in events, logs and faults.
/// </summary>
/// <param name="Element">The element name whose field is at fault, see <see cref="ElementNames"/>.</param>
/// <param name="Position">Where the record stood: <c>AtsApi offset 200, item 17</c> or <c>applications.csv line 42</c>.</param>
/// <param name="Id">The application's id, where it has one.</param>
/// <param name="Field">The field as the source names it, with its path: <c>user.general.birthday</c>.</param>
/// <param name="Cause">The same as its kind.</param>
/// <param name="Problem">What is wrong and what would be right: <c>is not a date; expected is ISO 8601 or dd.MM.yyyy</c>.</param>
/// <param name="Payload">The record as it was read; kept in the ledger only.</param>
internal sealed record Rejection(string Element, string Position, ApplicationId? Id, string Field, FailureCause Cause, string Problem, string Payload)
{
    /// <summary>Whose record it is, where it says so: what waits of a person goes when the person is erased.</summary>
    public PersonId? Person { get; init; }

    /// <summary>When the person applied, where the record says so.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>Whether the record was too large to be kept: what stands for it in <see cref="Payload"/> can't be read later, only the source has it.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>The one sentence that operators, subscribers and the ledger see.</summary>
    public string Message => Id is { } id ? $"{Position}, application {id}: {Field} {Problem}." : $"{Position}: {Field} {Problem}.";
}

/// <summary>The string keys of the result's dictionaries and of the ledger.</summary>
internal static class ElementNames
{
    public const string Candidate = "Candidate";
    public const string CandidateProfile = "CandidateProfile";
    public const string ActivityLog = "ActivityLog";
}

using System.Linq.Expressions;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Results;

/// <summary>One application in the sheet: whose it is, for which job, what became of it, why, and when.</summary>
/// <param name="Application">The application's id; for a record without one, what it goes by among those that wait.</param>
/// <param name="Name">The person's name.</param>
/// <param name="Job">The job, or the company applied to as such.</param>
/// <param name="Mail">The person's own address, else the one that hokify made.</param>
/// <param name="Phone">The person's phone number.</param>
/// <param name="AppliedAt">When the person applied.</param>
/// <param name="What">What happened, in words that can be filtered by.</param>
/// <param name="Why">Which fields changed, or why it could not be stored.</param>
/// <param name="When">When it happened.</param>
/// <param name="NextTry">From when on it is tried again.</param>
internal sealed record RunSheetRow(
    string Application,
    string? Name,
    string? Job,
    string? Mail,
    string? Phone,
    DateTimeOffset? AppliedAt,
    string What,
    string? Why,
    DateTimeOffset When,
    DateTimeOffset? NextTry = null)
{
    /// <summary>An application that a run changed.</summary>
    /// <param name="shown">As it is stored now.</param>
    /// <param name="logs">What the run did to it, in the order of writing.</param>
    /// <param name="runId">The run.</param>
    public static RunSheetRow OfChange(ShownApplication shown, IReadOnlyList<ActivityLog> logs, Guid runId)
    {
        var changes = logs.Where(log => log.Status == ActivityStatus.Done).ToList();
        var (what, why) = changes[^1].Name == ActivityName.Deleted ? ("Deleted", "The source no longer has it.")
            : changes.Exists(log => log.Name == ActivityName.Created) ? ("Created", null)
            : ("Updated", Changed(FieldHistory.ChangedBy(runId, shown.History), FieldHistory.ChangedBy(runId, shown.Person.History)));
        return Of(shown, what, why, changes[^1].Date);
    }

    /// <summary>An application that stayed as it was, of a person who did not.</summary>
    public static RunSheetRow OfPerson(ShownApplication shown, IReadOnlyList<ActivityLog> logs, Guid runId) =>
        Of(shown, "Person updated", Changed([], FieldHistory.ChangedBy(runId, shown.Person.History)), logs[^1].Date);

    /// <summary>A record that could not be stored, at first or still.</summary>
    /// <param name="log">What is written down of it.</param>
    /// <param name="stored">The application, where it is stored.</param>
    public static RunSheetRow OfFailure(ActivityLog log, ShownApplication? stored)
    {
        var read = log.Data is { } data && ApplicationPayload.ReadWhatCanBe(data) is { Person.PrivacyAutoDeleted: false } application ? application : null;
        var person = read is null ? null : ApplicationMapping.MapCandidate(read);
        var refused = log.Name == ActivityName.Rejected ? "Rejected" : "Failed";
        var (what, why) = log.Status switch
        {
            ActivityStatus.Open => ($"{refused}, is tried again", log.ResultData),
            ActivityStatus.Parked => ($"{refused}, waits for an operator", log.ResultData),
            ActivityStatus.Superseded => ($"{refused}, overtaken", "It could not be stored, and a newer copy of it was."),
            ActivityStatus.Dropped => ($"{refused}, dropped", log.ResultData),
            _ => ($"{refused}, stored later", "It could not be stored at first, and was at a later try."),
        };
        return new RunSheetRow(
            log.ReferenceId,
            person?.DisplayName ?? stored?.Name,
            read is null ? stored?.Job : ApplicationMapping.JobOf(read),
            person?.Email ?? person?.HokifyMail ?? stored?.Person.Mail,
            person?.Phone ?? stored?.Person.Phone,
            read?.AppliedAt ?? stored?.AppliedAt,
            what,
            why,
            log.DateExecuted ?? log.Date,
            log.DueAt);
    }

    private static RunSheetRow Of(ShownApplication shown, string what, string? why, DateTimeOffset when) =>
        new(shown.ReferenceId, shown.Name, shown.Job, shown.Person.Mail, shown.Person.Phone, shown.AppliedAt, what, why, when);

    private static string Changed(IReadOnlyList<string> application, IReadOnlyList<string> person)
    {
        var fields = application.Concat(person).Select(FieldWords.Of).Distinct().ToList();
        return fields.Count == 0 ? "Which fields changed is no longer known: only the last changes are kept." : $"Changed: {string.Join(", ", fields)}.";
    }
}

/// <summary>What the sheet shows of a stored application.</summary>
internal sealed record ShownApplication(
    long Id, string ReferenceId, long CandidateId, string? CandidateName, string? Job, DateTimeOffset? AppliedAt, string? History, ShownPerson Person)
{
    public static Expression<Func<CandidateProfile, ShownApplication>> Selection { get; } = p => new ShownApplication(
        p.Id,
        p.ReferenceId,
        p.CandidateId,
        p.Columns.CandidateName,
        p.Columns.Name,
        p.Columns.DatePublish,
        p.History,
        new ShownPerson(
            p.Candidate!.Columns.DisplayName,
            p.Candidate.Columns.Email,
            p.Candidate.Columns.HokifyMail,
            p.Candidate.Columns.Phone,
            p.Candidate.VersionReferenceId,
            p.Candidate.History));

    public string? Name => CandidateName ?? Person.Name;

    /// <summary>Nothing of an erased person is shown.</summary>
    public bool IsErased => ErasedRow.Is(ReferenceId);
}

/// <summary>What the sheet shows of the person behind it.</summary>
internal sealed record ShownPerson(string? Name, string? Email, string? HokifyMail, string? Phone, string? VersionReferenceId, string? History)
{
    public string? Mail => Email ?? HokifyMail;
}

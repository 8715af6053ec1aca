using System.Security.Claims;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// From which column of the data map each member of each JSON answer comes, so that it is decided about where that column is. A member that is not here fails a test,
/// and so does one that somebody without the right <c>personal</c> can see although its column is personal.
/// </summary>
internal static class AnswerMembers
{
    /// <summary>Counts, addresses of ours, and what the caller has sent.</summary>
    public const string OfNobody = "";

    private const string Sentences = "ImportRun.CompletedEvent";

    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["AuditPage"] = "items= next=",
        ["AuditItem"] = "id=Audit.Id at=Audit.At who=Audit.Who machine=Audit.Machine action=Audit.Action scopeId=Audit.ScopeId detail=Audit.Detail",
        ["ErasurePage"] = "items= next=",
        ["ErasureResult"] = "id=ErasureRequest.Id scopeId=ErasureRequest.ScopeId state=ErasureRequest.State requestedBy=ErasureRequest.Who reason=ErasureRequest.Reason createdAt=ErasureRequest.CreatedAt "
            + "completedAt=ErasureRequest.CompletedAt dueAt=ErasureRequest.DueAt people=ErasureRequest.People applications=ErasureRequest.Applications waitingRecords=ErasureRequest.Waiting",
        ["ExportImportResult"] = $"CreatedCounts= UpdatedCounts= DeletedCounts= UnchangedCounts= Exceptions={Sentences} DownloadUrl= OkCount= ErrorCount= StatsCounter=",
        ["ImportPage"] = "total= offset= items= next=",
        ["ImportProgress"] = "state=ImportRun.State phase=ImportRun.Phase fetched= okCount= errorCount= failure=ImportRun.Failure",
        ["ImportReference"] = "runId=ImportRun.Id idempotencyKey=ImportRun.IdempotencyKey state=ImportRun.State href=",
        ["PlanPage"] = "runId=ImportRun.Id planDigest=ImportRun.PlanDigest canBeApplied= forgottenAt=ImportRun.PlanForgottenAt items= next=",
        ["PlannedEntry"] = "number=PlanEntry.Number change=PlanEntry.Kind elementName=PlanEntry.ElementName referenceId=PlanEntry.ReferenceId personReferenceId=PlanEntry.PersonReferenceId "
            + "fields= reason=PlanEntry.Sentence isApplied=PlanEntry.IsApplied difference=PlanEntry.Difference",
        ["PlannedValue"] = "field= before=PlanEntry.Fields after=PlanEntry.Fields",
        ["RecordPage"] = "items= next=",
        ["RunDetails"] = "summary= unixSecondsFrom=ImportRun.UnixSecondsFrom allowDeletions=ImportRun.AllowDeletions windowFrom=ImportRun.WindowFrom windowTo=ImportRun.WindowTo "
            + "announcedAt=ImportRun.AnnouncedAt nudgedAt=ImportRun.NudgedAt checkpoint=ImportRun.Checkpoint fence=ImportRun.Fence isAtWork= failures=ImportRun.Failures "
            + "resumeAt=ImportRun.ResumeAt sourceSaid=ImportRun.SourceSaid detailsForgottenAt=ImportRun.DetailsForgottenAt planDigest=ImportRun.PlanDigest planForgottenAt=ImportRun.PlanForgottenAt answeredBy=ImportRun.AnsweredBy result= waitingCount= waiting=",
        ["RunRecord"] = "id=ActivityLog.Id elementName=ActivityLog.ElementName referenceId=ActivityLog.ReferenceId outcome=ActivityLog.Status attempts=ActivityLog.RetryCount "
            + "reason=ActivityLog.ResultData at=ActivityLog.Date dueAt=ActivityLog.DueAt",
        ["RunSummary"] = "runId=ImportRun.Id idempotencyKey=ImportRun.IdempotencyKey scopeId=ImportRun.ScopeId importMode=ImportRun.ImportMode dryRun=ImportRun.DryRun requestedBy=ImportRun.RequestedBy "
            + "state=ImportRun.State phase=ImportRun.Phase createdAt=ImportRun.CreatedAt startedAt=ImportRun.StartedAt completedAt=ImportRun.CompletedAt durationMilliseconds= fetched= okCount= errorCount= "
            + "failure=ImportRun.Failure unattendedSince=",
        ["WaitingRecord"] = "referenceId=ActivityLog.ReferenceId elementName=ActivityLog.ElementName parked=ActivityLog.Status reason=ActivityLog.ResultData retryCount=ActivityLog.RetryCount dueAt=ActivityLog.DueAt",
    };

    /// <summary>The members of an answer, each with the column that it comes from.</summary>
    /// <param name="type">The type's name, as the description of the API has it.</param>
    /// <returns>Null where nobody has decided about it.</returns>
    public static IReadOnlyDictionary<string, string>? Of(string type) =>
        Members.GetValueOrDefault(type)?.Split(' ').Select(member => member.Split('=')).ToDictionary(member => member[0], member => member[1]);

    /// <summary>The mark of a column, as it is named here; null for what is of nobody.</summary>
    public static DataMark? MarkOf(string column) => column.Split('.') is [var table, var name] ? DataMap.Of(table).ColumnOf(name) : null;

    /// <summary>The run as the caller may see it.</summary>
    public static RunDetails ShownTo(this RunDetails run, ClaimsPrincipal caller) => run with
    {
        SourceSaid = run.SourceSaid is null || !caller.Has(Rights.Operate) ? null : (string?)Mask.Over(caller.Values(), MarkOf("ImportRun.SourceSaid"), run.SourceSaid),
    };

    /// <summary>What would be done, without what people have told.</summary>
    public static PlannedEntry Masked(this PlannedEntry entry) => entry with { Fields = [.. entry.Fields.Select(field => field with { Before = Masked(field.Before), After = Masked(field.After) })] };

    private static string? Masked(string? value) => value is null ? null : (string?)Mask.Over(PeopleValues.Masked, MarkOf("PlanEntry.Fields"), value);

    private static PeopleValues Values(this ClaimsPrincipal caller) => caller.Has(Rights.Personal) ? PeopleValues.Shown : PeopleValues.Masked;
}

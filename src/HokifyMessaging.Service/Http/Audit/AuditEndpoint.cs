using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Audit;

/// <summary>Something that somebody has done by hand.</summary>
/// <param name="Id">Numbers the entries in the order of writing.</param>
/// <param name="At">When.</param>
/// <param name="Who">The API key, the user of a command, or that it was a download link.</param>
/// <param name="Machine">On which machine the program ran that was asked.</param>
/// <param name="Action">What.</param>
/// <param name="ScopeId">To which scope; null for what concerns all of them.</param>
/// <param name="Detail">What it changed or handed out, in a sentence without any value of an applicant.</param>
internal sealed record AuditItem(long Id, DateTimeOffset At, string Who, string Machine, AuditAction Action, int? ScopeId, string Detail)
{
    public static AuditItem Of(AuditView entry) => new(entry.Id, entry.At, entry.Who, entry.Machine, entry.Action, entry.ScopeId, entry.Detail);
}

/// <summary>A part of the audit log, newest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">The address of the next part; null when this is the last one.</param>
internal sealed record AuditPage(IReadOnlyList<AuditItem> Items, string? Next);

/// <summary><c>GET /api/audit</c>: who has done what, by a command or over HTTP.</summary>
internal static class AuditEndpoint
{
    public static void MapAudit(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/audit", ListAsync).RequireAuthorization(Rights.Operate).WithTags("Audit")
        .WithName("ListAudit").WithSummary("Lists who has done what, newest first")
        .WithDescription(
            "By a command or over HTTP: imports that were asked for and cancelled, files that were downloaded, people who were exported or erased, and what operators change. Never anything about applicants. "
            + "What concerns all scopes is told to keys of all scopes.")
        .Produces<AuditPage>()
        .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<IResult> ListAsync(
        HttpContext context, string? scopeId, string? action, string? from, string? to, string? after, string? limit, AuditQueries audit, CancellationToken cancellationToken)
    {
        var filter = new AuditFilter
        {
            ScopeId = context.User.ScopeNamedBy(nameof(scopeId), scopeId),
            ScopeIds = context.User.VisibleScopes(),
            Action = QueryText.OneOf<AuditAction>(nameof(action), action),
            From = QueryText.Instant(nameof(from), from),
            To = QueryText.Instant(nameof(to), to),
            After = string.IsNullOrEmpty(after) ? null : QueryText.Position(nameof(after), after),
            Limit = QueryText.WholeNumber(nameof(limit), limit, 100, 1, 1000),
        };

        // One more than is shown tells whether there are more.
        var found = await audit.ListAsync(filter with { Limit = filter.Limit + 1 }, cancellationToken);
        AuditItem[] items = [.. found.Take(filter.Limit).Select(AuditItem.Of)];
        return TypedResults.Ok(new AuditPage(items, found.Count == items.Length ? null : context.Request.Next(nameof(after), items[^1].Id.ToString(CultureInfo.InvariantCulture))));
    }
}

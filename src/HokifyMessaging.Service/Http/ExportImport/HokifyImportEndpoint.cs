using HokifyMessaging.Receiving;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Service.Http.Imports;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.ExportImport;

/// <summary>
/// <c>api/ExportImport/HokifyImport</c>, where this project comes from: asks for an import, waits for it and answers its
/// result. Behind it is the message-driven import that every other caller gets.
/// </summary>
internal static class HokifyImportEndpoint
{
    /// <summary>The operation that takes a body instead of parameters, too.</summary>
    public const string ByPost = "HokifyImport";

    private const string Path = "/api/ExportImport/HokifyImport";

    /// <summary>After how long a caller whose wait was too short should look again.</summary>
    private static readonly TimeSpan NextLook = TimeSpan.FromSeconds(10);

    public static void MapHokifyImport(this IEndpointRouteBuilder endpoints)
    {
        Describe(endpoints.MapGet(Path, RunAsync), "HokifyImportByGet", "Imports, and answers the result");
        Describe(endpoints.MapPost(Path, RunAsync), ByPost, "Imports, and answers the result")
            .ReadingBody()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .RequireAuthorization(Rights.Import)
        .Traced()
        .WithName(name)
        .WithTags("ExportImport")
        .WithSummary(summary)
        .WithDescription(
            "Publishes the request and waits for its import. The result comes as JSON, CSV or a workbook, by Accept or format. "
            + "When the wait is over before the import is, the answer is 202 with the import's address.")
        .Produces<ExportImportResult>(StatusCodes.Status200OK, ResultFormat.Json.MediaType, ResultFormat.TextJson.MediaType, ResultFormat.Csv.MediaType, ResultFormat.Workbook.MediaType)
        .Produces<ImportReference>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status406NotAcceptable)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> RunAsync(
        HttpContext context,
        string? scopeId,
        string? importMode,
        string? unixSecondsFrom,
        string? dryRun,
        string? idempotencyKey,
        string? requestedBy,
        string? allowDeletions,
        string? planDigest,
        string? format,
        ImportRequests imports,
        SpooledFiles files,
        DownloadLinks links,
        IOptions<HttpOptions> options,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (ResultFormat.Of(format, context.Request.Headers.Accept) is not { } wanted)
        {
            return Problems.Answer(
                $"The result can be had as application/json, text/json, text/csv or {ResultFormat.Workbook.MediaType}; Accept allows none of them.",
                StatusCodes.Status406NotAcceptable,
                new KeyValuePair<string, object?>("parameter", "Accept"));
        }

        var asked = await context.Request.HasBodyAsync(cancellationToken)
            ? await BodyAloneAsync(context.Request, cancellationToken)
            : new HokifyImportRequested
            {
                ScopeId = QueryText.WholeNumber(nameof(scopeId), scopeId, otherwise: 1),
                ImportMode = QueryText.Mode(nameof(importMode), importMode),
                UnixSecondsFrom = QueryText.Seconds(nameof(unixSecondsFrom), unixSecondsFrom),
                DryRun = QueryText.TrueOrFalse(nameof(dryRun), dryRun),
                IdempotencyKey = idempotencyKey,
                RequestedBy = requestedBy,
                AllowDeletions = QueryText.Count(nameof(allowDeletions), allowDeletions),
                PlanDigest = string.IsNullOrEmpty(planDigest) ? null : planDigest,
            };
        var request = asked.UnderItsKey(context.Request);
        context.User.RequireScope(nameof(scopeId), request.ScopeId);

        var submitted = await imports.SubmitAsync(request.AskedBy(context.User), options.Value.Limits.PlaceOf(context.User), cancellationToken);
        var response = context.Response;
        response.Headers.ContentLocation = ImportsEndpoints.PathOf(submitted.RunId);
        if (!submitted.IsNew && submitted.State is RunState.Queued or RunState.Running or RunState.Interrupted)
        {
            response.RetryAfter(NextLook);
            return Problems.Conflict($"The import under this {IdempotencyKey.Header} is still under way; it is at {ImportsEndpoints.PathOf(submitted.RunId)}.");
        }

        if (submitted.Completed is not null)
        {
            response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        var status = submitted.Completed is { } stored
            ? new RunStatusView(RunState.Completed, stored, null, null)
            : await imports.WaitAsync(submitted.RunId, options.Value.WaitTimeout, cancellationToken);
        switch (status)
        {
            case { Completed: { } completed } when wanted.File is { } file:
                return await files.FindAsync(completed.RunId, file, context.User.AsFileReader(), cancellationToken) is { } version
                    ? await files.AnswerAsync(context, version, context.User.AsActor(), cancellationToken)
                    : Problems.NoSuchImport();

            case { Completed: { } completed }:
                return TypedResults.Text(JsonSerializer.Serialize(links.ShownTo(context.User, completed.Result, completed.RunId, completed.CompletedAt)), $"{wanted.MediaType}; charset=utf-8");

            case { State: RunState.Failed, ResumeAt: null } refused when request.PlanDigest is not null:
                return Problems.Conflict($"{refused.Failure} It is at {ImportsEndpoints.PathOf(submitted.RunId)}.");

            case { State: RunState.Failed } failed:
                response.RetryAfter(failed.ResumeAt is { } resumes ? resumes - TimeProvider.System.GetUtcNow() : NextLook);
                return Problems.Unavailable($"The import stopped at its checkpoint: {failed.Failure} It is at {ImportsEndpoints.PathOf(submitted.RunId)}.");

            case { State: RunState.Cancelled }:
                return Problems.Conflict($"The import was cancelled; it is at {ImportsEndpoints.PathOf(submitted.RunId)}.");

            default:
                response.RetryAfter(NextLook);
                return TypedResults.Accepted(ImportsEndpoints.PathOf(submitted.RunId), ImportReference.Of(submitted.RunId, submitted.IdempotencyKey, status!.State));
        }
    }

    /// <summary>A request stands in one place: of two, one would be overlooked, or both would have to agree.</summary>
    private static Task<HokifyImportRequested> BodyAloneAsync(HttpRequest request, CancellationToken cancellationToken) => request.HasParameters()
        ? throw new ParameterException("body", "The request has parameters and a body; give the one or the other. In which form the result comes says Accept.")
        : RequestBody.ReadAsync(request, cancellationToken);
}

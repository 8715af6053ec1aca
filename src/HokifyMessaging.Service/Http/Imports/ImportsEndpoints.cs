using HokifyMessaging.Receiving;
using HokifyMessaging.Results;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary><c>/api/imports</c>: imports as resources that are asked for, looked at and cancelled.</summary>
internal static class ImportsEndpoints
{
    private const string Path = "/api/imports";

    public static string PathOf(Guid runId) => $"{Path}/{runId}";

    public static void MapImports(this IEndpointRouteBuilder endpoints)
    {
        var imports = endpoints.MapGroup(Path).WithTags("Imports")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

        imports.MapPost("", CreateAsync).RequireAuthorization(Rights.Import).Traced()
            .WithName("CreateImport").WithSummary("Asks for an import")
            .WithDescription("Answers at once with the import's address. The same Idempotency-Key again never imports twice: it finds the import that there is.")
            .Accepts<HokifyImportRequested>("application/json")
            .ReadingBody()
            .Produces<ImportReference>(StatusCodes.Status202Accepted)
            .Produces<ImportReference>(StatusCodes.Status200OK)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        imports.MapGet("", ListAsync).RequireAuthorization(Rights.Read)
            .WithName("ListImports").WithSummary("Lists imports, newest first")
            .Produces<ImportPage>();

        // Whoever may not see a run is told so before anything else of it is looked at, in the time that no run at all takes.
        var one = imports.MapGroup("{id:guid}").AddEndpointFilter(RequireVisibleAsync);
        one.MapGet("", GetAsync).RequireAuthorization(Rights.Read)
            .WithName("GetImport").WithSummary("One import, with its result so far and the records that wait to be tried again")
            .Produces<RunDetails>();
        one.MapGet("records", RecordsAsync).RequireAuthorization(Rights.Read)
            .WithName("ListRecords").WithSummary("What became of the records that an import changed or could not store")
            .WithDescription("Records that were found unchanged are counted in the result and not listed.")
            .Produces<RecordPage>();
        MapFile(one, RunFileFormat.Csv, CsvAsync, "GetCsv", "The CSV of an import",
            "With format=csv-excel as spreadsheet programs expect it. Understands Range and If-None-Match.");
        MapFile(one, RunFileFormat.Workbook, WorkbookAsync, "GetWorkbook", "The workbook of an import, for people",
            "One row for each application that the import changed or could not store. Understands Range and If-None-Match.");
        one.MapDelete("", CancelAsync).RequireAuthorization(Rights.Operate)
            .WithName("CancelImport").WithSummary("Cancels an import")
            .WithDescription("It stops between two batches; what is written stays. Its request, published or posted again under the same key, resumes it there.")
            .Produces<ImportReference>(StatusCodes.Status200OK)
            .Produces<ImportReference>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status409Conflict);
        one.MapPlan();
        one.MapEvents();
    }

    private static void MapFile(RouteGroupBuilder one, RunFileFormat format, Delegate get, string name, string summary, string description)
    {
        var pattern = $"records{format.Ending}";
        one.MapGet(pattern, get).RequireAuthorization(Rights.Read)
            .WithName(name).WithSummary(summary).WithDescription(description)
            .ProducesFile(format.MediaType);
        one.MapHead(pattern, get).RequireAuthorization(Rights.Read);
    }

    private static async ValueTask<object?> RequireVisibleAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var id = Guid.Parse((string)context.GetRouteValue("id")!);
        var runs = context.RequestServices.GetRequiredService<RunQueries>();
        return await runs.IsThereAsync(id, context.User.VisibleScopes(), context.RequestAborted) ? await next(invocation) : Problems.NoSuchImport();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ImportRequests imports, IOptions<HttpOptions> options, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var request = (await RequestBody.ReadAsync(context.Request, cancellationToken)).UnderItsKey(context.Request);
        context.User.RequireScope("scopeId", request.ScopeId);

        var submitted = await imports.SubmitAsync(request.AskedBy(context.User), options.Value.Limits.PlaceOf(context.User), cancellationToken);
        if (!submitted.IsNew)
        {
            context.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        }

        var reference = ImportReference.Of(submitted.RunId, submitted.IdempotencyKey, submitted.State);
        return submitted.Completed is null ? TypedResults.Accepted(reference.Href, reference) : TypedResults.Ok(reference);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string? scopeId, string? state, string? from, string? to, string? after, string? offset, string? limit, RunQueries runs, CancellationToken cancellationToken)
    {
        var filter = new RunFilter
        {
            ScopeId = context.User.ScopeNamedBy(nameof(scopeId), scopeId),
            ScopeIds = context.User.VisibleScopes(),
            State = QueryText.OneOf<RunState>(nameof(state), state),
            From = QueryText.Instant(nameof(from), from),
            To = QueryText.Instant(nameof(to), to),
            After = QueryText.Id(nameof(after), after, "the id of the last import of the page before"),
            Offset = QueryText.WholeNumber(nameof(offset), offset, 0, 0, int.MaxValue),
            Limit = QueryText.WholeNumber(nameof(limit), limit, 50, 1, 500),
        };
        if (filter is { After: not null, Offset: > 0 })
        {
            return Problems.Parameter(nameof(after), "after and offset are two ways to say where the list goes on; leave one of them out.");
        }

        // One more than is shown tells whether there are more.
        var found = await runs.ListAsync(filter with { Limit = filter.Limit + 1 }, cancellationToken);
        var total = await runs.CountAsync(filter, cancellationToken);
        RunSummary[] items = [.. found.Take(filter.Limit)];
        var next = found.Count == items.Length ? null
            : filter.Offset > 0 ? context.Request.Next(nameof(offset), Text(filter.Offset + items.Length))
            : context.Request.Next(nameof(after), items[^1].RunId.ToString());
        return TypedResults.Ok(new ImportPage(total, filter.After is null ? filter.Offset : null, items, next));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid id, RunQueries runs, DownloadLinks links, CancellationToken cancellationToken) =>
        await runs.FindAsync(id, cancellationToken) is { } run
            ? TypedResults.Ok(run.ShownTo(context.User) with { Result = links.ShownTo(context.User, run.Result, id, run.Summary.CompletedAt) })
            : Problems.NoSuchImport();

    private static async Task<IResult> RecordsAsync(
        HttpContext context, Guid id, string? outcome, string? elementName, string? referenceId, string? after, string? limit, RunQueries runs, CancellationToken cancellationToken)
    {
        var filter = new RecordFilter
        {
            Outcome = QueryText.OneOf<RecordOutcome>(nameof(outcome), outcome),
            ElementName = string.IsNullOrEmpty(elementName) ? null : elementName,
            ReferenceId = string.IsNullOrEmpty(referenceId) ? null : referenceId,
            After = QueryText.Position(nameof(after), after),
            Limit = QueryText.WholeNumber(nameof(limit), limit, 100, 1, 1000),
        };
        var items = await runs.RecordsAsync(id, filter, cancellationToken);
        return TypedResults.Ok(new RecordPage(items, items.Count < filter.Limit ? null : context.Request.Next(nameof(after), Text(items[^1].Id))));
    }

    private static Task<IResult> CsvAsync(HttpContext context, Guid id, string? format, SpooledFiles files, CancellationToken cancellationToken) =>
        FileAsync(context, id, ResultFormat.FileOf(format, RunFileFormat.Csv, RunFileFormat.CsvForSpreadsheets), files, cancellationToken);

    private static Task<IResult> WorkbookAsync(HttpContext context, Guid id, SpooledFiles files, CancellationToken cancellationToken) =>
        FileAsync(context, id, RunFileFormat.Workbook, files, cancellationToken);

    private static async Task<IResult> FileAsync(HttpContext context, Guid id, RunFileFormat format, SpooledFiles files, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        return await files.FindAsync(id, format, context.User.AsFileReader(), cancellationToken) is { } version
            ? await files.AnswerAsync(context, version, context.User.AsActor(), cancellationToken)
            : Problems.NoSuchImport();
    }

    private static async Task<IResult> CancelAsync(HttpContext context, Guid id, RunQueries runs, ImportRequests imports, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(id, cancellationToken) is not { } run)
        {
            return Problems.NoSuchImport();
        }

        return await imports.CancelAsync(id, context.User.AsActor(), cancellationToken) switch
        {
            RunState.Completed => Problems.Conflict("The import is completed; there is nothing left to cancel."),
            RunState.Cancelled => TypedResults.Ok(Reference(RunState.Cancelled)),
            { } state => TypedResults.Accepted(PathOf(id), Reference(state)),
            null => Problems.NoSuchImport(),
        };

        ImportReference Reference(RunState state) => ImportReference.Of(id, run.Summary.IdempotencyKey, state);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary><c>GET /api/downloads/{token}</c>: a run's CSV for whoever has its link.</summary>
internal static class DownloadEndpoint
{
    private const string Pattern = $"/{DownloadLinks.Path}/{{token}}";

    public static void MapDownloads(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHead(Pattern, GetAsync).AllowAnonymous();
        endpoints.MapGet(Pattern, GetAsync)
            .AllowAnonymous()
            .WithName("DownloadCsv")
            .WithTags("Downloads")
            .WithSummary("The CSV of a run, by the link in DownloadUrl")
            .WithDescription("Needs no API key: the token is signed and expires. Understands Range and If-None-Match.")
            .Produces(StatusCodes.Status200OK, contentType: ResultFormat.Csv.MediaType)
            .Produces(StatusCodes.Status206PartialContent, contentType: ResultFormat.Csv.MediaType)
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status416RangeNotSatisfiable)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>The answer to GET without its body: for programs that look at size and tag before they fetch.</summary>
    public static RouteHandlerBuilder MapHead(this IEndpointRouteBuilder endpoints, string pattern, Delegate get) =>
        endpoints.MapMethods(pattern, [HttpMethods.Head], get).ExcludeFromDescription();

    private static async Task<IResult> GetAsync(
        string token, DownloadLinks links, SpooledCsv csv, HttpContext context, CancellationToken cancellationToken)
    {
        // Whoever sits between must not keep what the link alone opens.
        context.Response.Headers.CacheControl = "private, no-cache";
        return links.Read(token) switch
        {
            LinkReading.Forged => Problems.Forbidden("The download link is not one that this service has signed; it may have been cut or changed on its way."),
            LinkReading.Expired => Problems.NotFound("The download link has expired; with an API key the CSV is at /api/imports/{id}/records.csv."),
            LinkReading.Valid(var runId) when await csv.FindAsync(runId, cancellationToken) is { } version => await csv.AnswerAsync(context, version, cancellationToken),
            _ => Problems.NotFound("The import of this download link is not kept any more."),
        };
    }
}

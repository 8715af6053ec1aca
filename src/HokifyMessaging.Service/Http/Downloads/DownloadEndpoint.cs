using HokifyMessaging.Results;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary><c>GET /api/downloads/{token}</c>: a run's files for whoever has their link.</summary>
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
            .WithDescription("With format=xlsx its workbook. Needs no API key: the token is signed and expires. Understands Range and If-None-Match.")
            .ProducesFile(ResultFormat.Csv.MediaType, ResultFormat.Workbook.MediaType)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>Describes an answer that is a file of a run, or a part of it.</summary>
    public static RouteHandlerBuilder ProducesFile(this RouteHandlerBuilder endpoint, string mediaType, params string[] others) => endpoint
        .Produces(StatusCodes.Status200OK, null, mediaType, others)
        .Produces(StatusCodes.Status206PartialContent, null, mediaType, others)
        .Produces(StatusCodes.Status304NotModified)
        .ProducesProblem(StatusCodes.Status412PreconditionFailed)
        .ProducesProblem(StatusCodes.Status416RangeNotSatisfiable)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>The answer to GET without its body: for programs that look at size and tag before they fetch.</summary>
    public static RouteHandlerBuilder MapHead(this IEndpointRouteBuilder endpoints, string pattern, Delegate get) =>
        endpoints.MapMethods(pattern, [HttpMethods.Head], get).ExcludeFromDescription();

    private static async Task<IResult> GetAsync(
        string token, string? format, DownloadLinks links, SpooledFiles files, HttpContext context, CancellationToken cancellationToken)
    {
        // Whoever sits between must not keep what the link alone opens.
        context.Response.Headers.CacheControl = "private, no-cache";
        var wanted = ResultFormat.FileOf(format, RunFileFormat.Csv, RunFileFormat.CsvForSpreadsheets, RunFileFormat.Workbook);
        return links.Read(token) switch
        {
            LinkReading.Forged => Problems.Forbidden("The download link is not one that this service has signed; it may have been cut or changed on its way."),
            LinkReading.Expired => Problems.NotFound("The download link has expired; with an API key the files are at /api/imports/{id}/records.csv and records.xlsx."),
            LinkReading.Valid(var runId, var reader) when await files.FindAsync(runId, wanted, reader, cancellationToken) is { } version => await files.AnswerAsync(context, version, Actor.Link, cancellationToken),
            _ => Problems.NotFound("The import of this download link is not kept any more."),
        };
    }
}

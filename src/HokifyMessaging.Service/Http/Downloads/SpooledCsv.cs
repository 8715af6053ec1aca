using HokifyMessaging.Results;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// A run's CSV as an answer. What needs no file is answered without one: what the caller has already, what is no part of any file, and HEAD.
/// For all else there is a spool, which a client that reads slowly holds and neither memory nor a connection to the database.
/// </summary>
internal sealed class SpooledCsv(RunCsv csv, Spools spools)
{
    private const string ContentType = "text/csv; charset=utf-8";

    /// <summary>The CSV that a run has now; null when there is no such run.</summary>
    public Task<RunCsvVersion?> FindAsync(Guid runId, CancellationToken cancellationToken) => csv.VersionAsync(runId, cancellationToken);

    public async Task<IResult> AnswerAsync(HttpContext context, RunCsvVersion version, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"hokify-import-{version.RunId}.csv");
        var tag = new EntityTagHeaderValue($"\"{version.Tag}\"", isWeak: !version.IsExact);
        if (ConditionalRequest.WithoutFile(context.Request, tag) is { } answer)
        {
            return answer;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return new Head(name, tag, spools.LengthOf(version));
        }

        try
        {
            var reader = await spools.OpenAsync(version, cancellationToken);
            context.Response.RegisterForDispose(reader);
            return TypedResults.Stream(reader, ContentType, name, entityTag: tag, enableRangeProcessing: true);
        }
        catch (SpoolRefusedException refused)
        {
            context.Response.RetryAfter(SpoolRefusedException.Pause);
            return Problems.Unavailable(refused.Message);
        }
    }

    /// <summary>The headers of the file; its length only where that is known.</summary>
    private sealed class Head(string name, EntityTagHeaderValue tag, long? length) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(name);
            var headers = httpContext.Response.Headers;
            headers.ContentDisposition = disposition.ToString();
            headers.ContentType = ContentType;
            headers.ETag = tag.ToString();
            headers.AcceptRanges = "bytes";
            headers.ContentLength = length;
            return Task.CompletedTask;
        }
    }
}

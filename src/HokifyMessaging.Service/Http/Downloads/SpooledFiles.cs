using HokifyMessaging.Results;
using HokifyMessaging.Storage;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// A run's file as an answer. What needs no file is answered without one: what the caller has already, what is no part of any file, and HEAD.
/// For all else there is a spool, which a client that reads slowly holds and neither memory nor a connection to the database.
/// </summary>
internal sealed class SpooledFiles(RunFiles files, Spools spools, NotedDownloads noted)
{
    /// <summary>The file that a run has now; null when there is no such run.</summary>
    public Task<RunFileVersion?> FindAsync(Guid runId, RunFileFormat format, FileReader reader, CancellationToken cancellationToken) =>
        files.VersionAsync(runId, format, files.ValuesFor(reader), cancellationToken);

    /// <param name="context">The request.</param>
    /// <param name="version">The file.</param>
    /// <param name="actor">Who gets it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IResult> AnswerAsync(HttpContext context, RunFileVersion version, Actor actor, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"hokify-import-{version.RunId}{version.Format.Ending}");
        var tag = new EntityTagHeaderValue($"\"{version.Tag}\"", isWeak: !version.IsExact);
        if (ConditionalRequest.WithoutFile(context.Request, tag) is { } answer)
        {
            return answer;
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return new Head(name, version.Format.ContentType, tag, spools.LengthOf(version));
        }

        try
        {
            var reader = await spools.OpenAsync(version, cancellationToken);
            context.Response.RegisterForDispose(reader);
            await noted.NoteAsync(context, version, actor, cancellationToken);
            return TypedResults.Stream(reader, version.Format.ContentType, name, entityTag: tag, enableRangeProcessing: true);
        }
        catch (SpoolRefusedException refused)
        {
            context.Response.RetryAfter(SpoolRefusedException.Pause);
            return Problems.Unavailable(refused.Message);
        }
        catch (NotNotedException notNoted)
        {
            context.Response.RetryAfter(SpoolRefusedException.Pause);
            return Problems.Unavailable(notNoted.Message);
        }
    }

    /// <summary>The headers of the file; its length only where that is known.</summary>
    private sealed class Head(string name, string contentType, EntityTagHeaderValue tag, long? length) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(name);
            var headers = httpContext.Response.Headers;
            headers.ContentDisposition = disposition.ToString();
            headers.ContentType = contentType;
            headers.ETag = tag.ToString();
            headers.AcceptRanges = "bytes";
            headers.ContentLength = length;
            return Task.CompletedTask;
        }
    }
}

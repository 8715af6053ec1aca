using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>What the headers of a request say about the file that it wants, as far as that can be told without the file (RFC 9110, sections 13 and 14).</summary>
internal static class ConditionalRequest
{
    private const string Unit = "bytes=";

    /// <returns>The answer, when it needs no file; null when it does.</returns>
    public static IResult? WithoutFile(HttpRequest request, EntityTagHeaderValue tag)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return null;
        }

        if (Tags(request.Headers.IfMatch) is { } wanted && !Matches(wanted, tag, useStrongComparison: true))
        {
            return TypedResults.Problem(
                "The file is not, or no more, the one that If-Match names; ask without it for the one that there is now.", statusCode: StatusCodes.Status412PreconditionFailed);
        }

        if (Tags(request.Headers.IfNoneMatch) is { } known && Matches(known, tag, useStrongComparison: false))
        {
            return new NotModified(tag);
        }

        return HttpMethods.IsGet(request.Method) ? OfRange(request) : null;
    }

    private static IList<EntityTagHeaderValue>? Tags(StringValues header) =>
        header.Count > 0 && EntityTagHeaderValue.TryParseList(header, out var tags) ? tags : null;

    private static bool Matches(IList<EntityTagHeaderValue> tags, EntityTagHeaderValue tag, bool useStrongComparison) =>
        tags.Any(other => other.Equals(EntityTagHeaderValue.Any) || other.Compare(tag, useStrongComparison));

    private static ProblemHttpResult? OfRange(HttpRequest request)
    {
        if (request.Headers.Range.ToString() is not { Length: > 0 } range)
        {
            return null;
        }

        if (!range.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            // Another unit is as good as none; the framework would take it for bytes.
            request.Headers.Range = default;
            return null;
        }

        return range[Unit.Length..].Split(',').Any(part => IsRange(part.Trim())) ? null : NoSuchPart();
    }

    private static bool IsRange(string part) => part.Split('-') switch
    {
        ["", var last] => Number(last) > 0,
        [var first, ""] => Number(first) is not null,
        [var first, var last] => Number(first) is { } from && Number(last) is { } to && from <= to,
        _ => false,
    };

    /// <summary>More digits than a file has bytes are a number, too, and no file has that byte.</summary>
    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ProblemHttpResult NoSuchPart() => TypedResults.Problem(
        "Range asks for no part that any file has; it must be like bytes=0-99, bytes=100- or bytes=-50.", statusCode: StatusCodes.Status416RangeNotSatisfiable);

    private sealed class NotModified(EntityTagHeaderValue tag) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            httpContext.Response.Headers.ETag = tag.ToString();
            return Task.CompletedTask;
        }
    }
}

using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http;

/// <summary>In which form a result is wanted.</summary>
internal sealed record ResultFormat(string MediaType)
{
    public static readonly ResultFormat Json = new("application/json");
    public static readonly ResultFormat TextJson = new("text/json");
    public static readonly ResultFormat Csv = new("text/csv");

    /// <summary>The seed's order: of two that are wanted alike, the first is taken.</summary>
    private static readonly ResultFormat[] All = [Json, TextJson, Csv];

    /// <summary>By the parameter <c>format</c>, else by <c>Accept</c>; null when nothing of ours is acceptable.</summary>
    /// <exception cref="ParameterException">The parameter names no format.</exception>
    public static ResultFormat? Of(string? format, StringValues accept) => format?.ToUpperInvariant() switch
    {
        null or "" => Acceptable(accept),
        "JSON" => Json,
        "CSV" => Csv,
        _ => throw new ParameterException("format", $"format is {Problems.Quoted(format)}; it must be json or csv."),
    };

    private static ResultFormat? Acceptable(StringValues accept)
    {
        // What is no Accept header at all says nothing about what is wanted.
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges) || ranges.Count == 0)
        {
            return Json;
        }

        var best = All.Select(format => (Format: format, Quality: Quality(format, ranges))).MaxBy(candidate => candidate.Quality);
        return best.Quality > 0 ? best.Format : null;
    }

    /// <summary>The most specific range that covers a type decides about it (RFC 9110, section 12.5.1).</summary>
    private static double Quality(ResultFormat format, IList<MediaTypeHeaderValue> ranges)
    {
        var type = new MediaTypeHeaderValue(format.MediaType);
        return ranges
            .Where(range => range.MatchesAllTypes || (range.MatchesAllSubTypes ? range.Type == type.Type : range.MediaType == type.MediaType))
            .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
            .Select(range => range.Quality ?? 1)
            .FirstOrDefault();
    }
}

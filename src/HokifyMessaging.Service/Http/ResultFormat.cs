using HokifyMessaging.Results;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http;

/// <summary>In which form a result is wanted: as itself, or as one of the files of its run.</summary>
internal sealed record ResultFormat(string MediaType, RunFileFormat? File = null)
{
    public static readonly ResultFormat Json = new("application/json");
    public static readonly ResultFormat TextJson = new("text/json");
    public static readonly ResultFormat Csv = Of(RunFileFormat.Csv);
    public static readonly ResultFormat Workbook = Of(RunFileFormat.Workbook);

    /// <summary>The seed's order: of two that are wanted alike, the first is taken.</summary>
    private static readonly ResultFormat[] All = [Json, TextJson, Csv, Workbook];

    /// <summary>By the parameter <c>format</c>, else by <c>Accept</c>; null when nothing of ours is acceptable.</summary>
    /// <exception cref="ParameterException">The parameter names no format.</exception>
    public static ResultFormat? Of(string? format, StringValues accept)
    {
        if (string.IsNullOrEmpty(format))
        {
            return Acceptable(accept);
        }

        return format.Equals("json", StringComparison.OrdinalIgnoreCase) ? Json
            : Of(RunFileFormat.Of(format) ?? throw new ParameterException("format", $"format is {Problems.Quoted(format)}; it must be json, {RunFileFormat.Names}."));
    }

    /// <summary>The parameter <c>format</c> of an address that has files only.</summary>
    /// <param name="format">The parameter.</param>
    /// <param name="otherwise">What the address gives without one.</param>
    /// <param name="others">What else it can give.</param>
    /// <exception cref="ParameterException">The parameter names none of these.</exception>
    public static RunFileFormat FileOf(string? format, RunFileFormat otherwise, params RunFileFormat[] others)
    {
        if (string.IsNullOrEmpty(format))
        {
            return otherwise;
        }

        RunFileFormat[] all = [otherwise, .. others];
        return all.FirstOrDefault(one => one == RunFileFormat.Of(format)) ?? throw new ParameterException(
            "format", $"format is {Problems.Quoted(format)}; it must be {string.Join(", ", all.SkipLast(1).Select(one => one.Name))} or {all[^1].Name}.");
    }

    private static ResultFormat Of(RunFileFormat file) => new(file.MediaType, file);

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

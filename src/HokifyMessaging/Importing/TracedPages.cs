using HokifyMessaging.Reading;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Importing;

/// <summary>Pages as a trace shows them: each with the calls that brought it.</summary>
internal static class TracedPages
{
    public static async IAsyncEnumerable<SourcePage> Traced(this IAsyncEnumerable<SourcePage> pages, int scopeId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reading = pages.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(reading, scopeId))
        {
            yield return reading.Current;
        }
    }

    /// <summary>A method of its own: a span that is begun between two pages would be nobody's surroundings.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<SourcePage> reading, int scopeId)
    {
        using var span = Traces.Page(scopeId);
        try
        {
            var isThere = await reading.MoveNextAsync();
            span?.SetTag(TelemetryNames.RecordCount, isThere ? reading.Current.Records.Count : 0);
            return isThere;
        }
        catch
        {
            Traces.Fail(span);
            throw;
        }
    }
}

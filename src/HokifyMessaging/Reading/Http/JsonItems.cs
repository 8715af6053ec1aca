using System.Runtime.CompilerServices;
using System.Text.Json;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.Http;

/// <summary>The items of a body that is one JSON array, as they arrive.</summary>
internal static class JsonItems
{
    private static readonly JsonSerializerOptions Options = new() { MaxDepth = ApplicationPayload.MaxDepth };

    /// <param name="body">The body, from its beginning.</param>
    /// <param name="position">The page in words.</param>
    /// <exception cref="SourceException">The body is no JSON array; says so without a word of its content.</exception>
    /// <exception cref="HttpFault">The body ends too early.</exception>
    public static async IAsyncEnumerable<JsonElement> ReadAsync(
        PeekedBody body, string position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await body.PeekAsync(cancellationToken);
        if (first is null && !body.SaysItsEnd)
        {
            throw HttpFault.BrokenOff();
        }

        if (first != (byte)'[')
            throw Refused(position, "a JSON array", first);
        body.Json = new JsonBeginning();

        await using var items = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(body, Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var count = 0L; await MoveNextAsync(items, body, position, count); count++)
            yield return items.Current;
    }

    /// <summary>The answer is not what it should be; says how it begins, without its content.</summary>
    public static SourceException Refused(string position, string expected, byte? first)
    {
        var beginning = first switch
        {
            null => "it is empty",
            (byte)'{' or (byte)'<' or (byte)'"' => $"it begins with '{(char)first}'",
            _ => "it begins with plain text",
        };
        return new SourceException($"{position}: the answer is not {expected} ({beginning}).");
    }

    // The parser's own messages quote the content, which may be a person's: they stay here.
    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<JsonElement> items, PeekedBody body, string position, long count)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (JsonException) when (!body.SaysItsEnd && body.Json is { IsBroken: false })
        {
            throw HttpFault.BrokenOff();
        }
        catch (JsonException)
        {
            throw new SourceException($"{position}: the answer is not valid JSON behind item {count}.");
        }
    }
}

namespace HokifyMessaging.Reading.Http;

/// <summary>One item of a list, for as long as no other is asked for; what is kept of it is what its records take along.</summary>
/// <param name="Value">The item; undefined where it was left out.</param>
/// <param name="LeftOut">What is known of an item that was not kept.</param>
internal readonly record struct JsonItem(JsonPart Value, LeftOutItem? LeftOut = null);

/// <summary>The items of a body that is one JSON array, as they arrive.</summary>
internal static class JsonItems
{
    /// <param name="body">The body, from its beginning.</param>
    /// <param name="position">The page in words.</param>
    /// <param name="largest">How many bytes an item may have; a larger one is left out, and takes no more memory than that.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="SourceException">The body is no JSON array; says so without a word of its content.</exception>
    /// <exception cref="HttpFault">The body ends too early.</exception>
    public static async IAsyncEnumerable<JsonItem> ReadAsync(
        PeekedBody body, string position, int largest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await body.PeekAsync(cancellationToken);
        if (first is null && !body.SaysItsEnd)
        {
            throw HttpFault.BrokenOff();
        }

        if (first != (byte)'[')
        {
            throw Refused(position, "a JSON array", first);
        }

        using var text = new JsonListText(largest);
        var count = 0L;
        var isEnded = false;
        while (true)
        {
            while (Next(text, position, count) is { } item)
            {
                count++;
                yield return item;
            }

            if (isEnded)
            {
                if (text.IsComplete)
                {
                    yield break;
                }

                throw body.SaysItsEnd ? Broken(position, count) : HttpFault.BrokenOff();
            }

            do
            {
                var read = await body.ReadAsync(text.Room(), cancellationToken);
                text.Add(read);
                isEnded = read == 0;
            }
            while (!isEnded && !text.IsWorthLooking);
        }
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
    private static JsonItem? Next(JsonListText text, string position, long count)
    {
        try
        {
            return text.TryNext(out var item) ? item : null;
        }
        catch (JsonException)
        {
            throw Broken(position, count);
        }
    }

    private static SourceException Broken(string position, long count) => new($"{position}: the answer is not valid JSON behind item {count}.");
}

using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Reads requests strictly: a member that is not known or comes twice may be what the publisher cared for most, so it is
/// refused. All that can be wrong is found here, where it can be said in a sentence of ours.
/// </summary>
internal static class RequestJson
{
    /// <summary>No request is deeper than an envelope with headers in it; what is, is an attack or a mistake.</summary>
    private const int MaxDepth = 64;

    private static readonly JsonSerializerOptions Options = new()
    {
        // As Parse has it: a value keeps the text that it was read from.
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        PropertyNameCaseInsensitive = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static readonly IReadOnlyList<string> Members =
        [.. Options.GetTypeInfo(typeof(HokifyImportRequested)).Properties.Select(property => property.Name)];

    /// <summary>The body as JSON, each text of which can be read. Comments and trailing commas do no harm.</summary>
    /// <exception cref="UnreadableRequestException">It is none.</exception>
    public static JsonDocument Parse(byte[] body)
    {
        var json = body.AsMemory(body.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new UnreadableRequestException("is empty");
        }

        if (!Utf8.IsValid(json.Span))
        {
            throw new UnreadableRequestException("is not text in UTF-8");
        }

        try
        {
            RequireReadable(json.Span);
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth });
        }
        catch (JsonException exception)
        {
            throw new UnreadableRequestException(FormattableString.Invariant($"is not JSON from line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} on"));
        }
    }

    /// <summary>The request that an object asks for.</summary>
    /// <exception cref="UnreadableRequestException">It is no object, or one of its members is unknown, double or wrong.</exception>
    public static HokifyImportRequested Request(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object)
        {
            throw new UnreadableRequestException($"is {Article(request.ValueKind)}, not a JSON object");
        }

        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in request.EnumerateObject())
        {
            var known = Members.FirstOrDefault(name => name.Equals(member.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw Unreadable(KnownNames.Unknown(member.Name, Members));
            if (!given.Add(known))
            {
                throw Unreadable($"'{known}' is given twice");
            }

            RequireKind(known, member.Value.ValueKind);
        }

        try
        {
            return request.Deserialize<HokifyImportRequested>(Options)!;
        }
        catch (JsonException exception)
        {
            // The serializer appends the path, line and byte to the converters' sentences; the sentence names the member.
            throw Unreadable($"{exception.Message.Split(" Path: ", 2)[0].TrimEnd('.')}; path {exception.Path}");
        }
    }

    public static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    /// <summary>Members without a converter of their own, which says what would be right.</summary>
    private static void RequireKind(string member, JsonValueKind kind)
    {
        switch (member)
        {
            case "dryRun" when kind is not (JsonValueKind.True or JsonValueKind.False):
                throw Unreadable($"dryRun is {Article(kind)}; it must be true or false; path $.{member}");
            case "idempotencyKey" or "requestedBy" when kind is not (JsonValueKind.String or JsonValueKind.Null):
                throw Unreadable($"{member} is {Article(kind)}; it must be a text or null; path $.{member}");
        }
    }

    private static UnreadableRequestException Unreadable(string why) => new($"cannot be read ({why})");

    /// <exception cref="JsonException">It is no JSON.</exception>
    private static void RequireReadable(ReadOnlySpan<byte> json)
    {
        // Looks one level deeper than is allowed, so that depth is told apart from what is broken.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth + 2 });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= MaxDepth && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                throw new UnreadableRequestException($"is nested more than {MaxDepth} levels deep");
            }

            if (reader.ValueIsEscaped && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsUnicode(ref reader))
            {
                throw new UnreadableRequestException(FormattableString.Invariant($"has half a character (a lone surrogate) in the text at byte {reader.TokenStartIndex + 1}"));
            }
        }
    }

    private static bool IsUnicode(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

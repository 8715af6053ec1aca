using MassTransit;
using MassTransit.Serialization;

namespace HokifyMessaging.Receiving;

/// <summary>
/// MassTransit's envelope, as far as the import reads it. The addresses for faults and responses are not among it: one that
/// cannot be used would close the channel of the consumer, and one that can would have the service write where a
/// publisher wants. What else is in there is between MassTransit's programs.
/// </summary>
internal static class RequestEnvelope
{
    private const string Message = "message";
    private const string MessageType = "messageType";
    private const string Headers = "headers";

    private static readonly string Urn = MessageUrn.ForTypeString<HokifyImportRequested>();

    private static readonly string[] Read =
        [Message, MessageType, Headers, "messageId", "requestId", "correlationId", "conversationId", "initiatorId", "sourceAddress", "destinationAddress"];

    /// <summary>The envelope around a request; null for any other object, which is the request itself.</summary>
    /// <exception cref="UnreadableRequestException">An envelope it is, but not one of a request, or one of its members is wrong.</exception>
    public static MessageEnvelope? Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !Has(root, Message, JsonValueKind.Object) || !Has(root, MessageType, JsonValueKind.Array))
        {
            return HasBoth(root)
                ? throw new UnreadableRequestException($"has {Message} and {MessageType} as an envelope has, but there the one is an object and the other an array")
                : null;
        }

        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in root.EnumerateObject().Where(member => Read.Contains(member.Name, StringComparer.OrdinalIgnoreCase)))
        {
            if (!members.TryAdd(member.Name, member.Value))
            {
                throw new UnreadableRequestException($"cannot be read ('{Read.First(name => name.Equals(member.Name, StringComparison.OrdinalIgnoreCase))}' of the envelope is given twice)");
            }
        }

        string[] types = [.. members[MessageType].EnumerateArray().Where(type => type.ValueKind == JsonValueKind.String).Select(type => type.GetString()!)];
        if (!types.Contains(Urn))
        {
            throw new UnreadableRequestException($"is an envelope of another message; expected among its messageType is {Urn}");
        }

        return new JsonMessageEnvelope
        {
            MessageId = Id("messageId"),
            RequestId = Id("requestId"),
            CorrelationId = Id("correlationId"),
            ConversationId = Id("conversationId"),
            InitiatorId = Id("initiatorId"),
            SourceAddress = Address("sourceAddress"),
            DestinationAddress = Address("destinationAddress"),
            MessageType = types,
            Message = RequestJson.Request(members[Message]),
            Headers = HeadersOf(members.GetValueOrDefault(Headers)),
        };

        string? Id(string name)
        {
            var value = members.GetValueOrDefault(name);
            var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (text is not null && string.IsNullOrWhiteSpace(text))
                ? null
                : Guid.TryParse(text, out var id)
                    ? id.ToString()
                    : throw new UnreadableRequestException($"cannot be read ({name} of the envelope is {(text is null ? RequestJson.Article(value.ValueKind) : KnownNames.Quoted(text))}; it must be a UUID or null)");
        }

        // Only told to others; one that is none is nobody's loss.
        string? Address(string name) => members.GetValueOrDefault(name) is { ValueKind: JsonValueKind.String } value && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var address)
            ? address.ToString()
            : null;
    }

    private static bool Has(JsonElement root, string name, JsonValueKind kind) =>
        root.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == kind);

    private static bool HasBoth(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && new[] { Message, MessageType }.All(name => root.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Headers as programs set them. MassTransit's own are for MassTransit: it would trip over one that is not as it writes it.</summary>
    private static Dictionary<string, object?> HeadersOf(JsonElement headers)
    {
        // Names keep their case, because two that differ in nothing else may contradict each other.
        var read = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (headers.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return read;
        }

        if (headers.ValueKind != JsonValueKind.Object)
        {
            throw new UnreadableRequestException($"cannot be read (headers of the envelope is {RequestJson.Article(headers.ValueKind)}; it must be an object or null)");
        }

        foreach (var header in headers.EnumerateObject().Where(header => !header.Name.StartsWith("MT-", StringComparison.OrdinalIgnoreCase)))
        {
            object? value = header.Value.ValueKind switch
            {
                JsonValueKind.String => header.Value.GetString(),
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Null => null,
                JsonValueKind.Number when header.Value.TryGetInt64(out var whole) => whole,
                JsonValueKind.Number => header.Value.GetRawText(),
                _ => header.Value.Clone(),
            };
            if (!read.TryAdd(header.Name, value))
            {
                throw new UnreadableRequestException($"cannot be read (the header {KnownNames.Quoted(header.Name)} of the envelope is given twice)");
            }
        }

        return read;
    }
}

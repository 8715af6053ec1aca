using HokifyMessaging.Runs;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// As much of a request as can be made out of a message that cannot be read, so that its publisher knows which one was refused.
/// </summary>
/// <param name="ScopeId">The scope that was asked for; null where that is open.</param>
/// <param name="Key">The key by which the message would name its run; null where it has none.</param>
internal sealed record RequestTraces(int? ScopeId, string? Key)
{
    private const int DefaultScope = 1;

    private static readonly string Urn = MessageUrn.ForTypeString<HokifyImportRequested>();

    public static RequestTraces Of(ReceiveContext context)
    {
        var headers = context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery)
            ? delivery.Properties.Headers ?? new Dictionary<string, object?>()
            : context.TransportHeaders.GetAll().Select(header => KeyValuePair.Create(header.Key, (object?)header.Value));
        return Of(context.GetBody(), headers, MessageIdOf(context));
    }

    /// <summary>The transport's id of a message, in the bus's form where it is a GUID; null where it has none.</summary>
    public static string? MessageIdOf(ReceiveContext context) => context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery)
        ? Guid.TryParse(delivery.Properties.MessageId, out var id) ? id.ToString() : NotBlank(delivery.Properties.MessageId)
        : context.GetMessageId()?.ToString();

    internal static RequestTraces Of(byte[] body, IEnumerable<KeyValuePair<string, object?>> headers, string? messageId)
    {
        try
        {
            using var document = RequestJson.Parse(body);
            return Of(document.RootElement, headers, messageId);
        }
        catch (UnreadableRequestException)
        {
            return new RequestTraces(null, HeaderOf([], headers) ?? messageId);
        }
    }

    private static RequestTraces Of(JsonElement root, IEnumerable<KeyValuePair<string, object?>> headers, string? messageId)
    {
        if (Member(root, "message") is not { ValueKind: JsonValueKind.Object } message || Member(root, "messageType") is not { ValueKind: JsonValueKind.Array } types)
        {
            return new RequestTraces(ScopeOf(root), KeyOf(root) ?? HeaderOf([], headers) ?? messageId);
        }

        // Another system's members mean something else.
        var request = types.EnumerateArray().Any(type => type.ValueKind == JsonValueKind.String && type.GetString() == Urn) ? message : default;
        var written = Member(root, "headers") is { ValueKind: JsonValueKind.Object } table
            ? table.EnumerateObject().Select(header => KeyValuePair.Create(header.Name, ValueOf(header.Value)))
            : [];
        return new RequestTraces(ScopeOf(request), KeyOf(request) ?? HeaderOf(written, headers) ?? Text(Member(root, "messageId")) ?? messageId);
    }

    /// <summary>A request that names none means the first; one that names several, or none that is a number, means nobody knows which.</summary>
    private static int? ScopeOf(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return Has(request, "scopeId")
            ? int.TryParse(Text(Member(request, "scopeId")), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var scopeId) ? scopeId : null
            : DefaultScope;
    }

    private static string? KeyOf(JsonElement request) => Text(Member(request, "idempotencyKey"));

    private static string? HeaderOf(IEnumerable<KeyValuePair<string, object?>> envelope, IEnumerable<KeyValuePair<string, object?>> transport)
    {
        try
        {
            return MessageKey.OfHeaders(envelope, transport);
        }
        catch (RequestRefusedException)
        {
            return null;
        }
    }

    private static bool Has(JsonElement root, string name) => root.EnumerateObject().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The member of that name, in any case; null where there is none, or more than one.</summary>
    private static JsonElement? Member(JsonElement root, string name)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return root.EnumerateObject().Where(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(member => member.Value).ToList() is [var only] ? only : null;
    }

    private static string? Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => NotBlank(text.GetString()),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    private static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetRawText(),
        _ => value,
    };

    private static string? NotBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>The request in a message that lies in a queue, under the key that the consumer gave it.</summary>
internal static class StoredRequest
{
    /// <returns>Null for a message that no run can have been made of.</returns>
    public static ImportRequest? Read(ReadOnlyMemory<byte> body, IReadOnlyBasicProperties properties, DateTimeOffset now)
    {
        try
        {
            var text = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = document.RootElement;
            var message = Member(root, "message");
            var isEnvelope = message.ValueKind == JsonValueKind.Object && Member(root, "messageType").ValueKind == JsonValueKind.Array;
            return (isEnvelope ? message : root).Deserialize<HokifyImportRequested>(SystemTextJsonMessageSerializer.Options) is { } request
                && Key(request, isEnvelope ? root : default, properties) is { } key
                ? ImportRequest.From(request, key, [request.ScopeId], now)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or RequestRefusedException or InvalidOperationException)
        {
            // Whatever is wrong with it, it was refused and never became a run.
            return null;
        }
    }

    private static string? Key(HokifyImportRequested request, JsonElement envelope, IReadOnlyBasicProperties properties)
    {
        var candidates = new[]
        {
            request.IdempotencyKey,
            MessageKey.OfHeaders(Headers(envelope), properties.Headers ?? Enumerable.Empty<KeyValuePair<string, object?>>()),
            MessageId(Text(Member(envelope, "messageId"))),
            MessageId(properties.MessageId),
        };
        return candidates.FirstOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate));
    }

    private static IEnumerable<KeyValuePair<string, object?>> Headers(JsonElement envelope) =>
        Member(envelope, "headers") is { ValueKind: JsonValueKind.Object } headers
            ? headers.EnumerateObject().Select(header => KeyValuePair.Create(header.Name, Scalar(header.Value)))
            : [];

    private static object? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Null => null,
        _ => value,
    };

    /// <summary>The bus writes ids that are GUIDs in its own form, and leaves others alone.</summary>
    private static string? MessageId(string? text) => Guid.TryParse(text, out var id) ? id.ToString() : text;

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value
        : default;
}

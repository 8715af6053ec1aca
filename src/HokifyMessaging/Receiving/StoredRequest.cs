using HokifyMessaging.Runs;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>The request in a message that lies in a queue, under the key that the consumer gave it. It is read as the consumer reads it.</summary>
internal static class StoredRequest
{
    /// <returns>Null for a message that no run can have been made of.</returns>
    public static ImportRequest? Read(ReadOnlyMemory<byte> body, IReadOnlyBasicProperties properties, DateTimeOffset now)
    {
        try
        {
            using var document = RequestJson.Parse(body.ToArray());
            var envelope = RequestEnvelope.Of(document.RootElement);
            var request = (HokifyImportRequested?)envelope?.Message ?? RequestJson.Request(document.RootElement);
            return Key(request, envelope, properties) is { } key ? ImportRequest.From(request, key, [request.ScopeId], now) : null;
        }
        catch (Exception exception) when (exception is UnreadableRequestException or RequestRefusedException)
        {
            // Whatever is wrong with it, it was refused and never became a run.
            return null;
        }
    }

    private static string? Key(HokifyImportRequested request, MessageEnvelope? envelope, IReadOnlyBasicProperties properties)
    {
        var none = Enumerable.Empty<KeyValuePair<string, object?>>();
        var candidates = new[]
        {
            request.IdempotencyKey,
            MessageKey.OfHeaders(envelope?.Headers ?? none, properties.Headers ?? none),
            envelope?.MessageId,
            MessageId(properties.MessageId),
        };
        return candidates.FirstOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate));
    }

    /// <summary>The bus writes ids that are GUIDs in its own form, and leaves others alone.</summary>
    private static string? MessageId(string? text) => Guid.TryParse(text, out var id) ? id.ToString() : text;
}

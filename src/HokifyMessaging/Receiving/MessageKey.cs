using System.Collections;
using HokifyMessaging.Runs;
using MassTransit;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// The key by which a message names its run: the body's, else the header's, else the transport's message id. Never a hash
/// of the body: two equal requests may well be meant twice.
/// </summary>
internal static class MessageKey
{
    public const string Header = "Idempotency-Key";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="context">The message.</param>
    /// <param name="isOwn">Whether the publisher has named the import, and not only the message.</param>
    /// <returns>The key; null when the message has none.</returns>
    /// <exception cref="RequestRefusedException">The header cannot be read, or there are two that contradict each other.</exception>
    public static string? Of(ConsumeContext<HokifyImportRequested> context, out bool isOwn)
    {
        isOwn = true;
        if (!string.IsNullOrWhiteSpace(context.Message.IdempotencyKey))
        {
            return context.Message.IdempotencyKey;
        }

        var delivery = context.ReceiveContext.TryGetPayload<RabbitMqBasicConsumeContext>(out var rabbit) ? rabbit.Properties : null;
        if (OfHeaders(context.Headers.GetAll()!, Transported(context, delivery)) is { } header)
        {
            return header;
        }

        isOwn = false;
        if (context.MessageId is { } messageId && messageId != Guid.Empty)
        {
            return messageId.ToString();
        }

        // Foreign publishers number their messages as they like; MassTransit knows only ids that are GUIDs.
        return string.IsNullOrWhiteSpace(delivery?.MessageId) ? null : delivery.MessageId;
    }

    /// <summary>
    /// The key among the headers of an envelope and of its transport. MassTransit writes them in both, and not everything
    /// alike (a point in time, for example): the envelope has what the publisher wrote.
    /// </summary>
    internal static string? OfHeaders(IEnumerable<KeyValuePair<string, object?>> envelope, IEnumerable<KeyValuePair<string, object?>> transport)
    {
        var written = Agreed(envelope);
        var transported = Agreed(transport);
        return written is { } one && transported is { IsText: true } other && !one.Text.Equals(other.Text, StringComparison.OrdinalIgnoreCase)
            ? throw Refused($"is in the envelope and in the properties of the message, with different values")
            : (written ?? transported)?.Text;
    }

    private static IEnumerable<KeyValuePair<string, object?>> Transported(ConsumeContext context, IReadOnlyBasicProperties? delivery)
    {
        if (delivery is null)
        {
            return context.ReceiveContext.TransportHeaders.GetAll()!;
        }

        return delivery.Headers ?? Enumerable.Empty<KeyValuePair<string, object?>>();
    }

    /// <summary>The one value of the headers of that name, whose case does not matter to AMQP's publishers and does to AMQP.</summary>
    private static (string Text, bool IsText)? Agreed(IEnumerable<KeyValuePair<string, object?>> headers)
    {
        (string Text, bool IsText)? agreed = null;
        foreach (var (_, value) in headers.Where(header => header.Key.Equals(Header, StringComparison.OrdinalIgnoreCase)))
        {
            var text = Text(value);
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (agreed is { } other && other.Text != text)
            {
                throw Refused("is given more than once, with different values; its case makes no difference");
            }

            agreed = (text, value is string or byte[]);
        }

        return agreed;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        byte[] bytes => Text(bytes),
        BinaryTableValue binary => Text(binary.Bytes),
        bool truth => truth ? "true" : "false",
        AmqpTimestamp instant => instant.UnixTime.ToString(CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.ToString("O", CultureInfo.InvariantCulture),
        Uri address => address.ToString(),
        JsonElement { ValueKind: JsonValueKind.Array } or (IEnumerable and not IDictionary) => throw Refused("is a list; it must be a text or a number"),
        JsonElement or IDictionary => throw Refused("is a table; it must be a text or a number"),
        IFormattable scalar => scalar.ToString(null, CultureInfo.InvariantCulture),
        _ => throw Refused("has a value that is neither text nor number"),
    };

    private static string Text(byte[] bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Refused("is not text in UTF-8");
        }
    }

    private static RequestRefusedException Refused(string what) => new(nameof(HokifyImportRequested.IdempotencyKey), $"The header {Header} {what}.");
}

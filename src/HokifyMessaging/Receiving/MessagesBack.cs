using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace HokifyMessaging.Receiving;

/// <summary>Which messages go back to where they are worked on.</summary>
/// <param name="Queue">Where they wait for an operator.</param>
internal sealed record MoveBack(string Queue)
{
    /// <summary>How many at most, from the oldest on; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Only the one with this message id; null for any.</summary>
    public string? MessageId { get; init; }

    /// <summary>Only those whose reason has this part; null for any.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it depends on the message if it goes back: then others are looked at that stay.</summary>
    public bool IsChoosy => MessageId is not null || Reason is not null;

    public bool Means(IReadOnlyBasicProperties message) =>
        (MessageId is null || message.MessageId == MessageId) && (Reason is null || WaitingReason.Of(message.Headers).IsMeantBy(Reason));
}

/// <summary>What was moved back.</summary>
/// <param name="Moved">How many messages.</param>
/// <param name="Left">How many of those that were there at the beginning were not.</param>
internal sealed record MovedBack(long Moved, long Left)
{
    /// <summary>Why it has ended before all were moved that should be, in half a sentence; null where it has not.</summary>
    public string? Stopped { get; init; }
}

/// <summary>
/// Moves messages from a queue where they wait for an operator to the import's: whole, one after the other from the oldest on, and out of the one only
/// when the broker has confirmed that it has them in the other. Whatever happens between leaves a message in both, where its key makes the second harmless.
/// </summary>
internal sealed class MessagesBack(IOptions<TransportOptions> options, TimeProvider clock)
{
    private static readonly string[] OfFailures = ["MT-Fault-", "MT-Host-", "x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count", MovedMessage.LeftOut];

    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    /// <summary>Moves them; never fails but where it cannot even begin.</summary>
    /// <param name="order">Which ones.</param>
    /// <param name="cancellationToken">Gives up; what is moved by then stays so.</param>
    public async Task<MovedBack> MoveAsync(MoveBack order, CancellationToken cancellationToken)
    {
        var broker = options.Value.RabbitMq;
        await using var connection = await RabbitMqConnection.OpenAsync(broker, "hokify queues", cancellationToken);
        await using var source = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await using var target = await connection.CreateChannelAsync(Confirming, cancellationToken);
        var (moved, there) = (0L, 0L);
        try
        {
            // What comes while this moves stays: else a message that fails again at once would go round without end.
            for (long left = 1; left > 0 && moved < (order.Limit ?? long.MaxValue); left--)
            {
                if (await source.BasicGetAsync(order.Queue, autoAck: false, cancellationToken) is not { } message)
                {
                    break;
                }

                (left, there) = there == 0 ? (message.MessageCount + 1, message.MessageCount + 1) : (left, there);
                if (order.Means(message.BasicProperties))
                {
                    await GiveAsync(target, message, cancellationToken);
                    await source.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                    moved++;
                }
            }

            // Closing waits until the broker has taken the acknowledgements, and gives back what was looked at alone.
            await source.CloseAsync(cancellationToken);
            return new MovedBack(moved, there - moved);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested || exception is RabbitMQClientException or IOException or TimeoutException)
        {
            return new MovedBack(moved, there - moved) { Stopped = cancellationToken.IsCancellationRequested ? "it was interrupted" : Why(exception, order.Queue) };
        }
    }

    /// <summary>As it was published: what its failure has added would be that of another one by and by.</summary>
    internal static BasicProperties Published(IReadOnlyBasicProperties waiting, string user)
    {
        var headers = (waiting.Headers ?? new Dictionary<string, object?>())
            .Where(header => !OfFailures.Any(name => header.Key.StartsWith(name, StringComparison.Ordinal)))
            .ToDictionary(StringComparer.Ordinal);

        // By this the consumer knows that somebody wants it carried out, whoever has sent it.
        headers[MessageHeaders.Reason] = WaitingReason.KindOf(waiting.Headers) ?? "moved";
        var properties = new BasicProperties(waiting) { Headers = headers, Persistent = true };
        properties.ClearExpiration();
        if (properties.UserId != user)
        {
            // The broker takes it from nobody else.
            properties.ClearUserId();
        }

        return properties;
    }

    private Task GiveAsync(IChannel target, BasicGetResult message, CancellationToken cancellationToken) => TimeLimit.WithinAsync(
        options.Value.PublishTimeout,
        clock,
        async token => await target.BasicPublishAsync(
            ImportQueues.Requests, "", mandatory: true, Published(message.BasicProperties, options.Value.RabbitMq.Username), message.Body, token),
        cancellationToken,
        otherwise: () => new TimeoutException($"the broker did not take a message within {TimeLimit.InSeconds(options.Value.PublishTimeout)} (Transport:PublishTimeout)"));

    private static string Why(Exception exception, string queue) => exception switch
    {
        _ when exception is PublishException { IsReturn: true } || BrokerErrors.Refusal(exception)?.StartsWith("NOT_FOUND - no exchange", StringComparison.Ordinal) == true =>
            $"the broker has no queue {ImportQueues.Requests}, because no importer has connected to it yet; start 'hokify serve' with the same Transport settings first",
        PublishException => $"the broker takes no more messages into {ImportQueues.Requests}, whose length is limited; let the importer work, and go on then",
        OperationInterruptedException { ShutdownReason: { ReplyCode: Constants.AccessRefused } } when BrokerErrors.Refusal(exception) is { } answer =>
            $"the broker answers '{answer}'; the user must be allowed to read {queue} and to write to {ImportQueues.Requests}",
        TimeoutException => exception.Message,
        _ when BrokerErrors.Refusal(exception) is { } answer => $"the broker answers '{answer}'",
        _ => "the connection to the broker is gone",
    };
}

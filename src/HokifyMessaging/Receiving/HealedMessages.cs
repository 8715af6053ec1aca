using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>What was found in the error queue.</summary>
/// <param name="Seen">How many messages were looked at.</param>
/// <param name="Healed">How many of them are requests whose run is completed by now: nobody need care for them.</param>
internal sealed record HealedCount(long Seen, long Healed);

/// <summary>
/// The messages in the error queue whose run has healed itself: it failed, was resumed and is completed. They are found by
/// taking all without acknowledging them, and stay, or go, where they are: what is not acknowledged the broker puts back in
/// its place, also when this process dies. Only for a classic queue: others count each look as a delivery.
/// </summary>
internal sealed class HealedMessages(RunQueries runs, TimeProvider clock)
{
    /// <summary>Counts them.</summary>
    /// <param name="broker">Where the queue is.</param>
    /// <param name="cancellationToken">Gives up; what was taken goes back.</param>
    public async Task<HealedCount> CountAsync(RabbitMqOptions broker, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(broker, cancellationToken);
        return await CountAsync(connection, int.MaxValue, cancellationToken);
    }

    /// <summary>Takes exactly them out of the queue; the others keep their order.</summary>
    /// <param name="broker">Where the queue is.</param>
    /// <param name="cancellationToken">Gives up; what is not taken out by then stays.</param>
    public async Task<HealedCount> ClearAsync(RabbitMqOptions broker, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(broker, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var (seen, healed) = await LookAsync(channel, int.MaxValue, cancellationToken);
        foreach (var delivery in healed)
        {
            await channel.BasicAckAsync(delivery, multiple: false, cancellationToken);
        }

        // Closing waits until the broker has taken the acknowledgements, and gives the others back.
        await channel.CloseAsync(cancellationToken);
        return new HealedCount(seen, healed.Count);
    }

    public async Task<HealedCount> CountAsync(IConnection connection, int most, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var (seen, healed) = await LookAsync(channel, most, cancellationToken);
        await channel.CloseAsync(cancellationToken);
        return new HealedCount(seen, healed.Count);
    }

    private static Task<IConnection> OpenAsync(RabbitMqOptions broker, CancellationToken cancellationToken) =>
        RabbitMqConnection.OpenAsync(broker, "hokify queues", cancellationToken);

    /// <returns>How many messages there are, and the deliveries of the healed ones. All are held until the channel is closed.</returns>
    private async Task<(long Seen, IReadOnlyList<ulong> Healed)> LookAsync(IChannel channel, int most, CancellationToken cancellationToken)
    {
        var (seen, deliveries) = (0L, new List<(ulong Tag, ImportRequest Request)>());

        // What comes while this looks is not looked at: else a queue that fills as fast would never be through.
        for (long left = 1; left > 0 && seen < most; left--)
        {
            if (await channel.BasicGetAsync(ImportQueues.Error, autoAck: false, cancellationToken) is not { } message)
            {
                break;
            }

            left = seen == 0 ? message.MessageCount + 1 : left;
            seen++;
            if (StoredRequest.Read(message.Body, message.BasicProperties, clock.GetUtcNow()) is { } request)
            {
                deliveries.Add((message.DeliveryTag, request));
            }
        }

        var completed = await runs.CompletedAsync([.. deliveries.Select(delivery => delivery.Request)], cancellationToken);
        return (seen, [.. deliveries.Where(delivery => completed.Contains(delivery.Request)).Select(delivery => delivery.Tag)]);
    }
}

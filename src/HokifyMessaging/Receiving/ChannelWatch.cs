using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Knows whether the import's queue has this process's consumer, and hears at once when the broker takes it away, and why: the bus
/// waits until what is under way has ended, says nothing, and is healthy all the while.
/// </summary>
internal sealed class ChannelWatch(BrokerConnectionReport report, DeliveryLog deliveries, IOptions<HokifyOptions> options) : IFilter<ChannelContext>
{
    private const string Cancelled = "it has cancelled the consumer, as it does when the queue is deleted or moved";

    /// <summary>How long the broker may take to say whether the queue is there.</summary>
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(2);

    private volatile bool _isConsuming;
    private volatile string? _lost;

    /// <summary>Whether the broker has a consumer of this process at the import's queue.</summary>
    public bool IsConsuming => _isConsuming;

    /// <summary>Why it has none, in half a sentence about the broker, without a full stop; null where nobody has said.</summary>
    public string? Lost => _lost;

    private string Advice =>
        $"keep Hokify:Import:SliceDuration ({options.Value.Import.SliceDuration.ToString("c", CultureInfo.InvariantCulture)}) well below the broker's consumer_timeout, or make that longer";

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        var isTold = false;
        context.Channel.ChannelShutdownAsync += CloseAsync;
        using var watched = new WatchedChannel(context, consumer => new WatchedConsumer(consumer, () => (_lost, _isConsuming) = (null, true), CancelledAsync));
        try
        {
            await next.Send(watched);
        }
        finally
        {
            context.Channel.ChannelShutdownAsync -= CloseAsync;
            if (!isTold && context.Channel.IsOpen)
            {
                // The consumer has ended alone.
                await CancelledAsync(null);
            }

            _isConsuming = false;
        }

        Task CloseAsync(object channel, ShutdownEventArgs closed)
        {
            if (closed.Initiator == ShutdownInitiator.Application)
            {
                (isTold, _isConsuming) = (true, false);
            }
            else
            {
                // Brokers before 4.3 do so when an acknowledgement is late.
                var isLate = closed.ReplyText.Contains("delivery acknowledgement", StringComparison.Ordinal);
                Tell($"it has closed the channel: '{closed.ReplyText}'{(isLate ? $"; {Advice}" : "")}");
            }

            return Task.CompletedTask;
        }

        async Task CancelledAsync(string? tag)
        {
            (isTold, _isConsuming) = (true, false);
            // The broker gives no reason. From 4.3 on it does so, too, when an acknowledgement is late.
            var longest = deliveries.LongestInHand();
            var isLate = longest is not null && await AskAsync(context, (channel, token) => channel.QueueDeclarePassiveAsync(ImportQueues.Requests, token));
            Tell(isLate
                ? Counted.Text($"it has cancelled the consumer, as it does when an acknowledgement is late, and one message was in hand for {Math.Round(longest!.Value.TotalSeconds)} {Math.Round(longest.Value.TotalSeconds):second|seconds}; {Advice}")
                : Cancelled);
            if (isLate && tag is not null)
            {
                // Until 4.3.7 the broker does not forget a consumer that it has cancelled for this, and closes the channel when the bus makes it again.
                await WithinLimitAsync(token => context.Channel.BasicCancelAsync(tag, noWait: false, token));
            }
        }

        void Tell(string reason)
        {
            (isTold, _isConsuming, _lost) = (true, false, reason);
            deliveries.Lost(reason);
            report.Lost(reason);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("channelWatch");

    /// <summary>Whether the broker agrees to something; on a channel of its own, which it closes when it does not.</summary>
    private static Task<bool> AskAsync(ChannelContext context, Func<IChannel, CancellationToken, Task> ask) => WithinLimitAsync(async token =>
    {
        await using var channel = await context.ConnectionContext.Connection.CreateChannelAsync(cancellationToken: token);
        await ask(channel, token);
    });

    private static async Task<bool> WithinLimitAsync(Func<CancellationToken, Task> ask)
    {
        using var limit = new CancellationTokenSource(AskLimit);
        try
        {
            await ask(limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is RabbitMQClientException or OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The channel, with a consumer that is listened to.</summary>
    private sealed class WatchedChannel(ChannelContext channel, Func<IAsyncBasicConsumer, IAsyncBasicConsumer> watch)
        : ScopeChannelContext(channel, channel.CancellationToken), ChannelContext
    {
        Task<string> ChannelContext.BasicConsume(
            string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken) =>
            BasicConsume(queue, noAck, exclusive, arguments, watch(consumer), consumerTag, cancellationToken);
    }

    private sealed class WatchedConsumer(IAsyncBasicConsumer consumer, Action begun, Func<string, Task> cancelledAsync) : IAsyncBasicConsumer
    {
        public IChannel? Channel => consumer.Channel;

        public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            begun();
            return consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);
        }

        public async Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            await cancelledAsync(consumerTag);
            await consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
            consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

        public Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
            consumer.HandleBasicDeliverAsync(consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, body, cancellationToken);

        public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => consumer.HandleChannelShutdownAsync(channel, reason);
    }
}

using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Knows whether the import's queue has this process's consumer, and hears at once when the broker takes it away, and why: the bus
/// waits until what is under way has ended, says nothing, and is healthy all the while.
/// </summary>
internal sealed class ChannelWatch(BrokerConnectionReport report, DeliveryLog deliveries) : IFilter<ChannelContext>
{
    private const string Cancelled = "it has cancelled the consumer, as it does when the queue is deleted or moved";

    private volatile bool _isConsuming;

    /// <summary>Whether the broker has a consumer of this process at the import's queue.</summary>
    public bool IsConsuming => _isConsuming;

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        var isTold = false;
        context.Channel.ChannelShutdownAsync += CloseAsync;
        using var watched = new WatchedChannel(context, consumer => new WatchedConsumer(consumer, () => _isConsuming = true, () => Tell(Cancelled)));
        try
        {
            await next.Send(watched);
        }
        finally
        {
            context.Channel.ChannelShutdownAsync -= CloseAsync;
            if (!isTold && context.Channel.IsOpen)
            {
                // The consumer has ended alone. The broker gives no reason for this.
                Tell(Cancelled);
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
                Tell($"it has closed the channel: '{closed.ReplyText}'");
            }

            return Task.CompletedTask;
        }

        void Tell(string reason)
        {
            (isTold, _isConsuming) = (true, false);
            deliveries.Lost(reason);
            report.Lost(reason);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("channelWatch");

    /// <summary>The channel, with a consumer that is listened to.</summary>
    private sealed class WatchedChannel(ChannelContext channel, Func<IAsyncBasicConsumer, IAsyncBasicConsumer> watch)
        : ScopeChannelContext(channel, channel.CancellationToken), ChannelContext
    {
        Task<string> ChannelContext.BasicConsume(
            string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken) =>
            BasicConsume(queue, noAck, exclusive, arguments, watch(consumer), consumerTag, cancellationToken);
    }

    private sealed class WatchedConsumer(IAsyncBasicConsumer consumer, Action begun, Action cancelled) : IAsyncBasicConsumer
    {
        public IChannel? Channel => consumer.Channel;

        public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            begun();
            return consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);
        }

        public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            cancelled();
            return consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) =>
            consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

        public Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
            consumer.HandleBasicDeliverAsync(consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, body, cancellationToken);

        public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => consumer.HandleChannelShutdownAsync(channel, reason);
    }
}

using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace HokifyMessaging.Receiving;

/// <summary>Hears at once when the broker takes the consumer of the import's queue away, and why; the bus waits a while and says nothing.</summary>
internal sealed class ChannelWatch(BrokerConnectionReport report) : IFilter<ChannelContext>
{
    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        var isClosed = false;
        context.Channel.ChannelShutdownAsync += CloseAsync;
        try
        {
            await next.Send(context);
        }
        finally
        {
            context.Channel.ChannelShutdownAsync -= CloseAsync;
            if (!isClosed && context.Channel.IsOpen)
            {
                // The consumer has ended alone. The broker gives no reason for this.
                report.Lost("it has cancelled the consumer, as it does when the queue is deleted or moved");
            }
        }

        Task CloseAsync(object channel, ShutdownEventArgs closed)
        {
            isClosed = true;
            if (closed.Initiator != ShutdownInitiator.Application)
            {
                report.Lost($"it has closed the channel: '{closed.ReplyText}'");
            }

            return Task.CompletedTask;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("channelWatch");
}

using System.Reflection;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Declares the exchanges of the events when the import's queue is connected, and not with the first event of each: a subscriber can bind its queue before.
/// </summary>
internal sealed class EventExchanges : IFilter<ChannelContext>
{
    public static readonly string Completed = NameOf<HokifyImportCompleted>();

    public static readonly string Failed = NameOf<HokifyImportFailed>();

    /// <summary>Where requests are published.</summary>
    public static readonly string Requests = NameOf<HokifyImportRequested>();

    public static readonly IReadOnlyList<string> Names = [Completed, Failed];

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        foreach (var name in Names)
        {
            await context.Channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: context.CancellationToken);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("eventExchanges");

    private static string NameOf<TEvent>() => typeof(TEvent).GetCustomAttribute<EntityNameAttribute>()!.EntityName;
}

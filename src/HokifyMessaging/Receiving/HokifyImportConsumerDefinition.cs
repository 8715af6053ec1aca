using HokifyMessaging.Runs.Queries;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Receiving;

/// <summary>The endpoint's policy: one queue, one message type, no retry by the bus, and nothing that loses a message.</summary>
internal sealed class HokifyImportConsumerDefinition : ConsumerDefinition<HokifyImportConsumer>
{
    public const string QueueName = ImportQueues.Requests;

    /// <summary>
    /// Where the program sends requests to itself: the queue's own exchange. An address of the queue would make the
    /// sender declare it, as a classic one, and the broker refuses that where it is a quorum queue.
    /// </summary>
    public static readonly Uri Address = new($"exchange:{QueueName}");

    private readonly TransportOptions _options;
    private readonly QueueDepths _depths;

    public HokifyImportConsumerDefinition(IOptions<TransportOptions> options, QueueDepths depths)
    {
        _depths = depths;
        _options = options.Value;
        EndpointName = QueueName;

        // Concurrency is by scope, in the database; this only bounds how many scopes one process works on at a time.
        ConcurrentMessageLimit = _options.ConcurrentImports;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<HokifyImportConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        // The broker's clock for an acknowledgement starts at delivery: a message must not wait here for its turn.
        endpointConfigurator.PrefetchCount = _options.ConcurrentImports;

        endpointConfigurator.ClearSerialization();
        var serialization = new RequestDeserializerFactory();
        endpointConfigurator.AddSerializer(serialization);
        endpointConfigurator.AddDeserializer(serialization, isDefault: true);

        // Instead of the bus's own events of failures subscribers get ours; and what it says of one is looked at, and whether it can be moved at all.
        var refusals = context.GetRequiredService<RefusalAnnouncer>();
        endpointConfigurator.ConfigureError(failed =>
        {
            failed.UseFilter(refusals);
            failed.UseFilter(new VisibleFaults());
            failed.UseFilter(MovedMessage.Filter());
            failed.UseFilter(new ErrorTransportFilter());
        });

        endpointConfigurator.ConfigureReceive(receive => receive.UseFilter(new TracedDeliveries(_options.Kind.Named())));
        if (endpointConfigurator is IRabbitMqReceiveEndpointConfigurator queue)
        {
            ConfigureQueue(queue, context.GetRequiredService<ChannelWatch>());
            queue.ConfigureReceive(receive => receive.UseFilter(new DeliveryLimit(
                _options.RabbitMq,
                context.GetRequiredService<DeliveryLog>(),
                context.GetRequiredService<RunQueries>(),
                refusals,
                context.GetRequiredService<TimeProvider>(),
                context.GetRequiredService<ILogger<DeliveryLimit>>())));
        }
    }

    private void ConfigureQueue(IRabbitMqReceiveEndpointConfigurator queue, ChannelWatch watch)
    {
        if (_options.RabbitMq.QueueType == RabbitMqQueueType.Quorum)
        {
            queue.SetQuorumQueue();
            queue.SetQueueArgument("x-delivery-limit", _options.RabbitMq.DeliveryLimit);
        }

        // A message that comes back too often, because each worker that takes it dies, waits here for an operator. Classic
        // whatever the virtual host's default: a quorum queue would count each look at the message and then delete it.
        queue.BindDeadLetterQueue(ImportQueues.Dead, ImportQueues.Dead, dead => dead.SetQueueArgument("x-queue-type", "classic"));
        queue.ConfigureChannel(channel =>
        {
            channel.UseFilter(_depths.Borrow());
            channel.UseFilter(new EventExchanges());
            channel.UseFilter(watch);
        });
    }
}

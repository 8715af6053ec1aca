using MassTransit;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Receiving;

/// <summary>The endpoint's policy: one queue, one message type, no retry by the bus.</summary>
internal sealed class HokifyImportConsumerDefinition : ConsumerDefinition<HokifyImportConsumer>
{
    public const string QueueName = "hokify-import";

    public static readonly Uri QueueAddress = new($"queue:{QueueName}");

    public HokifyImportConsumerDefinition(IOptions<TransportOptions> options)
    {
        EndpointName = QueueName;

        // Concurrency is by scope, in the database; this only bounds how many scopes one process works on at a time.
        ConcurrentMessageLimit = options.Value.ConcurrentImports;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<HokifyImportConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        // The broker's clock for an acknowledgement starts at delivery: a message must not wait here for its turn.
        endpointConfigurator.PrefetchCount = ConcurrentMessageLimit!.Value;
    }
}

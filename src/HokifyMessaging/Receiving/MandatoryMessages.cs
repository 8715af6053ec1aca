using HokifyMessaging.Runs.Queries;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// What is sent by programs that ask for imports and do none. Each message must reach a queue: otherwise the broker drops such a
/// message and confirms it. Whoever gives up says so by the token; without it the bus waits for a broker that is away.
/// </summary>
/// <param name="bus">A started bus.</param>
internal sealed class MandatoryMessages(IBus bus)
{
    /// <summary>Publishes a request as any system may.</summary>
    /// <exception cref="NoQueueException">No importer has connected to this broker yet.</exception>
    public Task RequestAsync(HokifyImportRequested request, CancellationToken cancellationToken) =>
        ReachingAQueueAsync(() => bus.Publish(request, context => Mark(context), cancellationToken));

    /// <summary>Sends a run's request to the import's queue again; what comes of it is said by the run's state.</summary>
    /// <exception cref="NoQueueException">No importer has connected to this broker yet.</exception>
    public Task ReplayAsync(RunDetails run, CancellationToken cancellationToken) => ReachingAQueueAsync(async () =>
    {
        var endpoint = await bus.GetSendEndpoint(HokifyImportConsumerDefinition.Address);
        await endpoint.Send(run.Request.ToMessage(), context => Mark(context), cancellationToken);
    });

    /// <summary>Publishes an event under its MessageId.</summary>
    /// <exception cref="NoQueueException">No queue is bound to the event's exchange: nobody received it.</exception>
    public Task AnnounceAsync(HokifyImportCompleted completed, Guid id, CancellationToken cancellationToken) =>
        ReachingAQueueAsync(() => bus.Publish(
            completed,
            context =>
            {
                context.MessageId = id;
                Mark(context);
            },
            cancellationToken));

    private static async Task ReachingAQueueAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (MessageReturnedException exception)
        {
            throw new NoQueueException(exception);
        }
    }

    private static void Mark(SendContext context)
    {
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }
    }
}

/// <summary>The broker has no queue that a message would reach, and has given it back.</summary>
/// <param name="inner">How the bus says so.</param>
internal sealed class NoQueueException(Exception inner) : Exception("The broker has no queue for the message.", inner);

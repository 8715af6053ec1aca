using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>What an operator has sent for a run that is known: its request again, or its event again.</summary>
internal sealed class RunMessages(RunStore runs)
{
    /// <summary>Sends the run's request to the import's queue again; what comes of it is said by the run's state.</summary>
    /// <param name="bus">A started bus.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Gives up; without it the bus waits for a broker that is away.</param>
    /// <exception cref="MessageReturnedException">There is no queue: no importer has connected to this broker yet.</exception>
    public static async Task ReplayAsync(ISendEndpointProvider bus, RunDetails run, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(HokifyImportConsumerDefinition.Address);
        await endpoint.Send(run.Request.ToMessage(), context => Mandatory.Mark(context), cancellationToken);
    }

    /// <summary>Publishes the stored event of a completed run again, under the same MessageId.</summary>
    /// <param name="bus">A started bus.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up; without it the bus waits for a broker that is away.</param>
    /// <returns>The MessageId.</returns>
    /// <exception cref="InvalidOperationException">The run is not completed, so it has no event.</exception>
    /// <exception cref="MessageReturnedException">No queue is bound to the event's exchange: nobody received it.</exception>
    public async Task<Guid> AnnounceAsync(IPublishEndpoint bus, Guid runId, CancellationToken cancellationToken)
    {
        var completed = await runs.CompletionAsync(runId, cancellationToken)
            ?? throw new InvalidOperationException($"Run {runId} is not completed, so it has no event.");
        var id = await runs.EventIdAsync(runId, cancellationToken);
        await bus.Publish(
            completed,
            context =>
            {
                context.MessageId = id;
                Mandatory.Mark(context);
            },
            cancellationToken);
        await runs.AnnouncedAsync(runId, cancellationToken);
        return id;
    }
}

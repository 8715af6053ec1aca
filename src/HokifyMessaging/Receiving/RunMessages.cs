using HokifyMessaging.Runs;

namespace HokifyMessaging.Receiving;

/// <summary>The event of a run that is known, sent again for an operator.</summary>
internal sealed class RunMessages(RunStore runs)
{
    /// <summary>Publishes the stored event of a completed run again, under the same MessageId.</summary>
    /// <param name="broker">Where to.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The MessageId.</returns>
    /// <exception cref="InvalidOperationException">The run is not completed, so it has no event.</exception>
    /// <exception cref="NoQueueException">No queue is bound to the event's exchange: nobody received it.</exception>
    public async Task<Guid> AnnounceAsync(MandatoryMessages broker, Guid runId, CancellationToken cancellationToken)
    {
        var completed = await runs.CompletionAsync(runId, cancellationToken)
            ?? throw new InvalidOperationException($"Run {runId} is not completed, so it has no event.");
        var (id, _) = (await runs.EventIdsAsync([runId], cancellationToken))[runId];
        await broker.AnnounceAsync(completed, id, cancellationToken);
        await runs.AnnouncedAsync([runId], cancellationToken);
        return id;
    }
}

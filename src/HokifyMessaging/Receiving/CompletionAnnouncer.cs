using HokifyMessaging.Runs;
using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>Publishes stored events; always the same bytes under the same MessageId.</summary>
internal sealed partial class CompletionAnnouncer(
    RunStore runs, IOptions<TransportOptions> options, TimeProvider clock, ILogger<CompletionAnnouncer> logger)
{
    /// <summary>
    /// Publishes the events of runs that have just ended; from the first that the broker does not take they are left to the sweeper. They are noted together: where the
    /// process dies in between, those that were sent are sent again, under the same MessageId.
    /// </summary>
    public async Task AnnounceAsync(IPublishEndpoint endpoint, IReadOnlyList<HokifyImportCompleted> completed, CancellationToken cancellationToken)
    {
        var taken = 0;
        try
        {
            var ids = await runs.EventIdsAsync([.. completed.Select(one => one.RunId)], cancellationToken);
            for (; taken < completed.Count; taken++)
            {
                await PublishInTimeAsync(endpoint, completed[taken], ids[completed[taken].RunId], cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The events are stored and their runs are marked as not announced: the sweeper sends them when the broker is back.
            foreach (var one in completed.Skip(taken))
            {
                LogNotAnnounced(logger, one.RunId, BrokerErrors.NotSent(exception));
            }
        }

        await runs.AnnouncedAsync([.. completed.Take(taken).Select(one => one.RunId)], cancellationToken);
    }

    /// <summary>As above, for the sweeper, who says himself what he could not do.</summary>
    public async Task AnnounceAgainAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, CancellationToken cancellationToken)
    {
        await PublishInTimeAsync(endpoint, completed, (await runs.EventIdsAsync([completed.RunId], cancellationToken))[completed.RunId], cancellationToken);
        await runs.AnnouncedAsync([completed.RunId], cancellationToken);
    }

    private Task PublishInTimeAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, (Guid Id, string? TraceParent) known, CancellationToken cancellationToken) => TimeLimit.WithinAsync(
        options.Value.PublishTimeout,
        clock,
        async token =>
        {
            using var span = Traces.Publish(options.Value.Kind.Named(), EventExchanges.Completed, completed.ScopeId, known.TraceParent);
            await endpoint.Publish(
                completed,
                context =>
                {
                    context.MessageId = known.Id;
                    TraceHeaders.Set(context.Headers, known.TraceParent);
                },
                token);
        },
        cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} is completed but could not be announced, and the sweeper tries again: {Reason}")]
    private static partial void LogNotAnnounced(ILogger logger, Guid runId, string reason);
}

using HokifyMessaging.Runs;
using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>Publishes stored events; always the same bytes under the same MessageId.</summary>
internal sealed partial class CompletionAnnouncer(
    RunStore runs, IOptions<TransportOptions> options, TimeProvider clock, ILogger<CompletionAnnouncer> logger)
{
    /// <summary>Publishes the event of a run that has just ended; what the broker does not take is left to the sweeper.</summary>
    public async Task AnnounceAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, CancellationToken cancellationToken)
    {
        try
        {
            await PublishInTimeAsync(endpoint, completed, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The event is stored and the run is marked as not announced: the sweeper sends it when the broker is back.
            LogNotAnnounced(logger, completed.RunId, BrokerErrors.NotSent(exception));
            return;
        }

        await runs.AnnouncedAsync(completed.RunId, cancellationToken);
    }

    /// <summary>As above, for the sweeper, who says himself what he could not do.</summary>
    public async Task AnnounceAgainAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, CancellationToken cancellationToken)
    {
        await PublishInTimeAsync(endpoint, completed, cancellationToken);
        await runs.AnnouncedAsync(completed.RunId, cancellationToken);
    }

    private Task PublishInTimeAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, CancellationToken cancellationToken) => TimeLimit.WithinAsync(
        options.Value.PublishTimeout,
        clock,
        async token =>
        {
            var (id, asked) = await runs.EventIdAsync(completed.RunId, token);
            using var span = Traces.Publish(options.Value.Kind.Named(), EventExchanges.Completed, completed.ScopeId, asked);
            await endpoint.Publish(
                completed,
                context =>
                {
                    context.MessageId = id;
                    TraceHeaders.Set(context.Headers, asked);
                },
                token);
        },
        cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} is completed but could not be announced, and the sweeper tries again: {Reason}")]
    private static partial void LogNotAnnounced(ILogger logger, Guid runId, string reason);
}

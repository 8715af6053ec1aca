using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Receiving;

/// <summary>Publishes stored events; always the same bytes under the same MessageId.</summary>
internal sealed partial class CompletionAnnouncer(RunStore runs, TimeProvider clock, ILogger<CompletionAnnouncer> logger)
{
    /// <summary>How long a publish waits for a broker that is away. After that the sweeper announces, later.</summary>
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(30);

    public async Task AnnounceAsync(IPublishEndpoint endpoint, HokifyImportCompleted completed, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(PublishTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await endpoint.Publish(completed, context => context.MessageId = CompletionId.Of(completed.IdempotencyKey), either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The event is stored and the run is marked as not announced: the sweeper sends it when the broker is back.
            LogNotAnnounced(logger, exception, completed.RunId);
            return;
        }

        await runs.AnnouncedAsync(completed.RunId, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId} is completed but could not be announced; the sweeper tries again")]
    private static partial void LogNotAnnounced(ILogger logger, Exception exception, Guid runId);
}

using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Publishes the events that tell of failures, at once those that this process stores, and each sweep those that others have left: a process
/// that died or was without a broker, a verb that has no bus.
/// </summary>
internal sealed partial class FailureAnnouncer(
    PendingEvents events, IBus bus, IOptions<HokifyOptions> options, IOptions<TransportOptions> transport, TimeProvider clock, ILogger<FailureAnnouncer> logger) : BackgroundService
{
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(10);

    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryAnnounceAsync(stoppingToken);
                await events.WaitAsync(options.Value.Import.SweepInterval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for. A host that could not start would take it for a failure of ours.
        }
    }

    private async Task TryAnnounceAsync(CancellationToken stoppingToken)
    {
        try
        {
            await AnnounceAsync(stoppingToken);
            _said = null;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // What is not published stays, and the next round finds it.
            var reason = DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception);
            if (Interlocked.Exchange(ref _said, reason) != reason)
            {
                LogWaiting(logger, reason);
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        while (await events.WaitingAsync(cancellationToken) is { Count: > 0 } waiting)
        {
            foreach (var id in waiting)
            {
                if (await events.TakeAsync(id, cancellationToken) is { } taken)
                {
                    await PublishAsync(id, taken.Event, taken.TraceParent, cancellationToken);
                }
            }
        }
    }

    private async Task PublishAsync(Guid id, HokifyImportFailed failed, string? trace, CancellationToken cancellationToken)
    {
        using var span = Traces.Publish(transport.Value.Kind.Named(), EventExchanges.Failed, failed.ScopeId, trace);
        try
        {
            await TimeLimit.WithinAsync(transport.Value.PublishTimeout, clock, token => bus.Publish<HokifyImportFailed>(failed, Describe, token), cancellationToken);
        }
        catch
        {
            Traces.Fail(span);
            using var limit = new CancellationTokenSource(ReturnLimit, clock);
            await events.ReturnAsync(id, limit.Token);
            throw;
        }

        await events.PublishedAsync(id, cancellationToken);

        void Describe(PublishContext<HokifyImportFailed> context)
        {
            context.MessageId = id;
            TraceHeaders.Set(context.Headers, trace);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Events that tell of failed imports wait in the database and are published when they can be: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}

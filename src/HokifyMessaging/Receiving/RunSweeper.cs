using HokifyMessaging.Runs;
using HokifyMessaging.Writing;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Sends the request of every run again that is unfinished or unannounced and that nobody works on. With it the broker
/// only moves nudges and may lose them: the database is the truth.
/// </summary>
internal sealed partial class RunSweeper(
    RunStore runs, IBus bus, IOptions<HokifyOptions> options, IOptions<TransportOptions> transport, TimeProvider clock, ILogger<RunSweeper> logger) : BackgroundService
{
    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Import.SweepInterval, clock);
        try
        {
            do
            {
                await TrySweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for. A host that could not start would take it for a failure of ours.
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
            _said = null;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Nothing is lost by a sweep that fails; the next one finds the same runs.
            // Why the broker is away, the connection's own report says; here it is said once that sweeps wait for it.
            var reason = DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception);
            if (Interlocked.Exchange(ref _said, reason) != reason)
            {
                LogFailed(logger, reason);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var request in await runs.TakeAbandonedAsync(cancellationToken))
        {
            using var limit = new CancellationTokenSource(transport.Value.PublishTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await bus.NudgeAsync(request, either.Token);
            LogSent(logger, request.IdempotencyKey, request.ScopeId);
        }
    }

    [LoggerMessage(LogLevel.Information, "Nobody works on run {Key} of scope {ScopeId}; its request was sent again")]
    private static partial void LogSent(ILogger logger, string key, int scopeId);

    [LoggerMessage(LogLevel.Warning, "Sweeps fail and are repeated until one succeeds: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

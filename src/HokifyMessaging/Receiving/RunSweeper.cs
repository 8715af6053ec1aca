using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Sends the request again of the run whose turn it is in a scope where nobody works, and announces the runs that are not
/// announced. With it the broker only moves nudges and may lose them: the database is the truth.
/// </summary>
internal sealed partial class RunSweeper(
    ScopeTurns turns,
    RunStore runs,
    Nudges nudges,
    CompletionAnnouncer announcer,
    SweepAlarm alarm,
    QueueDepths depths,
    IBus bus,
    IOptions<HokifyOptions> options,
    IOptions<TransportOptions> transport,
    TimeProvider clock,
    ILogger<RunSweeper> logger) : BackgroundService
{
    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var round = clock.GetUtcNow() + options.Value.Import.SweepInterval;
                var resumes = await TrySweepAsync(stoppingToken);
                await alarm.WaitAsync(resumes < round ? resumes.Value : round, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for. A host that could not start would take it for a failure of ours.
        }
    }

    /// <returns>When the next run that failed resumes, where that is known.</returns>
    private async Task<DateTimeOffset?> TrySweepAsync(CancellationToken stoppingToken)
    {
        // A pause that ends while the sweep is under way is one that the sweep may have missed.
        var begun = clock.GetUtcNow();
        try
        {
            await SweepAsync(stoppingToken);
            var resumes = await turns.NextResumeAsync(begun, stoppingToken);
            _said = null;
            return resumes;
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

            return null;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await foreach (var nudge in turns.ClaimStaleAsync(await IsQueueEmptyAsync(cancellationToken), cancellationToken))
        {
            await nudges.SendAsync(bus, nudge, cancellationToken);
            LogSent(logger, nudge.Request.IdempotencyKey, nudge.Request.ScopeId);
        }

        foreach (var runId in await runs.UnannouncedAsync(cancellationToken))
        {
            if (await runs.TakeUnannouncedAsync(runId, cancellationToken) is { } completed)
            {
                await announcer.AnnounceAgainAsync(bus, completed, cancellationToken);
            }
        }
    }

    /// <summary>A queue inside this process holds nothing for longer than it takes to deliver it.</summary>
    private async Task<bool> IsQueueEmptyAsync(CancellationToken cancellationToken) =>
        transport.Value.Kind == TransportKind.InMemory || await depths.CountRequestsAsync(cancellationToken) == 0;

    [LoggerMessage(LogLevel.Information, "Nobody works on run {Key} of scope {ScopeId}; its request was sent again")]
    private static partial void LogSent(ILogger logger, string key, int scopeId);

    [LoggerMessage(LogLevel.Warning, "Sweeps fail and are repeated until one succeeds: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

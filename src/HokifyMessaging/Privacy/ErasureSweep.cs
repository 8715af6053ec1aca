using HokifyMessaging.Storage;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Privacy;

/// <summary>Carries out what was asked for while a scope was at work, or by a program that has ended since.</summary>
internal sealed partial class ErasureSweep(
    PeopleErasure erasure, WriteAheadLog log, IOptions<HokifyOptions> options, TimeProvider clock, ILogger<ErasureSweep> logger) : BackgroundService
{
    private string? _said;
    private bool _hasLooked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TrySweepAsync(stoppingToken);
                await Task.Delay(options.Value.Import.SweepInterval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await erasure.CarryOutWaitingAsync(scopeId: null, stoppingToken, again: !_hasLooked);
            await log.EmptyOwedAsync(stoppingToken);
            (_said, _hasLooked) = (null, true);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // What was asked for is stored, and the next sweep finds it.
            var reason = PeopleErasure.ReasonOf(exception);
            if (Interlocked.Exchange(ref _said, reason) != reason)
            {
                LogFailed(logger, reason);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Erasures that wait cannot be carried out now and are tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

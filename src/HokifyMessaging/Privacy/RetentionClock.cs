using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Privacy;

/// <summary>Has the daily job done when its time has come, and soon after the start of a service that was down then.</summary>
internal sealed partial class RetentionClock(RetentionJob job, TimeProvider clock, ILogger<RetentionClock> logger) : BackgroundService
{
    /// <summary>What could not be done is tried again, and what another service has left is taken up.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    private string? _said;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryAsync(stoppingToken);
                var left = job.Schedule.Next(clock.GetUtcNow()) - clock.GetUtcNow();
                await Task.Delay(left < LookAgain ? left : LookAgain, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        string? reason;
        try
        {
            reason = await job.RunDueAsync(stoppingToken) is { Count: > 0 } reasons ? string.Join("; ", reasons) : null;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // What is due stays due.
            reason = PeopleErasure.ReasonOf(exception);
        }

        if (Interlocked.Exchange(ref _said, reason) != reason && reason is not null)
        {
            LogFailed(logger, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What has been kept long enough cannot be forgotten now, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

using HokifyMessaging.Storage;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Privacy;

/// <summary>Has the daily job done when its time has come, and soon after the start of a service that was down then.</summary>
internal sealed partial class RetentionClock(RetentionJob job, SqliteRewrite rewrite, IOptions<DatabaseOptions> database, TimeProvider clock, ILogger<RetentionClock> logger) : BackgroundService
{
    /// <summary>What could not be done is tried again, and what another service has left is taken up.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    private string? _said;

    /// <summary>For which day it was seen to last that the file is written anew.</summary>
    private DateOnly? _rewritten;

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
            await RewriteDueAsync(stoppingToken);
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

    /// <summary>Behind the job, so that what it has forgotten goes along.</summary>
    private async Task RewriteDueAsync(CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        if (!job.Schedule.IsDue(_rewritten, now))
        {
            return;
        }

        var since = clock.GetTimestamp();
        switch (await rewrite.RewriteAsync(stoppingToken))
        {
            case RewriteOutcome.Done:
                LogRewritten(logger, (long)clock.GetElapsedTime(since).TotalMilliseconds);
                break;
            case RewriteOutcome.TooLarge:
                LogTooLarge(logger, database.Value.LargestRewrite);
                break;
        }

        _rewritten = job.Schedule.LastDay(now);
    }

    [LoggerMessage(LogLevel.Information, "The database file was written anew in {Milliseconds} ms: nothing of those who were erased or forgotten is left between its rows")]
    private static partial void LogRewritten(ILogger logger, long milliseconds);

    [LoggerMessage(LogLevel.Warning, "The database file is larger than {Largest} bytes (Database:LargestRewrite) and was not written anew: between its rows something may be left of those who were erased or forgotten")]
    private static partial void LogTooLarge(ILogger logger, long largest);

    [LoggerMessage(LogLevel.Warning, "What has been kept long enough cannot be forgotten now, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}

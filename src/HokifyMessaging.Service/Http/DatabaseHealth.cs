using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Healthy when the database can be reached and lacks no migration; degraded while somebody has locked it, which passes by
/// itself. Why it is not healthy, the log says, and not the page.
/// </summary>
internal sealed partial class DatabaseHealth(IServiceProvider services, TimeProvider clock, ILogger<DatabaseHealth> logger) : IHealthCheck
{
    /// <summary>Longer than any transaction of ours, and shorter than those have patience who ask for health.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private string _said = "";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var patience = DatabasePatience.Begin(Limit, clock);
            await services.RequireCurrentDatabaseAsync(cancellationToken);
            if (await services.DatabaseWritesWaitAsync(cancellationToken))
            {
                return Waiting("Writes to the database wait, because somebody else has locked it.");
            }

            _said = "";
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (DatabaseErrors.IsLock(exception))
        {
            return Waiting(DatabaseErrors.Describe(exception)!);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = CommandErrors.Sentences(exception)[0];
            if (IsNew(reason))
            {
                LogUnhealthy(logger, reason);
            }

            return HealthCheckResult.Unhealthy();
        }
    }

    private HealthCheckResult Waiting(string reason)
    {
        if (IsNew(reason))
        {
            LogWaiting(logger, reason);
        }

        return HealthCheckResult.Degraded();
    }

    /// <summary>Said once for each change, however often somebody asks.</summary>
    private bool IsNew(string reason) => Interlocked.Exchange(ref _said, reason) != reason;

    [LoggerMessage(LogLevel.Error, "The service is not ready. {Reason}")]
    private static partial void LogUnhealthy(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "The service is slowed down. {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}

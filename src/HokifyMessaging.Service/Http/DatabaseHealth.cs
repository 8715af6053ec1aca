using HokifyMessaging.Service.Commands;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>Healthy when the database can be reached and lacks no migration. Why it is not, the log says, and not the page.</summary>
internal sealed partial class DatabaseHealth(IServiceProvider services, ILogger<DatabaseHealth> logger) : IHealthCheck
{
    private string _said = "";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await services.RequireCurrentDatabaseAsync(cancellationToken);
            _said = "";
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Said once for each change, however often somebody asks.
            var reason = CommandErrors.Sentences(exception)[0];
            if (Interlocked.Exchange(ref _said, reason) != reason)
            {
                LogUnhealthy(logger, reason);
            }

            return HealthCheckResult.Unhealthy();
        }
    }

    [LoggerMessage(LogLevel.Error, "The service is not ready: {Reason}")]
    private static partial void LogUnhealthy(ILogger logger, string reason);
}

using HokifyMessaging.Service.Commands;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>Whether the process lives, and whether it can work. Open to all, so both tell nothing else.</summary>
internal static class Health
{
    /// <summary>The database's check; the bus brings its own.</summary>
    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(10));

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        endpoints.MapHealthChecks("/health/ready");
    }

    /// <summary>Healthy when the database can be reached and lacks no migration.</summary>
    private sealed class DatabaseHealth(IServiceProvider services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await services.RequireCurrentDatabaseAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                return HealthCheckResult.Unhealthy(CommandErrors.Sentences(exception)[0]);
            }
        }
    }
}

using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>Whether the process lives, and whether it can work. Open to all, so they tell states and numbers and nothing else.</summary>
internal static class Health
{
    /// <summary>The checks of database, queues and schedules; the bus brings its own.</summary>
    public static void AddHealth(this IServiceCollection services)
    {
        // One of each, because they remember what they have said.
        services.AddSingleton<DatabaseHealth>();
        services.AddSingleton<QueueHealth>();
        services.AddSingleton<ScheduleHealth>();
        services.AddHealthChecks()
            .AddCheck<DatabaseHealth>("database", timeout: TimeSpan.FromSeconds(10))
            .AddCheck<QueueHealth>("queues", HealthStatus.Degraded, timeout: TimeSpan.FromSeconds(20))
            .AddCheck<ScheduleHealth>("schedules", HealthStatus.Degraded, timeout: TimeSpan.FromSeconds(10));
    }

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        endpoints.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(
        new
        {
            Status = $"{report.Status}",
            Checks = report.Entries.ToDictionary(
                entry => entry.Key,
                entry => entry.Value.Data.TryGetValue(QueueHealth.Messages, out var messages)
                    ? new { Status = $"{entry.Value.Status}", Messages = messages, Healed = entry.Value.Data[QueueHealth.Healed] }
                    : (object)new { Status = $"{entry.Value.Status}" }),
        },
        JsonSerializerOptions.Web,
        http.RequestAborted);
}

using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>Whether the process lives, and whether it can work. Open to all, so both tell nothing else.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        endpoints.MapHealthChecks("/health/ready");
    }
}

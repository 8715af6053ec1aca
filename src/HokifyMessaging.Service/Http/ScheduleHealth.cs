using HokifyMessaging.Schedules;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>Degraded while a scope has had no import that ended well for longer than its schedule says; without a schedule none can be overdue. Never worse: taking the service away brings none.</summary>
internal sealed partial class ScheduleHealth(ScheduleQueries schedules, ILogger<ScheduleHealth> logger) : IHealthCheck
{
    private string _said = "";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var overdue = string.Join(", ", (await schedules.ListAsync(scopeId: null, cancellationToken)).Where(one => one.IsOverdue || one.Problem is not null).Select(one => $"{one.Name} of scope {one.ScopeId}"));
        if (Interlocked.Exchange(ref _said, overdue) != overdue && overdue.Length > 0)
        {
            LogOverdue(logger, overdue);
        }

        return overdue.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded();
    }

    [LoggerMessage(LogLevel.Warning, "Two times of a schedule have passed without an import of its scope that ended well, or it can bring none here: {Schedules}; 'hokify schedules' shows more")]
    private static partial void LogOverdue(ILogger logger, string schedules);
}

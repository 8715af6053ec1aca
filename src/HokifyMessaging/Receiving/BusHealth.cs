using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Receiving;

/// <summary>
/// The bus is as healthy as it finds itself, unless the import's queue has no consumer of this process: then nobody serves the
/// requests, however well the connection is.
/// </summary>
internal sealed class BusHealth(IHealthCheck bus, ChannelWatch watch) : IHealthCheck
{
    public const string Name = "bus";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = await bus.CheckHealthAsync(context, cancellationToken);
        return watch.IsConsuming
            ? result
            : HealthCheckResult.Unhealthy(
                $"The queue {ImportQueues.Requests} has no consumer of this process{(watch.Lost is { } reason ? $", because of the broker: {reason}" : "")}.", result.Exception, result.Data);
    }

    /// <summary>Has the bus's own check be asked by this one.</summary>
    public static void Around(HealthCheckServiceOptions checks)
    {
        foreach (var check in checks.Registrations.Where(check => check.Name == Name))
        {
            var bus = check.Factory;
            check.Factory = provider => new BusHealth(bus(provider), provider.GetRequiredService<ChannelWatch>());
        }
    }
}

using HokifyMessaging.Receiving;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Degraded while messages wait for an operator, and while nobody can tell. Never worse: an importer that is taken out of
/// service for it would not make one of them go. Those whose run is completed by now wait for nobody.
/// </summary>
internal sealed partial class QueueHealth(QueueDepths depths, IOptions<TransportOptions> transport, ILogger<QueueHealth> logger) : IHealthCheck
{
    /// <summary>Under this key of its data the check has the number of messages by queue.</summary>
    public const string Messages = "messages";

    /// <summary>Under this key of its data the check has how many more messages in the error queue are of runs that are completed by now.</summary>
    public const string Healed = "healed";

    private string _said = "";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            return HealthCheckResult.Healthy();
        }

        switch (await depths.CountAsync(cancellationToken))
        {
            case QueueCount.Counted(var messages, var healed) when messages.Values.All(count => count == 0):
                _said = "";
                return Result(HealthStatus.Healthy, messages, healed);
            case QueueCount.Counted(var messages, var healed):
                var numbers = string.Join(", ", messages.Select(queue => $"{queue.Key} {queue.Value}"));
                if (IsNew(numbers))
                {
                    LogWaiting(logger, numbers);
                }

                return Result(HealthStatus.Degraded, messages, healed);
            case QueueCount.Unknown(var reason):
                if (IsNew(reason))
                {
                    LogUnknown(logger, reason);
                }

                return Result(HealthStatus.Degraded, ImportQueues.ForOperators.ToDictionary(queue => queue, _ => "unknown"), null);
            case var other:
                throw new InvalidOperationException($"{other.GetType()} is no count.");
        }
    }

    /// <summary>Said once for each change, however often somebody asks.</summary>
    private bool IsNew(string text) => Interlocked.Exchange(ref _said, text) != text;

    private static HealthCheckResult Result(HealthStatus status, object messages, long? healed) =>
        new(status, data: new Dictionary<string, object> { [Messages] = messages, [Healed] = healed is { } count ? count : "unknown" });

    [LoggerMessage(LogLevel.Warning, "How many messages wait for an operator is unknown: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Messages wait for an operator: {Numbers}; 'hokify queues' says why")]
    private static partial void LogWaiting(ILogger logger, string numbers);
}

using HokifyMessaging.Receiving;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Degraded while messages wait for an operator, and while nobody can tell. Never worse: an importer that is taken out of
/// service for it would not make one of them go.
/// </summary>
internal sealed partial class QueueHealth(QueueDepths depths, IOptions<TransportOptions> transport, ILogger<QueueHealth> logger) : IHealthCheck
{
    /// <summary>Under this key of its data the check has the number of messages by queue.</summary>
    public const string Messages = "messages";

    private string _said = "";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            return HealthCheckResult.Healthy();
        }

        switch (await depths.CountAsync(cancellationToken))
        {
            case QueueCount.Counted(var messages) when messages.Values.All(count => count == 0):
                _said = "";
                return Result(HealthStatus.Healthy, messages);
            case QueueCount.Counted(var messages):
                var numbers = string.Join(", ", messages.Select(queue => $"{queue.Key} {queue.Value}"));
                if (IsNew(numbers))
                {
                    LogWaiting(logger, numbers);
                }

                return Result(HealthStatus.Degraded, messages);
            case QueueCount.Unknown(var reason):
                if (IsNew(reason))
                {
                    LogUnknown(logger, reason);
                }

                return Result(HealthStatus.Degraded, ImportQueues.ForOperators.ToDictionary(queue => queue, _ => "unknown"));
            case var other:
                throw new InvalidOperationException($"{other.GetType()} is no count.");
        }
    }

    /// <summary>Said once for each change, however often somebody asks.</summary>
    private bool IsNew(string text) => Interlocked.Exchange(ref _said, text) != text;

    private static HealthCheckResult Result(HealthStatus status, object messages) =>
        new(status, data: new Dictionary<string, object> { [Messages] = messages });

    [LoggerMessage(LogLevel.Warning, "How many messages wait for an operator is unknown: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Warning, "Messages wait for an operator: {Numbers}; 'hokify queues' says why")]
    private static partial void LogWaiting(ILogger logger, string numbers);
}

using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Says in the log, in one sentence, why the broker cannot be used; once for each reason, however often the bus tries. What
/// the bus itself has to say about it is a stack trace for each attempt.
/// </summary>
internal sealed partial class BrokerConnectionReport(
    IOptions<TransportOptions> options, BrokerLogin login, ILogger<BrokerConnectionReport> logger) : IReceiveEndpointObserver
{
    private readonly RabbitMqOptions _broker = options.Value.RabbitMq;
    private string? _reported;
    private volatile bool _isStopping;

    public Task Ready(ReceiveEndpointReady ready)
    {
        if (Interlocked.Exchange(ref _reported, null) is not null)
        {
            LogConnected(logger, _broker.Address());
        }

        return Task.CompletedTask;
    }

    /// <summary>The consumer of the import's queue has ended; unless the service stops, the broker has taken it away and the bus makes it anew.</summary>
    /// <param name="reason">Half a sentence about the broker, without a full stop.</param>
    public void Lost(string reason)
    {
        if (!_isStopping && Interlocked.Exchange(ref _reported, reason) != reason)
        {
            LogLost(logger, ImportQueues.Requests, _broker.Address(), reason);
        }
    }

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        if (faulted.Exception is not { } exception || BrokerErrors.Describe(exception) is not { } reason || Interlocked.Exchange(ref _reported, reason) == reason)
        {
            return Task.CompletedTask;
        }

        if (BrokerErrors.IsLoginRefused(exception))
        {
            // The bus does not try that again, not even where it was let in before: better no process than one that does nothing.
            LogRefused(logger, _broker.Address(), reason);
            login.Refuse();
        }
        else
        {
            LogNotConnected(logger, _broker.Address(), reason);
        }

        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping)
    {
        _isStopping = true;
        return Task.CompletedTask;
    }

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Error, "The broker at {Address} cannot be used: {Reason}. It is tried again until it can")]
    private static partial void LogNotConnected(ILogger logger, string address, string reason);

    [LoggerMessage(LogLevel.Error, "The broker at {Address} cannot be used: {Reason}. The service ends")]
    private static partial void LogRefused(ILogger logger, string address, string reason);

    [LoggerMessage(LogLevel.Warning, "The queue {Queue} is not consumed for a moment, because of the broker at {Address}: {Reason}. The consumer is made again")]
    private static partial void LogLost(ILogger logger, string queue, string address, string reason);

    [LoggerMessage(LogLevel.Information, "The broker at {Address} is back")]
    private static partial void LogConnected(ILogger logger, string address);
}

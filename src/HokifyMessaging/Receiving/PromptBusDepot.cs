using MassTransit;
using MassTransit.Transports;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Starts and stops the bus, and waits for neither longer than it may. A start of MassTransit's that is cancelled stops the
/// bus, and then waits without limit for its endpoints to become ready or to fail: an endpoint that was stopped between two
/// attempts does neither.
/// </summary>
internal sealed partial class PromptBusDepot(
    BusDepot buses, BusEnd end, IOptions<TransportOptions> options, TimeProvider clock, ILogger<PromptBusDepot> logger) : IBusDepot
{
    /// <summary>How much longer than it may the bus is waited for, because it tells of its end a moment later.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    public async Task Start(CancellationToken cancellationToken)
    {
        // Not disposed of: a start that is not waited for any more may still ask for it.
        var giveUp = new CancellationTokenSource();
        var starting = buses.Start(giveUp.Token);
        try
        {
            await starting.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !starting.IsCompleted)
        {
            await giveUp.CancelAsync();
            await WaitAsync(Task.WhenAny(starting, end.Stopped), options.Value.StopTimeout + Margin);
            throw;
        }
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        var stopping = buses.Stop(cancellationToken);
        await Task.WhenAny(stopping, Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken));
        if (await WaitAsync(stopping, Margin))
        {
            await stopping;
        }
    }

    private async Task<bool> WaitAsync(Task ended, TimeSpan limit)
    {
        await Task.WhenAny(ended, Task.Delay(limit, clock, CancellationToken.None));
        if (!ended.IsCompleted)
        {
            LogNotStopped(logger);
        }

        return ended.IsCompleted;
    }

    [LoggerMessage(LogLevel.Warning, "The bus did not stop in time; its connection to the broker ends with the process")]
    private static partial void LogNotStopped(ILogger logger);
}

/// <summary>Hears when the bus has stopped, also one that was never ready.</summary>
internal sealed class BusEnd : IBusObserver
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the bus has stopped, or could not.</summary>
    public Task Stopped => _stopped.Task;

    public Task PostStop(IBus bus) => Ended();

    public Task StopFaulted(IBus bus, Exception exception) => Ended();

    public void PostCreate(IBus bus)
    {
    }

    public void CreateFaulted(Exception exception)
    {
    }

    public Task PreStart(IBus bus) => Task.CompletedTask;

    public Task PostStart(IBus bus, Task<BusReady> busReady) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    public Task PreStop(IBus bus) => Task.CompletedTask;

    private Task Ended()
    {
        _stopped.TrySetResult();
        return Task.CompletedTask;
    }
}

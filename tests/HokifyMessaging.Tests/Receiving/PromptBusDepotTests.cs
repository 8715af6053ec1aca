using System.Reflection;
using HokifyMessaging.Receiving;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>Buses that start and stop as MassTransit's sometimes does: never.</summary>
public sealed class PromptBusDepotTests
{
    private readonly BusEnd _end = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_that_is_cancelled_ends_when_the_bus_has_stopped_although_its_endpoints_never_become_ready()
    {
        using var told = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var depot = Depot(
            start: token =>
            {
                token.Register(() => cancelled.SetResult());
                return new TaskCompletionSource<BusHandle>().Task;
            },
            limit: TimeSpan.FromHours(1));

        var starting = depot.Start(told.Token);
        await told.CancelAsync();
        await cancelled.Task.WaitAsync(Cancel);
        Assert.False(starting.IsCompleted);
        await _end.PostStop(null!);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(Cancel));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_ends_at_its_limit_although_the_bus_never_stops()
    {
        using var told = new CancellationTokenSource();
        var depot = Depot(start: _ => new TaskCompletionSource<BusHandle>().Task, limit: TimeSpan.FromMilliseconds(1));

        var starting = depot.Start(told.Token);
        await told.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(Cancel));
    }

    [Fact]
    public async Task A_start_that_nobody_cancels_ends_as_the_buss_own_does()
    {
        await Depot(start: _ => Task.FromResult<BusHandle>(null!)).Start(Cancel);

        var failure = await Assert.ThrowsAsync<ConnectionException>(() => Depot(start: _ => throw new ConnectionException("refused")).Start(Cancel));
        Assert.Equal("refused", failure.Message);
    }

    [Fact]
    public async Task A_stop_ends_when_its_token_has_fired_although_the_bus_never_stops()
    {
        using var limit = new CancellationTokenSource();
        var stopping = Depot(stop: _ => new TaskCompletionSource().Task).Stop(limit.Token);
        Assert.False(stopping.IsCompleted);

        await limit.CancelAsync();

        await stopping.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_stop_that_fails_says_so()
    {
        var failure = await Assert.ThrowsAsync<ConnectionException>(() => Depot(stop: _ => throw new ConnectionException("gone")).Stop(Cancel));

        Assert.Equal("gone", failure.Message);
    }

    private PromptBusDepot Depot(Func<CancellationToken, Task>? start = null, Func<CancellationToken, Task>? stop = null, TimeSpan limit = default)
    {
        var control = DispatchProxy.Create<IBusControl, Scripted>();
        ((Scripted)(object)control).Answers = (method, arguments) => (method switch
        {
            nameof(IBusControl.StartAsync) => start,
            nameof(IBusControl.StopAsync) => stop,
            _ => null,
        })?.Invoke((CancellationToken)arguments[0]!);
        var instance = DispatchProxy.Create<IBusInstance, Scripted>();
        ((Scripted)(object)instance).Answers = (method, _) => method switch
        {
            "get_BusControl" => control,
            "get_InstanceType" => typeof(IBus),
            _ => null,
        };
        return new PromptBusDepot(
            new BusDepot([instance], NullLogger<BusDepot>.Instance),
            _end,
            Options.Create(new TransportOptions { StopTimeout = limit }),
            TimeProvider.System,
            NullLogger<PromptBusDepot>.Instance);
    }

    public class Scripted : DispatchProxy
    {
        public Func<string, object?[], object?> Answers { get; set; } = (_, _) => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answers(targetMethod!.Name, args ?? []);
    }
}

using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Tests.Importing;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Service;

/// <summary>What is looked at may hang, fail and come back: whoever asks never waits for it, and knows how old what he gets is.</summary>
public sealed class ObservedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_looks_again_at_what_is_fresh_and_nobody_twice_at_a_time()
    {
        var clock = new FakeTimeProvider();
        var (looks, hanging) = (0, new TaskCompletionSource<string>());
        var observed = new Observed<string>(_ => ++looks == 1 ? Task.FromResult("first") : hanging.Task, clock);

        await observed.LookAsync(_ => { }, Cancel);
        await observed.LookAsync(_ => { }, Cancel);
        Assert.Equal(("first", 1), (observed.Value, looks));

        clock.Advance(Observed<string>.Fresh);
        var second = observed.LookAsync(_ => { }, Cancel);
        var third = observed.LookAsync(_ => { }, Cancel);
        await ImportSetup.Until(() => looks == 2);
        Assert.Same(second, third);
        Assert.False(second.IsCompleted);
        Assert.Equal(("first", Observed<string>.Fresh), (observed.Value, observed.Age));

        hanging.SetResult("second");
        await second;
        Assert.Equal(("second", TimeSpan.Zero), (observed.Value, observed.Age));
    }

    [Fact]
    public async Task A_look_that_fails_is_told_and_what_was_seen_before_is_said_until_it_is_too_old()
    {
        var clock = new FakeTimeProvider();
        Exception? fault = null;
        var told = new List<string?>();
        var observed = new Observed<string>(_ => fault is null ? Task.FromResult("seen") : Task.FromException<string>(fault), clock);
        await LookAsync();

        fault = new InvalidOperationException("locked");
        clock.Advance(Observed<string>.Lasting);
        await LookAsync();
        Assert.Equal(("seen", Observed<string>.Lasting), (observed.Value, observed.Age));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(observed.Value);
        Assert.Equal(Observed<string>.Lasting + TimeSpan.FromSeconds(1), observed.Age);

        fault = null;
        await LookAsync();
        Assert.Equal(("seen", TimeSpan.Zero), (observed.Value, observed.Age));
        Assert.Equal([null, "locked", null], told);

        Task LookAsync() => observed.LookAsync(exception => told.Add(exception?.Message), Cancel);
    }

    [Fact]
    public void What_was_never_seen_is_as_old_as_it_has_been_looked_for()
    {
        var clock = new FakeTimeProvider();
        var observed = new Observed<string>(_ => Task.FromException<string>(new InvalidOperationException()), clock);

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(observed.Value);
        Assert.Equal(TimeSpan.FromMinutes(1), observed.Age);
    }
}

using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests;

/// <summary>Work that nobody waits for longer than it says.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_that_ends_in_time_gives_what_it_gives()
    {
        var work = TimeLimit.WithinAsync(Limit, _clock, HalfAsync, Cancel);

        _clock.Advance(Limit / 2);

        Assert.Equal(42, await work);
    }

    [Fact]
    public async Task Work_that_takes_longer_is_cancelled()
    {
        var work = TimeLimit.WithinAsync(Limit, _clock, Endless, Cancel);

        _clock.Advance(Limit);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_it_makes_of_that_the_caller_says_what_it_means(bool failsItself)
    {
        var work = TimeLimit.WithinAsync(
            Limit,
            _clock,
            async token =>
            {
                await Task.WhenAny(Endless(token));
                throw failsItself ? new IOException("the connection is gone") : new OperationCanceledException(token);
            },
            Cancel,
            otherwise: () => new TimeoutException("It took too long."));

        _clock.Advance(Limit);

        Assert.Equal("It took too long.", (await Assert.ThrowsAsync<TimeoutException>(() => work)).Message);
    }

    [Fact]
    public async Task Work_that_fails_in_time_fails_for_its_own_reason() =>
        await Assert.ThrowsAsync<IOException>(() => TimeLimit.WithinAsync(
            Limit, _clock, _ => throw new IOException("the connection is gone"), Cancel, otherwise: () => new TimeoutException()));

    [Fact]
    public async Task A_caller_who_gives_up_hears_of_no_limit()
    {
        using var caller = new CancellationTokenSource();
        var work = TimeLimit.WithinAsync(Limit, _clock, Endless, caller.Token, otherwise: () => new TimeoutException());

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
    }

    private async Task<int> HalfAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Limit / 2, _clock, cancellationToken);
        return 42;
    }

    private static Task Endless(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
}

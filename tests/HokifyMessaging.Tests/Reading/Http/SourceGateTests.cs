using HokifyMessaging.Reading.Http;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Reading.Http;

public sealed class SourceGateTests
{
    private const int Most = 8;

    private static readonly HttpRetryOptions Options = new() { TotalTimeout = TimeSpan.FromMinutes(2) };

    private readonly FakeTimeProvider _clock = new();
    private readonly SourceGate _gate;

    public SourceGateTests() => _gate = new SourceGate(_clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_call_is_told_to_wait_all_wait()
    {
        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(TimeSpan.FromSeconds(37))));
        var isAsked = false;

        var other = PassAsync(() => isAsked = true);
        _clock.Advance(TimeSpan.FromSeconds(36.9));
        Assert.False(isAsked);
        Assert.False(_gate.HasRoom(Most));
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        await other;
        Assert.True(isAsked);
    }

    [Fact]
    public async Task What_takes_longer_than_an_attempt_may_wait_fails_all_at_once_and_asks_nobody()
    {
        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(TimeSpan.FromHours(1))));
        _clock.Advance(TimeSpan.FromMinutes(10));

        var told = await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => Assert.Fail("It was asked.")));

        Assert.Equal(TimeSpan.FromMinutes(50), told.RetryAfter);
        Assert.Equal("hokify answered 429", told.Message);
        Assert.True(told.IsHeard);
    }

    [Fact]
    public async Task Waiting_for_others_takes_none_of_the_time_of_an_attempt()
    {
        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(TimeSpan.FromSeconds(110))));
        using var attempt = Attempt();

        var other = _gate.PassAsync(attempt, Most, _ => Task.FromResult(attempt.Remaining));
        _clock.Advance(TimeSpan.FromSeconds(110));

        Assert.Equal(Options.TotalTimeout, await other);
        Assert.False(attempt.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_cancelled_call_does_not_wait_and_lets_the_next_one_in()
    {
        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(TimeSpan.FromSeconds(37))));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var cancelled = Attempt(cancel.Token);
        using var queued = Attempt(cancel.Token);
        var (first, second, third) = (_gate.PassAsync(cancelled, Most, _ => Task.FromResult(0)), _gate.PassAsync(queued, Most, _ => Task.FromResult(0)), PassAsync(() => { }));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _clock.Advance(TimeSpan.FromSeconds(38));

        await third;
    }

    [Fact]
    public async Task One_call_too_many_is_made_again_and_counts_as_no_failure()
    {
        await AnswerAsync(calls: 10);
        var asked = 0;

        var call = PassAsync(() => _ = ++asked == 1 ? throw Throttled(null) : 0);
        Assert.Equal(1, asked);
        _clock.Advance(TimeSpan.FromSeconds(2));

        await call;
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_refusal_when_nobody_was_answered_of_late_is_a_failure()
    {
        await AnswerAsync(calls: 10);
        _clock.Advance(TimeSpan.FromSeconds(3));

        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(null)));
    }

    [Fact]
    public async Task One_refusal_among_few_answers_says_nothing_of_a_pace()
    {
        await AnswerAsync(calls: 3);

        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(null)));

        await PassAsync(() => { });
    }

    [Fact]
    public async Task Who_reads_page_after_page_is_refused_as_ever()
    {
        await AnswerAsync(calls: 10);

        await Assert.ThrowsAsync<HttpFault>(() => PassAsync(() => throw Throttled(null), most: 1));
        await PassAsync(() => { }, most: 1);
    }

    [Fact]
    public async Task There_is_room_for_as_many_calls_as_the_width_found_out_and_the_setting_allow()
    {
        Assert.True(_gate.HasRoom(Most));
        await AnswerAsync(calls: 10);
        using var attempt = Attempt();
        var end = new TaskCompletionSource<int>();
        var underWay = _gate.PassAsync(attempt, Most, _ => end.Task);

        Assert.Equal(Most, _gate.Width);
        Assert.True(_gate.HasRoom(2));
        Assert.False(_gate.HasRoom(1));
        end.SetResult(0);
        await underWay;
    }

    private async Task AnswerAsync(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            await PassAsync(() => { });
        }
    }

    private async Task PassAsync(Action ask, int most = Most)
    {
        using var attempt = Attempt();
        await _gate.PassAsync(attempt, most, call =>
        {
            ask();
            call.Answered();
            return Task.FromResult(0);
        });
    }

    private PageAttempt Attempt(CancellationToken? cancellationToken = null)
    {
        var attempt = new PageAttempt("page", Options, _clock, cancellationToken ?? Cancel);
        attempt.Begin();
        return attempt;
    }

    private static HttpFault Throttled(TimeSpan? retryAfter) => new("hokify answered 429", isTransient: true, retryAfter) { IsThrottling = true };
}

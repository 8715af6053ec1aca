using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HokifyMessaging.Reading;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Reading;

public sealed class PausesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<string> _source = Channel.CreateUnbounded<string>();
    private bool _hasEnded;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_patience_for_a_pause_nothing_but_the_items_comes()
    {
        await using var items = Enumerate(() => null);
        var next = items.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.False(next.IsCompleted);

        await _source.Writer.WriteAsync("one", Cancel);

        Assert.True(await next);
        Assert.Equal("one", items.Current);
        _source.Writer.Complete();
        Assert.False(await items.MoveNextAsync());
    }

    [Fact]
    public async Task What_takes_longer_than_there_is_patience_for_brings_a_pause_and_comes_behind_it()
    {
        TimeSpan? patience = TimeSpan.FromSeconds(5);
        await using var items = Enumerate(() => patience);
        var next = items.MoveNextAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next);
        Assert.Null(items.Current);

        patience = null;
        next = items.MoveNextAsync().AsTask();
        await _source.Writer.WriteAsync("late", Cancel);
        Assert.True(await next);
        Assert.Equal("late", items.Current);
    }

    [Fact]
    public async Task What_is_there_comes_without_a_pause_even_when_there_is_no_patience_left()
    {
        await _source.Writer.WriteAsync("one", Cancel);
        await _source.Writer.WriteAsync("two", Cancel);
        _source.Writer.Complete();

        Assert.Equal(["one", "two"], await _source.Reader.ReadAllAsync(Cancel).OrPause(() => TimeSpan.Zero, _clock, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Whoever_leaves_during_a_pause_has_ended_the_source()
    {
        var items = Enumerate(() => TimeSpan.Zero);
        Assert.True(await items.MoveNextAsync());
        Assert.Null(items.Current);

        await items.DisposeAsync();

        Assert.True(_hasEnded);
    }

    [Fact]
    public async Task Whoever_gives_up_while_waiting_has_ended_the_source()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var items = ReadAsync(giveUp.Token).OrPause(() => TimeSpan.FromHours(1), _clock, giveUp.Token).GetAsyncEnumerator(giveUp.Token);
        var next = items.MoveNextAsync().AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.True(_hasEnded);
    }

    [Fact]
    public async Task A_failure_arrives_as_it_is()
    {
        _source.Writer.Complete(new SourceException("page 5 is broken"));
        await using var items = Enumerate(() => TimeSpan.FromSeconds(1));

        Assert.Equal("page 5 is broken", (await Assert.ThrowsAsync<SourceException>(async () => await items.MoveNextAsync())).Message);
    }

    private IAsyncEnumerator<string?> Enumerate(Func<TimeSpan?> patience) => ReadAsync(Cancel).OrPause(patience, _clock, Cancel).GetAsyncEnumerator(Cancel);

    private async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in _source.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            _hasEnded = true;
        }
    }
}

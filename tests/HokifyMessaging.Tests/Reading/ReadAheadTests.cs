using System.Runtime.CompilerServices;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Reading;

public sealed class ReadAheadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_arrive_whole_and_in_order()
    {
        var source = new Source(items: 1_000);

        Assert.Equal(Enumerable.Range(1, 1_000), await source.ReadAsync(Cancel).Ahead(3, Cancel).ToListAsync(Cancel));
        Assert.True(source.HasEnded);
    }

    [Fact]
    public async Task No_more_is_read_ahead_than_was_allowed()
    {
        var source = new Source(items: 1_000);
        await using var items = source.ReadAsync(Cancel).Ahead(2, Cancel).GetAsyncEnumerator(Cancel);
        for (var taken = 1; taken <= 50; taken++)
        {
            Assert.True(await items.MoveNextAsync());
            // Two wait and one is in the reader's hand.
            Assert.InRange(source.Delivered, taken, taken + 3);
        }
    }

    [Fact]
    public async Task The_source_goes_on_while_the_consumer_works()
    {
        var source = new Source(items: 3);
        await using var items = source.ReadAsync(Cancel).Ahead(1, Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await items.MoveNextAsync());

        // The consumer does not ask for it.
        await source.DeliveredAsync(2).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_failure_arrives_as_it_is_behind_the_items_before_it()
    {
        var source = new Source(items: 5, failure: new SourceException("page 5 is broken"));
        var read = new List<int>();

        var failure = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var item in source.ReadAsync(Cancel).Ahead(1, Cancel))
            {
                read.Add(item);
            }
        });

        Assert.Equal("page 5 is broken", failure.Message);
        Assert.Equal([1, 2, 3, 4, 5], read);
        Assert.True(source.HasEnded);
    }

    [Fact]
    public async Task A_consumer_that_leaves_takes_the_source_along()
    {
        var source = new Source(items: int.MaxValue);

        await foreach (var item in source.ReadAsync(Cancel).Ahead(1, Cancel))
        {
            if (item == 3)
            {
                break;
            }
        }

        Assert.True(source.HasEnded);
    }

    [Fact]
    public async Task A_consumer_that_fails_takes_the_source_along_and_its_own_failure_counts()
    {
        var source = new Source(items: int.MaxValue, failure: new SourceException("never seen"));

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var item in source.ReadAsync(Cancel).Ahead(1, Cancel))
            {
                throw new TimeoutException();
            }
        });

        Assert.True(source.HasEnded);
    }

    [Fact]
    public async Task Cancelling_ends_both_while_the_source_waits_for_a_page()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var source = new Source(items: 1, hangs: true);
        await using var items = source.ReadAsync(Cancel).Ahead(1, cancelling.Token).GetAsyncEnumerator(cancelling.Token);
        Assert.True(await items.MoveNextAsync());
        var next = items.MoveNextAsync().AsTask();

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.True(source.HasEnded);
    }

    /// <summary>Counts to <paramref name="items"/>, then ends, fails or waits for a page that never comes.</summary>
    private sealed class Source(int items, Exception? failure = null, bool hangs = false)
    {
        private readonly TaskCompletionSource[] _delivered = [.. Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _count;

        public int Delivered => Volatile.Read(ref _count);

        public bool HasEnded { get; private set; }

        public Task DeliveredAsync(int count) => _delivered[count].Task;

        public async IAsyncEnumerable<int> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                for (var item = 1; item <= items; item++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Volatile.Write(ref _count, item);
                    if (item < _delivered.Length)
                    {
                        _delivered[item].TrySetResult();
                    }

                    yield return item;
                }

                if (failure is not null)
                {
                    throw failure;
                }

                if (hangs)
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
            }
            finally
            {
                HasEnded = true;
            }
        }
    }
}

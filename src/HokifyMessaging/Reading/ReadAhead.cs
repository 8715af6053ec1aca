using System.Threading.Channels;

namespace HokifyMessaging.Reading;

/// <summary>Lets a source go on while what it has delivered is still worked on, and whoever works on it not wait for a slow source.</summary>
internal static class ReadAhead
{
    /// <summary>
    /// Enumerates on a thread of its own, so many items ahead. A failure reaches the consumer behind the items before it.
    /// When the consumer leaves, for whatever reason, the enumeration is cancelled and has ended before the consumer goes on.
    /// </summary>
    public static async IAsyncEnumerable<T> Ahead<T>(
        this IAsyncEnumerable<T> items, int most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = Channel.CreateBounded<T>(new BoundedChannelOptions(most) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => ReadAsync(items, queue.Writer, leaving.Token), CancellationToken.None);
        try
        {
            await foreach (var item in queue.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await reading;
        }
    }

    /// <summary>Never fails itself: what goes wrong closes the queue, and its reader finds it there.</summary>
    private static async Task ReadAsync<T>(IAsyncEnumerable<T> items, ChannelWriter<T> queue, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in items.WithCancellation(cancellationToken))
            {
                await queue.WriteAsync(item, cancellationToken);
            }

            queue.Complete();
        }
        catch (Exception failure)
        {
            queue.Complete(failure);
        }
    }

    /// <summary>Enumerates, and comes with null where the next item takes longer than there is patience for.</summary>
    /// <param name="items">The items.</param>
    /// <param name="patience">How long the next item may take from now on; null for as long as it likes.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async IAsyncEnumerable<T?> OrPause<T>(
        this IAsyncEnumerable<T> items, Func<TimeSpan?> patience, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var reading = items.GetAsyncEnumerator(leaving.Token);
        while (true)
        {
            var next = reading.MoveNextAsync().AsTask();
            var hasLeft = true;
            try
            {
                while (!next.IsCompleted && patience() is { } left && !await EndsWithinAsync(next, left, clock, cancellationToken))
                {
                    yield return null;
                }

                hasLeft = false;
            }
            finally
            {
                if (hasLeft)
                {
                    // The source may not be left in the middle of an item.
                    await leaving.CancelAsync();
                    await Task.WhenAny(next);
                }
            }

            if (!await next)
            {
                yield break;
            }

            yield return reading.Current;
        }
    }

    private static async Task<bool> EndsWithinAsync(Task task, TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (time > TimeSpan.Zero)
        {
            await Task.WhenAny(task, Task.Delay(time, clock, over.Token));
            await over.CancelAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }
}

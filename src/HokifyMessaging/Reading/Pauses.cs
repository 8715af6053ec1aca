using System.Runtime.CompilerServices;

namespace HokifyMessaging.Reading;

/// <summary>Lets whoever takes items from a slow source do something else in between.</summary>
internal static class Pauses
{
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

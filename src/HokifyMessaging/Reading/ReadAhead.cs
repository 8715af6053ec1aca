using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace HokifyMessaging.Reading;

/// <summary>Lets a source go on while what it has delivered is still worked on.</summary>
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
}

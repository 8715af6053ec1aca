using System.Globalization;

namespace HokifyMessaging.Service.Commands;

/// <summary>Work that a verb does not wait for longer than it says.</summary>
internal static class TimeLimit
{
    /// <exception cref="VerbException">The limit is over; the message is <paramref name="otherwise"/>.</exception>
    public static async Task WithinAsync(TimeSpan limit, Func<CancellationToken, Task> work, string otherwise, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            await work(either.Token);
        }
        catch (Exception) when (either.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new VerbException(otherwise);
        }
    }

    /// <summary>Waits for the work; once the token has fired, not longer than the limit.</summary>
    /// <returns>Whether it has ended, well or badly.</returns>
    public static async Task<bool> EndsAsync(Task work, TimeSpan limit, CancellationToken told)
    {
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, told));
        await Task.WhenAny(work, Task.Delay(limit, CancellationToken.None));
        return work.IsCompleted;
    }

    public static string Seconds(TimeSpan duration) => duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}

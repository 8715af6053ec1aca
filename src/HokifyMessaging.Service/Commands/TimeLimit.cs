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

    public static string Seconds(TimeSpan duration) => duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}

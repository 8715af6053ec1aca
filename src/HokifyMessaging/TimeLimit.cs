namespace HokifyMessaging;

/// <summary>Work that nobody waits for longer than it says.</summary>
internal static class TimeLimit
{
    /// <param name="limit">How long the work may take.</param>
    /// <param name="clock">Whose time it is.</param>
    /// <param name="work">Is given a token that fires when the limit is over, or the caller's.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="otherwise">What is thrown when the limit is over; without it, what the work makes of its token.</param>
    public static async Task<T> WithinAsync<T>(
        TimeSpan limit, TimeProvider clock, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken, Func<Exception>? otherwise = null)
    {
        using var over = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await work(either.Token);
        }
        catch (Exception) when (otherwise is not null && over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw otherwise();
        }
    }

    /// <inheritdoc cref="WithinAsync{T}"/>
    public static Task WithinAsync(
        TimeSpan limit, TimeProvider clock, Func<CancellationToken, Task> work, CancellationToken cancellationToken, Func<Exception>? otherwise = null) =>
        WithinAsync(
            limit,
            clock,
            async token =>
            {
                await work(token);
                return true;
            },
            cancellationToken,
            otherwise);

    /// <summary>Waits for the work; once the token has fired, not longer than the limit.</summary>
    /// <returns>Whether it has ended, well or badly.</returns>
    public static async Task<bool> EndsAsync(Task work, TimeSpan limit, CancellationToken told)
    {
        await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, told));
        await Task.WhenAny(work, Task.Delay(limit, CancellationToken.None));
        return work.IsCompleted;
    }

    public static string InSeconds(TimeSpan duration) => Counted.Text($"{duration.TotalSeconds} {duration.TotalSeconds:second|seconds}");

    public static string Seconds(TimeSpan duration) => duration.TotalSeconds.ToString(CultureInfo.InvariantCulture);
}

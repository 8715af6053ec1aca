namespace HokifyMessaging.Service.Monitoring;

/// <summary>
/// What was last seen of something that may be locked or away. Looking takes as long as it takes, and nobody has to wait for it: who asks meanwhile gets what
/// was seen before, and how long ago that was.
/// </summary>
/// <param name="look">Looks.</param>
/// <param name="clock">The time.</param>
internal sealed class Observed<T>(Func<CancellationToken, Task<T>> look, TimeProvider clock)
    where T : class
{
    /// <summary>Who asks again within this time gets the same.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>What is older is not said any more: nobody shall take it for the present.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly DateTimeOffset _begun = clock.GetUtcNow();
    private Task _look = Task.CompletedTask;
    private volatile Seen? _seen;

    /// <summary>What was seen; null where nothing was, or too long ago.</summary>
    public T? Value => _seen is { } seen && clock.GetUtcNow() - seen.At <= Lasting ? seen.Value : null;

    /// <summary>How long ago that was; where nothing was ever seen, for how long it has been looked for.</summary>
    public TimeSpan Age => clock.GetUtcNow() - (_seen?.At ?? _begun);

    /// <summary>Looks, unless that is fresh or somebody is just looking.</summary>
    /// <param name="failed">Is told why it could not be seen.</param>
    /// <param name="cancellationToken">Gives up looking.</param>
    /// <returns>Ends with the look, and does not fail.</returns>
    public Task LookAsync(Action<Exception?> failed, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_look.IsCompleted && !(_seen is { } seen && clock.GetUtcNow() - seen.At < Fresh))
            {
                // A database that is locked keeps the thread that asks it.
                _look = Task.Run(() => LookOnceAsync(failed, cancellationToken), CancellationToken.None);
            }

            return _look;
        }
    }

    private async Task LookOnceAsync(Action<Exception?> failed, CancellationToken cancellationToken)
    {
        try
        {
            _seen = new Seen(await look(cancellationToken), clock.GetUtcNow());
            failed(null);
        }
        catch (Exception exception)
        {
            // Whatever it is: it is told, and the age of what is said grows.
            failed(exception);
        }
    }

    private sealed record Seen(T Value, DateTimeOffset At);
}

using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Runs;

/// <summary>One try of several.</summary>
/// <param name="Begun">When the first of them began: what the call writes under this instant is recognized by it.</param>
/// <param name="IsAgain">Whether another has failed before it. Its commit may have landed all the same.</param>
internal readonly record struct Attempt(DateTimeOffset Begun, bool IsAgain)
{
    /// <summary>Whether something bears the mark of an earlier try of the same call.</summary>
    public bool HasLeft(DateTimeOffset? mark) => IsAgain && mark == Begun;
}

/// <summary>Tries again what failed for a reason of the database that goes away by itself: a deadlock, a lock, a lost connection.</summary>
/// <param name="options">For how long.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Where each failure is told.</param>
/// <param name="pauses">The pauses between the tries, where they are not the usual ones; how many there are, the time alone decides.</param>
internal sealed partial class TransientRetries(IOptions<HokifyOptions> options, TimeProvider clock, ILogger<TransientRetries> logger, RetrySchedule? pauses = null)
{
    /// <summary>Short at first, because most locks are; and not so long that a server is back for a while before anybody notices.</summary>
    private static readonly RetrySchedule UsualPauses = new(TimeSpan.FromMilliseconds(200), Growth: 2, TimeSpan.FromSeconds(5), int.MaxValue);

    private readonly RetrySchedule _pauses = pauses ?? UsualPauses;
    private volatile bool _isWaiting;

    /// <summary>Whether what was tried last has failed and is tried again.</summary>
    public bool IsWaiting => _isWaiting;

    /// <exception cref="OperationCanceledException">The token fired, whatever the provider made of it: SQL Server's client reports a cancelled statement as an error.</exception>
    public async Task<T> ExecuteAsync<T>(Func<Attempt, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var attempt = new Attempt(clock.GetUtcNow(), IsAgain: false);
        try
        {
            for (var retries = 0; ; retries++)
            {
                try
                {
                    return await action(attempt, cancellationToken);
                }
                catch (Exception exception) when (PassingFault(exception, since, cancellationToken) is { } fault)
                {
                    _isWaiting = true;
                    LogTransient(logger, retries + 1, fault.Clause);
                    ImportMetrics.TriedAgain(ImportMetrics.OfTransaction);
                }

                await Task.Delay(WithJitter(_pauses.Pause(retries)), clock, cancellationToken);
                attempt = attempt with { IsAgain = true };
            }
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && DatabaseFault.Of(exception) is not null)
        {
            throw new OperationCanceledException("A statement was cancelled.", exception, cancellationToken);
        }
        finally
        {
            _isWaiting = false;
        }
    }

    /// <summary>As above, for what may be done twice or finds out by itself what an earlier try has left.</summary>
    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken) => ExecuteAsync((_, token) => action(token), cancellationToken);

    /// <summary>As above.</summary>
    public Task ExecuteAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken) =>
        ExecuteAsync(
            async token =>
            {
                await action(token);
                return true;
            },
            cancellationToken);

    /// <returns>The fault, where another try may do better and there is time for one. Whoever waits for an answer is told before he gives up waiting.</returns>
    private DatabaseFault? PassingFault(Exception exception, long since, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && clock.GetElapsedTime(since) < options.Value.Import.TransientRetryDuration
        && !DatabasePatience.IsSpent
        && DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Transient } fault
            ? fault
            : null;

    /// <summary>Two who were in each other's way shall not meet again.</summary>
    private static TimeSpan WithJitter(TimeSpan pause) => pause * (0.5 + (Random.Shared.NextDouble() / 2));

    [LoggerMessage(LogLevel.Warning, "A transaction failed and is tried again (retry {Retry}): {Reason}")]
    private static partial void LogTransient(ILogger logger, int retry, string reason);
}

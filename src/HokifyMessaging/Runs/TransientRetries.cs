using HokifyMessaging.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

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
internal sealed partial class TransientRetries(IOptions<HokifyOptions> options, TimeProvider clock, ILogger<TransientRetries> logger)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly ResiliencePropertyKey<long> FirstTry = new("first try");

    private readonly (ResiliencePipeline Pipeline, Waits Waits) _retries = Create(options.Value.Import, clock, logger);

    /// <summary>Whether what was tried last has failed and is tried again.</summary>
    public bool IsWaiting => _retries.Waits.IsWaiting;

    /// <exception cref="OperationCanceledException">The token fired, whatever the provider made of it: SQL Server's client reports a cancelled statement as an error.</exception>
    public async Task<T> ExecuteAsync<T>(Func<Attempt, CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(clock.GetUtcNow(), IsAgain: false);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(FirstTry, clock.GetTimestamp());
        try
        {
            return await _retries.Pipeline.ExecuteAsync(
                async tried =>
                {
                    var current = attempt;
                    attempt = attempt with { IsAgain = true };
                    return await action(current, tried.CancellationToken);
                },
                context);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && DatabaseFault.Of(exception) is not null)
        {
            throw new OperationCanceledException("A statement was cancelled.", exception, cancellationToken);
        }
        finally
        {
            _retries.Waits.IsWaiting = false;
            ResilienceContextPool.Shared.Return(context);
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

    private static (ResiliencePipeline Pipeline, Waits Waits) Create(ImportOptions options, TimeProvider clock, ILogger logger)
    {
        var waits = new Waits();
        var builder = new ResiliencePipelineBuilder { TimeProvider = clock };
        if (options.TransientRetryDuration > TimeSpan.Zero)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                // Whoever waits for an answer is told before he gives up waiting.
                ShouldHandle = arguments => ValueTask.FromResult(
                    clock.GetElapsedTime(arguments.Context.Properties.GetValue(FirstTry, 0)) < options.TransientRetryDuration
                    && !DatabasePatience.IsSpent
                    && arguments.Outcome.Exception is { } exception && DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Transient }),
                MaxRetryAttempts = int.MaxValue,
                Delay = options.TransientRetryDelay,
                MaxDelay = options.TransientRetryDelay > LongestDelay ? options.TransientRetryDelay : LongestDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                OnRetry = arguments =>
                {
                    waits.IsWaiting = true;
                    LogTransient(logger, arguments.AttemptNumber + 1, DatabaseFault.Of(arguments.Outcome.Exception!)!.Clause);
                    return ValueTask.CompletedTask;
                },
            });
        }

        return (builder.Build(), waits);
    }

    [LoggerMessage(LogLevel.Warning, "A transaction failed and is tried again (retry {Retry}): {Reason}")]
    private static partial void LogTransient(ILogger logger, int retry, string reason);

    private sealed class Waits
    {
        private volatile bool _isWaiting;

        public bool IsWaiting
        {
            get => _isWaiting;
            set => _isWaiting = value;
        }
    }
}

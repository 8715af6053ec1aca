using HokifyMessaging.Telemetry;
using Polly;
using Polly.Retry;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// Reads one page, trying again where that may help. A page with its body is the unit that is retried, so this is the
/// only place that retries: neither the HTTP client nor the sign-in beneath it does. A resilience handler in the client
/// would have let the answer go when its headers were there, and a body that breaks off comes after them.
/// </summary>
internal sealed partial class PageAttempts
{
    private static readonly ResiliencePropertyKey<PageAttempt> Page = new("page");

    private readonly int _scopeId;
    private readonly HttpRetryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _pipeline;

    public PageAttempts(int scopeId, HttpRetryOptions options, TimeProvider clock, ILogger<PageAttempts> logger)
    {
        _scopeId = scopeId;
        _options = options;
        _clock = clock;
        _logger = logger;
        _pipeline = options.Retries == 0 ? ResiliencePipeline.Empty : RetryingPipeline();
    }

    /// <param name="position">The page in words: <c>AtsApi offset 200</c>.</param>
    /// <param name="read">One attempt, from the request to the last byte of the body.</param>
    /// <param name="cancellationToken">Ends the read with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="SourceException">The page cannot be had.</exception>
    public async Task<T> ReadAsync<T>(string position, Func<PageAttempt, Task<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var page = new PageAttempt(position, _options, _clock, cancellationToken);
        var context = ResilienceContextPool.Shared.Get(page.PageToken);
        context.Properties.Set(Page, page);
        try
        {
            return await _pipeline.ExecuteAsync(
                static (context, state) => AttemptAsync(context.Properties.GetValue(Page, null!), state._options, state.read),
                context,
                (_options, read));
        }
        catch (HttpFault fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw GaveUp(page, fault);
        }
        catch (OperationCanceledException) when (page.IsPageOver && page.LastFault is not null)
        {
            throw GaveUp(page, page.LastFault);
        }
        catch (Exception fault) when (fault is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            // Streams that are torn down answer with all sorts of exceptions; the caller asked for this one.
            throw new OperationCanceledException("The read was cancelled.", fault, cancellationToken);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<T> AttemptAsync<T>(PageAttempt page, HttpRetryOptions options, Func<PageAttempt, Task<T>> read)
    {
        page.Begin();
        try
        {
            return await read(page);
        }
        catch (Exception exception) when (FaultIn(exception, page, options) is { } fault)
        {
            page.LastFault = fault;
            throw fault;
        }
    }

    private static HttpFault? FaultIn(Exception exception, PageAttempt page, HttpRetryOptions options) => exception switch
    {
        HttpFault fault => fault,
        // A page that is too large is no less so the next time.
        SourceException => null,
        OperationCanceledException when page.Token.IsCancellationRequested => HttpFault.TooSlow(options.AttemptTimeout, exception),
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        } unreachable => new HttpFault($"hokify could not be reached ({unreachable.HttpRequestError})", isTransient: true, innerException: exception),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => HttpFault.TooManyHeaders(exception),
        HttpRequestException => HttpFault.BrokenOff(exception),
        // A compressed body that is cut is invalid data, not an I/O error.
        IOException or InvalidDataException => HttpFault.BrokenOff(exception),
        // Parsers wrap what the stream beneath them throws.
        { InnerException: { } inner } => FaultIn(inner, page, options),
        _ => null,
    };

    private SourceException GaveUp(PageAttempt page, HttpFault fault)
    {
        var attempts = Counted.Text($"{page.Number} {page.Number:attempt|attempts}");
        var isPostponement = !page.IsPageOver && fault.RetryAfter > page.Remaining;
        if (isPostponement && !fault.IsHeard)
        {
            ImportMetrics.Throttled(_scopeId, fault.RetryAfter!.Value);
        }

        var reason = fault switch
        {
            { RetryAfter: { } wait } when isPostponement =>
                $" and asks to wait {wait.TotalSeconds:0} s, longer than the {Math.Max(0, page.Remaining.TotalSeconds):0} s left of Http:TotalTimeout; gave up after {attempts}",
            _ when page.IsPageOver => $"; gave up after {attempts} because Http:TotalTimeout ({_options.TotalTimeout.TotalSeconds:0.###} s) has passed",
            _ => $"; gave up after {attempts}",
        };
        return new SourceException($"{page.Position}: {fault.Message}{reason}.", fault)
        {
            Said = fault.Said,
            AskAgainAt = _clock.GetUtcNow() + fault.RetryAfter,
            IsPostponement = isPostponement,
        };
    }

    private ResiliencePipeline RetryingPipeline() => new ResiliencePipelineBuilder { TimeProvider = _clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = _options.Retries,
            Delay = _options.Delay,
            MaxDelay = _options.TotalTimeout,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = retry => ValueTask.FromResult(
                retry.Outcome.Exception is HttpFault { IsTransient: true } fault
                && !(fault.RetryAfter > retry.Context.Properties.GetValue(Page, null!).Remaining)),
            DelayGenerator = retry => ValueTask.FromResult((retry.Outcome.Exception as HttpFault)?.RetryAfter),
            OnRetry = retry =>
            {
                var page = retry.Context.Properties.GetValue(Page, null!);
                LogRetry(_logger, page.Position, retry.Outcome.Exception!.Message, page.Number, retry.RetryDelay);
                ImportMetrics.TriedAgain(ImportMetrics.OfCall);
                if (retry.Outcome.Exception is HttpFault { IsThrottling: true })
                {
                    ImportMetrics.Throttled(_scopeId, retry.RetryDelay);
                }

                return ValueTask.CompletedTask;
            },
        })
        .Build();

    [LoggerMessage(LogLevel.Warning, "{Position}: {Fault}; attempt {Attempt} failed, the next one follows in {Delay}")]
    private static partial void LogRetry(ILogger logger, string position, string fault, int attempt, TimeSpan delay);
}

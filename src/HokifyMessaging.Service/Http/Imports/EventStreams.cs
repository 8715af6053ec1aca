using System.Threading.RateLimiting;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>How many follow imports: each API key, and all together.</summary>
internal sealed class EventStreams : IDisposable
{
    /// <summary>When one of them may have ended.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly LimitOptions _limits;
    private readonly ConcurrencyLimiter _all;
    private readonly PartitionedRateLimiter<string> _ofKeys;

    public EventStreams(IOptions<HttpOptions> options)
    {
        _limits = options.Value.Limits;
        _all = new ConcurrencyLimiter(Of(_limits.EventStreams));
        _ofKeys = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetConcurrencyLimiter(key, _ => Of(_limits.EventStreamsPerKey)));
    }

    /// <summary>Takes a place until the answer is over.</summary>
    /// <returns>Why there is none; null when there is.</returns>
    public IResult? Enter(HttpContext context)
    {
        var key = context.User.Identity?.Name ?? "";
        var ofKey = _ofKeys.AttemptAcquire(key);
        context.Response.RegisterForDispose(ofKey);
        if (!ofKey.IsAcquired)
        {
            context.Response.RetryAfter(Pause);
            return Problems.TooMany(Counted.Text($"The API key '{key}' follows {_limits.EventStreamsPerKey} {_limits.EventStreamsPerKey:import|imports}, and no more at a time; end one of these streams, or ask again later."));
        }

        var ofAll = _all.AttemptAcquire();
        context.Response.RegisterForDispose(ofAll);
        if (!ofAll.IsAcquired)
        {
            context.Response.RetryAfter(Pause);
            return Problems.Unavailable(Counted.Text($"{_limits.EventStreams} {_limits.EventStreams:import is|imports are} being followed, and no more at a time; ask again later."));
        }

        return null;
    }

    public void Dispose()
    {
        _all.Dispose();
        _ofKeys.Dispose();
    }

    private static ConcurrencyLimiterOptions Of(int most) => new() { PermitLimit = most, QueueLimit = 0 };
}

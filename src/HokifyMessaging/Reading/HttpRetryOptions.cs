using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>Retries and time limits of HTTP calls to hokify.</summary>
internal sealed class HttpRetryOptions
{
    /// <summary>How often a call is tried again after 408, 429, 5xx or a network fault. Default: 5; 0 to 20.</summary>
    [Range(0, 20)]
    public int Retries { get; set; } = 5;

    /// <summary>The pause before the first retry; it doubles, with jitter, and a <c>Retry-After</c> of the server outranks it. Default: 1 second; 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time limit of one attempt. Default: 30 seconds; 100 milliseconds to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time limit of all attempts for one page together. Default: 2 minutes; 100 milliseconds to 20 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:20:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(2);
}

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// Why one attempt at a page failed. Never leaves this folder: <see cref="PageAttempts"/> tries again or turns it into a
/// <see cref="SourceException"/> that also says where and how often.
/// </summary>
/// <param name="what">The fault as the beginning of a sentence, without a full stop: <c>hokify answered 503 …</c>.</param>
/// <param name="isTransient">Whether another attempt may succeed.</param>
/// <param name="retryAfter">How long the server asks to wait.</param>
internal sealed class HttpFault(string what, bool isTransient, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(what, innerException)
{
    public bool IsTransient { get; } = isTransient;

    /// <summary>The server's own words, which could name a person and are no part of the message; null when it said nothing.</summary>
    public string? Said { get; init; }

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the server says that it is asked too much: by its status, or by how long it asks to wait.</summary>
    public bool IsThrottling
    {
        get => field || RetryAfter is not null;
        init;
    }

    /// <summary>Whether another call was told so, and not this one.</summary>
    public bool IsHeard { get; private init; }

    /// <summary>The same for a call that was not made because of it.</summary>
    /// <param name="wait">What is left of the wait.</param>
    public HttpFault Heard(TimeSpan wait) => new(Message, IsTransient, wait) { Said = Said, IsThrottling = true, IsHeard = true };

    public static HttpFault BrokenOff(Exception? innerException = null) =>
        new("the connection broke before the whole answer was read", isTransient: true, innerException: innerException);

    public static HttpFault TooManyHeaders(Exception innerException) =>
        new($"hokify's answer has more than {HokifyHttp.LargestHeadersInKilobytes} KB of headers, where fewer are expected", isTransient: false, innerException: innerException);

    public static HttpFault TooSlow(TimeSpan limit, Exception innerException) =>
        new($"hokify did not answer completely within {limit.TotalSeconds:0.###} s", isTransient: true, innerException: innerException);
}

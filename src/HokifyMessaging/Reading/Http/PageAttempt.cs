namespace HokifyMessaging.Reading.Http;

/// <summary>
/// The attempts at one page and their time limits. The limits include the body, which HTTP handlers cannot do for a
/// response that is streamed.
/// </summary>
internal sealed class PageAttempt : IDisposable
{
    private readonly HttpRetryOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _page;
    private readonly CancellationTokenRegistration _callerEndsPage;
    private CancellationTokenSource? _attempt;
    private CancellationTokenRegistration _pageEndsAttempt;
    private long _since;

    public PageAttempt(string position, HttpRetryOptions options, TimeProvider clock, CancellationToken caller)
    {
        Position = position;
        _options = options;
        _clock = clock;
        _caller = caller;
        _since = clock.GetTimestamp();
        _page = new CancellationTokenSource(options.TotalTimeout, clock);
        _callerEndsPage = caller.UnsafeRegister(Cancel, _page);
    }

    /// <summary>The page in words.</summary>
    public string Position { get; }

    /// <summary>How many attempts have begun.</summary>
    public int Number { get; private set; }

    /// <summary>Why the attempt before this one failed.</summary>
    public HttpFault? LastFault { get; set; }

    /// <summary>Its place among all calls with the same credentials; null before it has one. It keeps that however often it is tried.</summary>
    public long? Turn { get; set; }

    /// <summary>Ends with this attempt's time limit, the page's, or the caller's wish.</summary>
    public CancellationToken Token => _attempt?.Token ?? _page.Token;

    /// <summary>Ends with the page's time limit or the caller's wish.</summary>
    public CancellationToken PageToken => _page.Token;

    /// <summary>Whether the time for all attempts together is used up.</summary>
    public bool IsPageOver => _page.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>What is left of the time for all attempts together.</summary>
    public TimeSpan Remaining => _options.TotalTimeout - _clock.GetElapsedTime(_since);

    public void Begin()
    {
        Number++;
        EndAttempt();
        _attempt = new CancellationTokenSource(_options.AttemptTimeout, _clock);
        _pageEndsAttempt = _page.Token.UnsafeRegister(Cancel, _attempt);
    }

    /// <summary>
    /// Starts the limits anew. Going back to the middle of one long list means to read all that is before it: that takes as
    /// long as it takes, as long as it moves.
    /// </summary>
    public void Progressed()
    {
        _since = _clock.GetTimestamp();
        _page.CancelAfter(_options.TotalTimeout);
        _attempt?.CancelAfter(_options.AttemptTimeout);
    }

    /// <summary>Until what this returns is disposed, no limit comes nearer: who waits for a turn takes nobody's time.</summary>
    public Waiting Wait()
    {
        var waiting = new Waiting(this, Remaining);
        _page.CancelAfter(Timeout.InfiniteTimeSpan);
        _attempt?.CancelAfter(Timeout.InfiniteTimeSpan);
        return waiting;
    }

    /// <summary>Starts the attempt's own limit anew: the call was one too many, and is made again.</summary>
    public void Again(HttpFault fault)
    {
        LastFault = fault;
        _attempt?.CancelAfter(_options.AttemptTimeout);
    }

    public void Dispose()
    {
        EndAttempt();
        _callerEndsPage.Dispose();
        _page.Dispose();
    }

    private void EndAttempt()
    {
        _pageEndsAttempt.Dispose();
        _attempt?.Dispose();
        _attempt = null;
    }

    private static void Cancel(object? source) => ((CancellationTokenSource)source!).Cancel();

    /// <summary>Time that does not count.</summary>
    /// <param name="Remaining">What is left for all attempts together.</param>
    internal readonly record struct Waiting(PageAttempt Attempt, TimeSpan Remaining) : IDisposable
    {
        public void Dispose()
        {
            var left = Remaining > TimeSpan.Zero ? Remaining : TimeSpan.Zero;
            Attempt._since = Attempt._clock.GetTimestamp() - (long)((Attempt._options.TotalTimeout - left).TotalSeconds * Attempt._clock.TimestampFrequency);
            Attempt._page.CancelAfter(left);
            Attempt._attempt?.CancelAfter(Attempt._options.AttemptTimeout);
        }
    }
}

using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// All calls with one set of credentials, whichever scopes and reads they belong to: how many are under way, at which pace they go out, and whether the
/// source wants to be left alone. What it tells one call holds for all of them.
/// </summary>
internal sealed class SourceGate(TimeProvider clock)
{
    /// <summary>While others are answered, a call that is refused was one too many; once nobody has been for so long, something else is wrong.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Who is refused so often in a row, whatever the others are, has bad luck or is the reason: that is for the attempts to find out.</summary>
    private const int MostRefusals = 10;

    /// <summary>Fewer answers than that say nothing of how many a source gives in a second.</summary>
    private const int Telling = 4;

    private readonly Lock _gate = new();
    private readonly CallDoor _door = new();
    private readonly long _begun = clock.GetTimestamp();
    private readonly Queue<TimeSpan> _answers = new();
    private CallWidth _width = CallWidth.Start;
    private CallPace _pace;
    private Stop? _stop;
    private TimeSpan? _lastAnswer;
    private long _turns;
    private int _present;
    private int _underWay;
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Now => clock.GetElapsedTime(_begun);

    /// <summary>How many calls may be under way at once.</summary>
    public int Width
    {
        get
        {
            lock (_gate)
            {
                return (int)_width.Calls;
            }
        }
    }

    /// <summary>Whether a call may be made that nobody waits for yet.</summary>
    /// <param name="most">As many may be under way at most.</param>
    public bool HasRoom(int most)
    {
        lock (_gate)
        {
            return _present < Math.Min(most, (int)_width.Calls) && !_pace.IsInDoubt && !(_stop?.Until > Now);
        }
    }

    /// <summary>Makes a call when it is its turn; again where it was one too many. Waiting for a turn takes none of the attempt's time.</summary>
    /// <param name="attempt">The attempt that it belongs to.</param>
    /// <param name="most">How many calls may be under way at most; 1 reads page after page, at no pace but the source's.</param>
    /// <param name="read">From the request to the last byte of the answer.</param>
    /// <exception cref="HttpFault">The source wants to be left alone for longer than the attempt may wait, or the call has failed.</exception>
    public async Task<T> PassAsync<T>(PageAttempt attempt, int most, Func<GatedCall, Task<T>> read)
    {
        lock (_gate)
        {
            _present++;
            attempt.Turn ??= _turns++;
        }

        try
        {
            for (var refusals = 0; ; refusals++)
            {
                var sent = await EnterAsync(attempt);
                try
                {
                    return await read(new GatedCall(() => Answered(sent, most)));
                }
                catch (HttpFault fault) when (fault.IsThrottling)
                {
                    if (!WasOneTooMany(fault, sent, most) || refusals >= MostRefusals)
                    {
                        throw;
                    }

                    attempt.Again(fault);
                    ImportMetrics.TriedAgain(ImportMetrics.OfCall);
                }
                finally
                {
                    Leave();
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _present--;
            }
        }
    }

    private async Task<TimeSpan> EnterAsync(PageAttempt attempt)
    {
        using var waiting = attempt.Wait();
        await _door.EnterAsync(attempt.Turn ?? 0, attempt.Token);
        try
        {
            while (true)
            {
                Task? changed;
                TimeSpan wait;
                lock (_gate)
                {
                    var now = Now;
                    if (_stop is { } stop && stop.Until > now)
                    {
                        (wait, changed) = (stop.Until - now, null);
                        if (wait > waiting.Remaining)
                        {
                            throw stop.Fault.Heard(wait);
                        }
                    }
                    else if (_pace.IsInDoubt && _underWay > 0)
                    {
                        (wait, changed) = (Timeout.InfiniteTimeSpan, _left.Task);
                    }
                    else if (_pace.NotBefore > now)
                    {
                        (wait, changed) = (_pace.NotBefore - now, null);
                    }
                    else
                    {
                        _pace = _pace.Sent(now);
                        _underWay++;
                        return now;
                    }
                }

                await WaitAsync(wait, changed, attempt.Token);
            }
        }
        finally
        {
            _door.Leave();
        }
    }

    private Task WaitAsync(TimeSpan wait, Task? left, CancellationToken cancellationToken) =>
        left?.WaitAsync(cancellationToken) ?? Task.Delay(wait, clock, cancellationToken);

    private void Answered(TimeSpan sent, int most)
    {
        lock (_gate)
        {
            var now = Now;
            _answers.Enqueue(now);
            _lastAnswer = now;
            _width = _width.Answered(sent, now, most);
            _pace = _pace.Answered(sent, now, AnswersLately(now));
        }
    }

    /// <returns>Whether that is all that is wrong, so that the call can simply be made again.</returns>
    private bool WasOneTooMany(HttpFault fault, TimeSpan sent, int most)
    {
        lock (_gate)
        {
            var now = Now;
            _width = _width.Refused(sent, now);
            if (most > 1)
            {
                _pace = _pace.Refused(sent, now, AnswersLately(now));
            }

            if (fault.RetryAfter is { } wait && !(_stop?.Until > now + wait))
            {
                _stop = new Stop(now + wait, fault);
            }

            return fault.RetryAfter is null && !_pace.IsUnknown && now - _lastAnswer < Lately;
        }
    }

    private double AnswersLately(TimeSpan now)
    {
        while (_answers.TryPeek(out var oldest) && oldest < now - Lately)
        {
            _answers.Dequeue();
        }

        if (_answers.Count < Telling)
        {
            return 0;
        }

        var inSecond = _answers.Count(answer => answer > now - Second);
        // Rare answers are counted over a longer time.
        return inSecond > 1 ? inSecond / Math.Clamp(now.TotalSeconds, 0.1, 1) : _answers.Count / Lately.TotalSeconds;
    }

    private void Leave()
    {
        TaskCompletionSource left;
        lock (_gate)
        {
            _underWay--;
            (left, _left) = (_left, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        left.SetResult();
    }

    /// <summary>The source wants to be left alone.</summary>
    private sealed record Stop(TimeSpan Until, HttpFault Fault);
}

/// <summary>A call that is under way.</summary>
/// <param name="answered">Is told that its answer has begun, and is none that refuses.</param>
internal sealed class GatedCall(Action answered)
{
    public void Answered() => answered();
}

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// The source's clock, as the <c>Date</c> of its answers shows it. What has changed by a clock that is behind ours has not
/// changed before ours says so: a window that ended at our present would never be read to its end.
/// </summary>
internal sealed class SourceClock(TimeProvider clock)
{
    /// <summary><c>Date</c> has whole seconds, and an answer takes its time: below this nobody can say that a clock is behind.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    private long _skewTicks;

    /// <summary>How far the source's clock is ahead of ours, negative where it is behind; zero where nobody can say.</summary>
    public TimeSpan Skew => TimeSpan.FromTicks(Interlocked.Read(ref _skewTicks));

    /// <summary>How far the source's clock is behind ours; zero where it is not.</summary>
    public TimeSpan Behind => Skew < TimeSpan.Zero ? -Skew : TimeSpan.Zero;

    /// <summary>The present there, where that is behind ours; else ours.</summary>
    public DateTimeOffset Present => clock.GetUtcNow() - Behind;

    public void Note(HttpResponseMessage response)
    {
        if (response.Headers.Date is { } date)
        {
            var now = clock.GetUtcNow();
            var (ahead, behind) = (date - now, now - (date + Resolution));
            Interlocked.Exchange(ref _skewTicks, behind > Tolerance ? -behind.Ticks : ahead > Tolerance ? ahead.Ticks : 0);
        }
    }
}

/// <summary>A window whose end is frozen on the source's clock, by the first answer.</summary>
internal sealed class FrozenWindow(ReadWindow asked, SourceClock clock)
{
    private ReadWindow? _frozen;

    /// <summary>Where the window ends; null where that is no earlier than what was asked for.</summary>
    public DateTimeOffset? ReadTo => _frozen?.To < asked.To ? _frozen.To : null;

    /// <param name="signIn">Makes sure that the source has been spoken to.</param>
    /// <param name="read">Reads a part of the window.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async Task<T> ReadAsync<T>(
        Func<CancellationToken, Task> signIn, Func<ReadWindow, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (_frozen is { } frozen)
        {
            return await read(frozen, cancellationToken);
        }

        await signIn(cancellationToken);
        var assumed = EndsByNow();
        var answer = await read(assumed, cancellationToken);
        if (EndsByNow() is var known && known.To + SourceClock.Tolerance < assumed.To)
        {
            // The sign-in was long ago, and what the clock showed then is not true any more. What whole seconds leave open is no such news.
            (answer as IDisposable)?.Dispose();
            answer = await read(known, cancellationToken);
            assumed = known;
        }

        _frozen = assumed;
        return answer;
    }

    private ReadWindow EndsByNow()
    {
        var present = clock.Present;
        if (clock.Behind == TimeSpan.Zero || asked.To is not { } to || to <= present + SourceClock.Tolerance)
        {
            return asked;
        }

        return new ReadWindow(asked.From < present ? asked.From : asked.From is null ? null : present, present);
    }
}

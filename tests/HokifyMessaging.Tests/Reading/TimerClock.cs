using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Reading;

/// <summary>A clock that stands still and tells for how long someone wants to wait, so that a test can let exactly that pass.</summary>
internal sealed class TimerClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Completes when someone waits for exactly this long.</summary>
    public async Task WaitedForAsync(TimeSpan dueTime, CancellationToken cancellationToken)
    {
        await foreach (var timer in _timers.Reader.ReadAllAsync(cancellationToken))
        {
            if (timer == dueTime)
                return;
        }
    }
}

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
    public Task WaitedForAsync(TimeSpan dueTime, CancellationToken cancellationToken) => WaitedAsync(timer => timer == dueTime, cancellationToken);

    /// <summary>Completes when someone waits for as long as is looked for.</summary>
    /// <returns>How long that is.</returns>
    public async Task<TimeSpan> WaitedAsync(Func<TimeSpan, bool> isIt, CancellationToken cancellationToken)
    {
        await foreach (var timer in _timers.Reader.ReadAllAsync(cancellationToken))
        {
            if (isIt(timer))
            {
                return timer;
            }
        }

        throw new InvalidOperationException("The timers never end.");
    }
}

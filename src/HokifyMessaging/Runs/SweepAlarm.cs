using System.Threading.Channels;

namespace HokifyMessaging.Runs;

/// <summary>Has the sweeper of this process look when a run resumes, and not at the end of its round.</summary>
internal sealed class SweepAlarm(TimeProvider clock)
{
    private readonly Channel<DateTimeOffset> _instants = Channel.CreateUnbounded<DateTimeOffset>(new UnboundedChannelOptions { SingleReader = true });

    public void RingAt(DateTimeOffset instant) => _instants.Writer.TryWrite(instant);

    /// <summary>Waits until the instant, or until an earlier one that somebody has named meanwhile.</summary>
    public async Task WaitAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (until - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            try
            {
                var named = await TimeLimit.WithinAsync(left, clock, async token => await _instants.Reader.ReadAsync(token), cancellationToken);
                until = named < until ? named : until;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}

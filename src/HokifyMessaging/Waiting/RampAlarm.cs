using System.Threading.Channels;

namespace HokifyMessaging.Waiting;

/// <summary>Has this process look at ramps when it has started one, and not at the end of its round.</summary>
internal sealed class RampAlarm(TimeProvider clock)
{
    private readonly Channel<bool> _rings = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => _rings.Writer.TryWrite(true);

    /// <summary>Waits for so long, or until somebody rings.</summary>
    public async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await TimeLimit.WithinAsync(pause, clock, async token => await _rings.Reader.ReadAsync(token), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody has rung.
        }
    }
}

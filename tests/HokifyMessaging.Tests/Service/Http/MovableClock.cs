namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The machine's clock, as if so much time had passed; timers take the time that they take.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _moved;

    public void Move(TimeSpan time) => Interlocked.Add(ref _moved, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _moved));
}

using System.Diagnostics;

namespace HokifyMessaging.Sandbox;

/// <summary>Which calls a page's answer is about.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Limit">How many it has at most; 0 where the call lists nothing.</param>
internal readonly record struct Pages(long Offset, long Limit)
{
    public bool Has(long offset) => offset >= Offset && offset < Offset + Limit;
}

/// <summary>A limit of calls a second that moves up and down, in real time, and that nobody is told. Not for several threads.</summary>
internal sealed class MovingLimit(SandboxFault fault)
{
    private const double KeptSeconds = 0.5;

    private readonly Stopwatch _watch = new();
    private TimeSpan _last;
    private double _unused = 1;

    /// <summary>How many calls it would have let pass so far.</summary>
    public double Allowed { get; private set; }

    public bool LetsPass()
    {
        _watch.Start();
        var now = _watch.Elapsed;
        var perSecond = At((now + _last) / 2);
        var gained = (now - _last).TotalSeconds * perSecond;
        _last = now;
        Allowed += gained;
        _unused = Math.Min(Math.Max(1, perSecond * KeptSeconds), _unused + gained);
        if (_unused < 1)
        {
            return false;
        }

        _unused--;
        return true;
    }

    private double At(TimeSpan time)
    {
        var (least, most) = (fault.LeastPerSecond, fault.MostPerSecond);
        return ((least + most) / 2) - ((most - least) / 2 * Math.Cos(2 * Math.PI * (time / fault.Swing)));
    }
}

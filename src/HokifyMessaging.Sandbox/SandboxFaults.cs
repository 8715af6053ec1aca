using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox;

/// <summary>The faults that are switched on. They strike in the order in which they were added; of two that answer a call, the earlier one does.</summary>
public sealed class SandboxFaults
{
    private readonly Lock _gate = new();
    private volatile ActiveFault[] _active = [];

    internal SandboxFaults()
    {
    }

    /// <summary>What is switched on, spent faults included.</summary>
    public IReadOnlyList<SandboxFaultState> Active
    {
        get
        {
            lock (_gate)
            {
                return [.. _active.Select(a => new SandboxFaultState(a.Fault, a.Hits) { Allowed = a.Allowed })];
            }
        }
    }

    /// <summary>Switches a fault on, beside those that are on already.</summary>
    /// <param name="fault">What goes wrong, when and how often.</param>
    /// <exception cref="ArgumentException">A count or a time of the fault is negative, or an application is named for a fault that breaks calls.</exception>
    public void Add(SandboxFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        if (!Enum.IsDefined(fault.Kind) || !Enum.IsDefined(fault.On))
        {
            throw new ArgumentException("The fault's kind or call is not one of those defined.", nameof(fault));
        }

        if (fault.After < 0 || fault.Times < 0 || fault.CutAfterBytes < 0 || fault.BombBytes < 0 || fault.Delay < TimeSpan.Zero)
        {
            throw new ArgumentException("The counts and times of a fault are 0 or more.", nameof(fault));
        }

        if (fault.MostAtOnce < 1 || fault.LeastPerSecond <= 0 || fault.MostPerSecond < fault.LeastPerSecond || fault.Swing <= TimeSpan.Zero)
        {
            throw new ArgumentException("A limit of a fault is more than nothing, and its highest one not below its lowest.", nameof(fault));
        }

        if (fault.ApplicationId is not null && Flaw(fault.Kind) == Flaws.None)
        {
            throw new ArgumentException($"{fault.Kind} breaks calls; an application can be named only for kinds that break records.", nameof(fault));
        }

        lock (_gate)
        {
            _active = [.. _active, new ActiveFault(fault)];
        }
    }

    /// <summary>Switches a fault on: the next calls (or records) after some that go well.</summary>
    /// <param name="kind">What goes wrong.</param>
    /// <param name="after">How many go well before. Default: 0.</param>
    /// <param name="times">How many are hit. Default: 1; null means all until the faults are cleared.</param>
    public void Add(SandboxFaultKind kind, int after = 0, int? times = 1) => Add(new SandboxFault(kind) { After = after, Times = times });

    /// <summary>Switches all faults off and heals the records they broke.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _active = [];
        }
    }

    /// <summary>Counts the call and says what goes wrong with it.</summary>
    internal CallFaults Strike(SandboxCall call, string? mandator, Pages pages, int underWay = 1)
    {
        var struck = new CallFaults();
        if (_active.Length == 0)
        {
            return struck;
        }

        lock (_gate)
        {
            foreach (var active in _active)
            {
                if (!active.Concerns(call, mandator, pages) || !active.Strikes(underWay))
                {
                    continue;
                }

                struck = struck.With(active.Fault, underWay, active.Hits);
                if (struck.Answer is not null)
                {
                    break;
                }
            }
        }

        return struck;
    }

    /// <summary>Counts the record and says what is wrong with it.</summary>
    internal Flaws FlawsOf(string mandator, int index, string id)
    {
        if (_active.Length == 0)
        {
            return Flaws.None;
        }

        var flaws = Flaws.None;
        lock (_gate)
        {
            foreach (var active in _active)
            {
                if (active.Breaks(mandator, index, id))
                {
                    flaws |= Flaw(active.Fault.Kind);
                }
            }
        }

        return flaws;
    }

    private static Flaws Flaw(SandboxFaultKind kind) => kind switch
    {
        SandboxFaultKind.MissingId => Flaws.MissingId,
        SandboxFaultKind.BrokenBirthday => Flaws.BrokenBirthday,
        SandboxFaultKind.OverlongText => Flaws.OverlongText,
        SandboxFaultKind.DuplicateId => Flaws.DuplicateId,
        SandboxFaultKind.NullUser => Flaws.NullUser,
        SandboxFaultKind.BrokenLastUpdate => Flaws.BrokenLastUpdate,
        _ => Flaws.None,
    };

    private sealed class ActiveFault(SandboxFault fault)
    {
        private readonly HashSet<(string Mandator, int Index)> _broken = [];
        private readonly MovingLimit _limit = new(fault);
        private int _passed;

        public SandboxFault Fault => fault;

        public int Hits { get; private set; }

        public double Allowed => _limit.Allowed;

        public bool Concerns(SandboxCall call, string? mandator, Pages pages) =>
            Flaw(fault.Kind) == Flaws.None
            && (fault.On == SandboxCall.Any || fault.On == call)
            && (fault.Mandator is null || fault.Mandator == mandator)
            && (fault.Offset is not { } offset || pages.Has(offset))
            && (pages.Offset > 0 || fault.Kind is not (SandboxFaultKind.RepeatedPage or SandboxFaultKind.IgnoredOffset or SandboxFaultKind.MovingList or SandboxFaultKind.RepeatedLastPage));

        public bool Strikes(int underWay) => fault.Kind switch
        {
            SandboxFaultKind.MostAtOnce => underWay > fault.MostAtOnce && Count(),
            SandboxFaultKind.RateLimit => !_limit.LetsPass() && Count(),
            _ => Count(),
        };

        public bool Count()
        {
            if (_passed < fault.After)
            {
                _passed++;
                return false;
            }

            if (Hits >= fault.Times)
            {
                return false;
            }

            Hits++;
            return true;
        }

        public bool Breaks(string mandator, int index, string id)
        {
            if (Flaw(fault.Kind) == Flaws.None || (fault.Mandator is not null && fault.Mandator != mandator))
            {
                return false;
            }

            if (fault.ApplicationId is not null && fault.ApplicationId != id)
            {
                return false;
            }

            if (_broken.Contains((mandator, index)))
            {
                return true;
            }

            if (!Count())
            {
                return false;
            }

            _broken.Add((mandator, index));
            return true;
        }
    }
}

/// <summary>What goes wrong with one call.</summary>
internal sealed record CallFaults
{
    /// <summary>The fault that answers in the API's place, if any.</summary>
    public SandboxFault? Answer { get; private init; }

    public TimeSpan Delay { get; private init; }

    public bool ShortPage { get; private init; }

    public int? CutAfterBytes { get; private init; }

    /// <summary>Where a body that does not say where it ends is to end.</summary>
    public int? UnsaidEnd { get; private init; }

    public bool RepeatedPage { get; private init; }

    public bool IgnoredOffset { get; private init; }

    public SandboxMove? Moves { get; private init; }

    public bool RepeatedRecord { get; private init; }

    public bool RepeatedLastPage { get; private init; }

    public bool UnknownMembers { get; private init; }

    public bool WrongShape { get; private init; }

    /// <param name="fault">What strikes as well.</param>
    /// <param name="underWay">How many calls are under way, this one included.</param>
    /// <param name="hits">How often it has struck, this call included.</param>
    public CallFaults With(SandboxFault fault, int underWay, int hits) => fault.Kind switch
    {
        SandboxFaultKind.Disordered => this with { Delay = Delay + (fault.Delay * (hits * 0.618 % 1)) },
        SandboxFaultKind.Crowded => this with { Delay = Delay + (fault.Delay * underWay) },
        SandboxFaultKind.ShortPage => this with { ShortPage = true },
        SandboxFaultKind.Slow => this with { Delay = Delay + fault.Delay },
        SandboxFaultKind.CutConnection => this with { CutAfterBytes = fault.CutAfterBytes },
        SandboxFaultKind.UnsaidEnd => this with { UnsaidEnd = fault.CutAfterBytes },
        SandboxFaultKind.RepeatedPage => this with { RepeatedPage = true },
        SandboxFaultKind.IgnoredOffset => this with { IgnoredOffset = true },
        SandboxFaultKind.MovingList => this with { Moves = fault.Moves },
        SandboxFaultKind.RepeatedRecord => this with { RepeatedRecord = true },
        SandboxFaultKind.RepeatedLastPage => this with { RepeatedLastPage = true },
        SandboxFaultKind.UnknownMembers => this with { UnknownMembers = true },
        SandboxFaultKind.WrongShape => this with { WrongShape = true },
        _ => this with { Answer = fault },
    };
}

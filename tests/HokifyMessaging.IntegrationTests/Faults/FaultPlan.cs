using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>What is done in one round, by whom and when, drawn from the seed: the same seed gives the same plan.</summary>
internal sealed class FaultPlan
{
    public const int Scopes = 2;

    private static readonly SandboxFaultKind[] HokifyFaults =
    [
        SandboxFaultKind.Unauthorized, SandboxFaultKind.TooManyRequests, SandboxFaultKind.InternalServerError, SandboxFaultKind.ServiceUnavailable,
        SandboxFaultKind.Slow, SandboxFaultKind.CutConnection, SandboxFaultKind.NotJson, SandboxFaultKind.WrongShape, SandboxFaultKind.UnknownMembers,
    ];

    private readonly Random _random;
    private int _asked;

    private FaultPlan(int seed, bool moving)
    {
        _random = new Random(seed);
        Seed = seed;
        Applications = Between(30, 120);
        PageLimit = Between(3, 20);
        Order = Enum.GetValues<SandboxOrder>()[Between(0, 3)];
        DeadToken = Enum.GetValues<SandboxDeadToken>()[Between(0, 2)];
        Lanes =
        [
            new("publisher", Deeds(6, 12, Publish)),
            new("first process", Deeds(1, 3, Disturb)),
            new("second process", Deeds(1, 3, Disturb)),
            new("broker", Deeds(0, 2, DisturbBroker)),
            new("hokify", Deeds(1, 5, after => new Deed.FailHokify(after, HokifyFaults[Between(0, HokifyFaults.Length - 1)], Between(1, 4), Between(0, 5)))),
            new("database", Deeds(0, 2, after => new Deed.LockDatabase(after, Between(100, 6_000)))),
            new("time", moving ? Deeds(2, 8, Move) : []),
        ];
    }

    public int Seed { get; }

    public int Applications { get; }

    public int PageLimit { get; }

    public SandboxOrder Order { get; }

    public SandboxDeadToken DeadToken { get; }

    /// <summary>What one after the other does, beside all others.</summary>
    public IReadOnlyList<Lane> Lanes { get; private init; }

    /// <param name="seed">Decides everything.</param>
    /// <param name="moving">Whether applications come, change and go while they are read.</param>
    public static FaultPlan Of(int seed, bool moving) => new(seed, moving);

    /// <summary>The same requests, and nothing goes wrong.</summary>
    public static FaultPlan Quiet(int seed) => new(seed, moving: false) { Lanes = [new FaultPlan(seed, moving: false).Lanes[0]] };

    public override string ToString() =>
        $"seed {Seed}: {Applications} applications, pages of {PageLimit}, {Order}, dead tokens {DeadToken}\n"
        + string.Join('\n', Lanes.SelectMany(lane => lane.Deeds.Select(deed => $"  {lane.Name}: {deed}")));

    private Deed Publish(int after) => Between(0, 9) switch
    {
        < 6 => Asked(after),
        < 9 => new Deed.AskAgain(after, Between(0, 1_000)),
        _ => new Deed.AskOtherwise(after, Between(0, 1_000)),
    };

    private Deed.Ask Asked(int after)
    {
        var mode = Between(0, 2) == 0 ? ImportMode.Full : ImportMode.Incremental;
        return new(after, _asked++, Between(1, Scopes), mode, mode == ImportMode.Incremental && Between(0, 2) == 0 ? Between(1, 400) : null, Between(0, 9) == 0);
    }

    private Deed Disturb(int after) => Between(0, 9) switch
    {
        < 3 => new Deed.Kill(after, Between(0, 1_500)),
        < 6 => new Deed.Pause(after, Between(50, 5_000)),
        < 8 => new Deed.Terminate(after, Between(0, 1_500)),
        _ => new Deed.TerminateYoung(after, Between(0, 3_000)),
    };

    private Deed DisturbBroker(int after) => Between(0, 9) switch
    {
        < 4 => new Deed.CutConnections(after),
        < 6 => new Deed.StopBroker(after),
        < 8 => new Deed.KillBroker(after),
        _ => new Deed.PauseBroker(after, Between(100, 3_000)),
    };

    private Deed.MoveHokify Move(int after) =>
        new(after, Between(1, Scopes), Between(0, 3), Between(0, 5), Between(0, 3) == 0 ? 1 : 0, Between(0, 9) == 0 ? 1 : 0);

    private Deed[] Deeds(int least, int most, Func<int, Deed> draw) => [.. Enumerable.Range(0, Between(least, most)).Select(_ => draw(Between(0, 1_500)))];

    private int Between(int least, int most) => _random.Next(least, most + 1);

    internal sealed record Lane(string Name, IReadOnlyList<Deed> Deeds);
}

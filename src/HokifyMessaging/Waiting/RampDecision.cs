using HokifyMessaging.Storage;

namespace HokifyMessaging.Waiting;

/// <summary>What became of records that were tried.</summary>
/// <param name="Done">Those that are stored.</param>
/// <param name="Failed">Those that failed again.</param>
internal readonly record struct RampTries(int Done, int Failed)
{
    public int All => Done + Failed;

    public static RampTries operator +(RampTries left, RampTries right) => new(left.Done + right.Done, left.Failed + right.Failed);
}

/// <summary>
/// How a ramp goes on. Pure. A single record may fail for a reason of its own, be it the very first; what tells that the cause is still there is that more of them do than stragglers
/// would. A remedy that remedies nothing is found out by the third record, one that helps with nine of ten within the first two hundred.
/// </summary>
internal abstract record RampDecision
{
    /// <summary>One straggler among this many, and one more, is no sign of anything.</summary>
    public const int OneStragglerIn = 20;

    /// <summary>How many records the first steps try; each further one tries as many as the last of these, which is as many as one transaction changes.</summary>
    private static readonly int[] Sizes = [1, 2, 5, 20, 50, 100, 200, 500, 1_000];

    private RampDecision()
    {
    }

    /// <summary>So many records are tried next.</summary>
    public sealed record Climb(int Size) : RampDecision;

    /// <summary>It ends.</summary>
    public sealed record Stop(RampEnd End) : RampDecision;

    /// <summary>How many records a step tries.</summary>
    /// <param name="step">Counted from 1.</param>
    public static int SizeOf(int step) => Sizes[Math.Min(step, Sizes.Length) - 1];

    /// <summary>What comes behind a step.</summary>
    /// <param name="step">The step, counted from 1; 0 before the first.</param>
    /// <param name="ofStep">What became of its records.</param>
    /// <param name="ofAll">What became of all that were tried so far, these among them.</param>
    /// <param name="notTried">How many of its records were not tried although its import has ended.</param>
    /// <param name="left">How many records wait for a step.</param>
    public static RampDecision Of(int step, RampTries ofStep, RampTries ofAll, int notTried, int left) =>
        IsTooMuch(ofStep) || IsTooMuch(ofAll) ? new Stop(RampEnd.CauseIsThere)
        : notTried > 0 ? new Stop(RampEnd.NotTried)
        : left > 0 ? new Climb(Math.Min(SizeOf(step + 1), left))
        : new Stop(ofAll is { Failed: > 0, Done: 0 } ? RampEnd.CauseIsThere : RampEnd.Through);

    private static bool IsTooMuch(RampTries tries) => tries.Failed > 1 + (tries.All / OneStragglerIn);
}

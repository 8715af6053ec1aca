namespace HokifyMessaging.Planning;

/// <summary>Whether a full import may delete what its source no longer has.</summary>
internal abstract record DeletionDecision
{
    private DeletionDecision()
    {
    }

    public sealed record Allowed : DeletionDecision;

    public sealed record Refused(string Reason) : DeletionDecision;
}

/// <summary>A source that suddenly lacks much of what it had is more likely broken than right.</summary>
internal sealed record DeletionGuard(double Share, int Minimum)
{
    public DeletionDecision Decide(long active, long missing)
    {
        var limit = Math.Max(Minimum, (long)Math.Floor(active * Share));
        return missing <= limit
            ? new DeletionDecision.Allowed()
            : new DeletionDecision.Refused(FormattableString.Invariant(
                $"The source no longer has {missing} of {active} active applications, more than the {limit} that the deletion guard allows; nothing was deleted. If that is right, raise Hokify:Import:DeletionGuardShare for one full import."));
    }
}

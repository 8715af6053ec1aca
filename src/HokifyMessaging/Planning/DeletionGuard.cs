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

/// <summary>What is known of the applications that a full import's source no longer has.</summary>
internal enum AbsenceEvidence
{
    /// <summary>They are gone.</summary>
    Proven,

    /// <summary>The source has records that might be some of them, because nobody can say whose they are.</summary>
    Ambiguous,

    /// <summary>The source changed so fast, or was cut so often, that they may have slipped through.</summary>
    Unproven,

    /// <summary>The source does not have them; another one, from which the scope was read before, may be what brought them.</summary>
    ElsewhereBefore,
}

/// <summary>A source that suddenly lacks much of what it had is more likely broken than right.</summary>
/// <param name="Share">The largest share of the active applications that is deleted without anybody's accepting it.</param>
/// <param name="Minimum">How many always are.</param>
/// <param name="Accepted">How many somebody has accepted for this import; null where nobody has.</param>
internal sealed record DeletionGuard(double Share, int Minimum, int? Accepted = null)
{
    /// <param name="active">How many applications are active.</param>
    /// <param name="missing">How many of them the source no longer has.</param>
    /// <param name="read">How many records the source had.</param>
    /// <param name="evidence">What is known of those.</param>
    public DeletionDecision Decide(long active, long missing, long read, AbsenceEvidence evidence)
    {
        if (missing == 0)
        {
            return new DeletionDecision.Allowed();
        }

        if (evidence == AbsenceEvidence.Unproven)
        {
            return new DeletionDecision.Refused(Counted.Text(
                $"The source no longer has {missing} of {active} active {active:application|applications}, but it changed while each of several reads looked for {missing:it|them}, so {missing:it|they} may have slipped through; nothing was deleted. The next full import looks again."));
        }

        if (evidence == AbsenceEvidence.Ambiguous)
        {
            return new DeletionDecision.Refused(Counted.Text(
                $"The source no longer has {missing} of {active} active {active:application|applications}, but it has records without a usable id that may be {missing:this one|these}; nothing was deleted. A full import deletes when every record has its id."));
        }

        if (missing <= Accepted)
        {
            return new DeletionDecision.Allowed();
        }

        if (read == 0)
        {
            return new DeletionDecision.Refused(Counted.Text(
                $"The source had no application at all, and {active} {active:is|are} active here; nothing was deleted. A source that is empty is more likely broken than right; if {active:it is|they are} really gone, {AskAgain(missing)}"));
        }

        if (evidence == AbsenceEvidence.ElsewhereBefore)
        {
            return new DeletionDecision.Refused(Counted.Text(
                $"The source does not have {missing} of {active} active {active:application|applications}, and the scope was read from another source before, which may have brought {missing:it|them}; nothing was deleted. If {missing:it|they} shall go, {AskAgain(missing)}"));
        }

        var limit = Math.Max(Minimum, (long)Math.Floor(active * Share));
        return missing <= limit
            ? new DeletionDecision.Allowed()
            : new DeletionDecision.Refused(Counted.Text(
                $"The source no longer has {missing} of {active} active {active:application|applications}, more than the {Math.Max(limit, Accepted ?? 0)} that {(Accepted > limit ? "this request" : "the deletion guard")} allows; nothing was deleted. If {missing:it is|they are} really gone, {AskAgain(missing)}"));
    }

    private static string AskAgain(long missing) => FormattableString.Invariant($"ask for a full import again, with a new key and allowDeletions {missing}.");
}

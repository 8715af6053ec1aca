namespace HokifyMessaging.Planning;

/// <summary>
/// A source may deliver an application more than once in one read, in copies that differ. One of them wins, whichever is read
/// first: the newest version, else the newest application date, else the greater content. Only the winner is compared with
/// what was stored before; the row remembers the others, so that the next read of the same source finds no news in them.
/// </summary>
internal static class CopyContest
{
    private const string DuplicateId =
        "is a duplicate id: an earlier record of this run with the same id belongs to another person; each application needs an id of its own";

    /// <param name="application">The copy that was read.</param>
    /// <param name="current">The application as it stands now.</param>
    /// <param name="person">The row of the person whom the copy names; null where there is none.</param>
    /// <param name="isRepeat">Whether the copy that stands there is one of this run.</param>
    /// <returns>What becomes of a copy that does not get into the row; null for one that may.</returns>
    public static ApplicationPlan? Decide(IncomingApplication application, PendingProfile current, CandidateKey? person, bool isRepeat)
    {
        if (isRepeat)
        {
            return IsSomebodyElses(application, current, person) ? Reject(application, current)
                : !current.IsDeleted && IsOther(application, current) && Loses(application, current) ? Yield(application, current)
                : null;
        }

        return !application.IsDecided && !current.IsDeleted && !(application.Version < current.Version) && IsOther(application, current)
            && (current.Others.Contains(application.Copy) || (!application.HasPersonsId && application.Key.IsSomebodyElseThan(current.Key)))
            ? new ApplicationPlan.Hold(application)
            : null;
    }

    /// <summary>What the row remembers when the copy gets into it; null where that stays as it is.</summary>
    public static OtherCopies? RememberedBy(IncomingApplication application, PendingProfile replaced, bool isRepeat)
    {
        var others = replaced.Others;
        if (!isRepeat && IsOther(application, replaced))
        {
            // News: whoever lost against the former copy may try again.
            others = OtherCopies.None;
        }
        else if (isRepeat && IsOther(application, replaced) && !(replaced.Version < application.Version) && !(application.Version < replaced.Version))
        {
            others = others.With(replaced.Digest?.Copy);
        }

        return ReferenceEquals(others, replaced.Others) ? null : others;
    }

    /// <summary>A row from before copies were told apart has none; it gets one with the next copy.</summary>
    private static bool IsOther(IncomingApplication application, PendingProfile current) =>
        current.Digest is { } digest && digest.Copy != application.Copy;

    private static bool IsSomebodyElses(IncomingApplication application, PendingProfile current, CandidateKey? person) =>
        (current.Digest is null || IsOther(application, current))
        && (application.HasPersonsId ? current.Person != person : application.Key.IsSomebodyElseThan(current.Key));

    /// <summary>Whoever has lost does not try again, even where it was a third copy that it lost against.</summary>
    private static bool Loses(IncomingApplication application, PendingProfile current) =>
        current.Others.Contains(application.Copy) || Compare(application, current) < 0;

    /// <summary>Negative when the copy that stands there is the better one; where a copy has no version its application date stands for it.</summary>
    private static int Compare(IncomingApplication application, PendingProfile current)
    {
        var copy = current.Digest!.Copy;
        var byTime = Nullable.Compare(application.Instant, current.Version ?? copy.Date);
        return byTime != 0 ? byTime : application.Copy.CompareTo(copy);
    }

    private static ApplicationPlan.Yield Yield(IncomingApplication application, PendingProfile current) => new(application)
    {
        // An older version loses in any case.
        Remembered = application.Version < current.Version ? null : Added(application, current),
    };

    private static ApplicationPlan.Reject Reject(IncomingApplication application, PendingProfile current)
    {
        var whole = application.Materialize();
        var rejection = new Rejection(ElementNames.CandidateProfile, whole.Position, application.Id, "_id", FailureCause.Contradiction, DuplicateId, whole.Payload)
        {
            // As the record names it, whoever the stored application belongs to.
            Person = whole.PersonId,
        };
        return new ApplicationPlan.Reject(application, rejection) { Remembered = Added(application, current) };
    }

    private static OtherCopies? Added(IncomingApplication application, PendingProfile current)
    {
        var others = current.Others.With(application.Copy);
        return ReferenceEquals(others, current.Others) ? null : others;
    }
}

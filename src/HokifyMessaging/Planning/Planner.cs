namespace HokifyMessaging.Planning;

/// <summary>
/// Decides what a batch of applications does to what is stored. Pure: the same applications over the same rows give the
/// same plan, and planning again over the rows that the plan leaves behind changes nothing.
/// </summary>
internal static class Planner
{
    /// <param name="batch">The applications in the order in which they were read; an id may come more than once.</param>
    /// <param name="stored">The rows that the batch may touch.</param>
    /// <param name="countedBefore">Whether an earlier batch of the same run has counted this application.</param>
    /// <param name="isErased">Whether the person behind the application was erased earlier.</param>
    /// <param name="readBefore">
    /// Whether an earlier batch of the same read has brought the application; where it is not said, what was counted was read. What
    /// the ledger had kept is counted, but is no copy of this read.
    /// </param>
    public static IReadOnlyList<ApplicationPlan> Plan(
        IReadOnlyList<IncomingApplication> batch,
        StoredRows stored,
        Func<IncomingApplication, bool> countedBefore,
        Func<IncomingApplication, bool> isErased,
        Func<IncomingApplication, bool>? readBefore = null)
    {
        var plans = new List<ApplicationPlan>(batch.Count);
        var pending = new PendingRows(stored, batch.Count);
        foreach (var application in batch)
        {
            var isCounted = countedBefore(application);
            plans.Add(PlanOne(application, pending, isCounted, isErased, isCounted && readBefore?.Invoke(application) is not false));
        }

        return plans;
    }

    private static ApplicationPlan PlanOne(
        IncomingApplication application, PendingRows pending, bool countedBefore, Func<IncomingApplication, bool> isErased, bool readBefore)
    {
        var isRepeat = pending.WasPlanned(application.Id) || countedBefore;
        var isCopy = pending.WasPlanned(application.Id) || readBefore;
        if (application.PrivacyAutoDeleted)
        {
            pending.Erase(application);
            return new ApplicationPlan.Erase(application, isRepeat);
        }

        if (pending.IsErased(application) || isErased(application))
        {
            pending.Suppress(application);
            return new ApplicationPlan.Suppress(application, isRepeat);
        }

        var candidate = pending.Candidate(application.Owner);
        var profile = pending.Profile(application.Id);
        if (profile is { } current && CopyContest.Decide(application, current, candidate?.Key, isCopy) is { } lost)
        {
            if (lost is not ApplicationPlan.Hold)
            {
                pending.Seen(lost);
            }

            return lost;
        }

        var profilePlan = PlanProfile(application, profile, candidate);
        var candidatePlan = PlanCandidate(application, candidate, profilePlan);
        var plan = new ApplicationPlan.Store(application, candidatePlan, profilePlan, isRepeat)
        {
            Remembered = profile is { } replaced ? CopyContest.RememberedBy(application, replaced, isCopy) : null,
        };
        pending.Apply(application, candidatePlan, profilePlan);
        pending.Remember(plan);
        return plan;
    }

    private static ElementPlan PlanProfile(IncomingApplication application, PendingProfile? pending, PendingCandidate? candidate) =>
        pending is not { } stored ? ElementPlan.Create
        : stored.IsDeleted ? ElementPlan.Update
        : application.Version < stored.Version ? ElementPlan.Stale
        : stored.ContentHash != application.ProfileHash || stored.Person != candidate?.Key ? ElementPlan.Update
        : IsNewer(application, stored) ? ElementPlan.Confirm
        : ElementPlan.Unchanged;

    /// <summary>
    /// What a row remembers of its record belongs to its version, so a record without one does not take another's place; nor
    /// does one that cannot be recognized and says the same.
    /// </summary>
    private static bool IsNewer(IncomingApplication application, PendingProfile stored) =>
        (application.Version is { } version && version != stored.Version)
        || (application.Version == stored.Version
            && application.Digest != stored.Digest
            && (application.Digest.IsHashed || application.Copy != stored.Digest?.Copy));

    /// <summary>
    /// Several applications of one person each bring a copy of the person. The newest copy wins, and between copies of
    /// the same instant the one of the greater application id, so that the order of reading does not matter.
    /// </summary>
    private static ElementPlan PlanCandidate(IncomingApplication application, PendingCandidate? pending, ElementPlan profile)
    {
        if (profile == ElementPlan.Stale || pending is not { IsDeleted: false } stored)
        {
            // Whom an outdated copy names may be anybody.
            return profile == ElementPlan.Stale ? ElementPlan.Stale : pending is null ? ElementPlan.Create : ElementPlan.Update;
        }

        var age = CompareCopies(application, stored);
        return age < 0 ? ElementPlan.Stale
            : stored.ContentHash != application.CandidateHash ? ElementPlan.Update
            : age > 0 ? ElementPlan.Confirm
            : ElementPlan.Unchanged;
    }

    /// <summary>
    /// Negative when the incoming copy is the older one. Where a source does not say when it changed an application, the date of
    /// the application stands for it, except between two copies of one: there the later word counts.
    /// </summary>
    private static int CompareCopies(IncomingApplication application, PendingCandidate stored)
    {
        var byTime = Nullable.Compare(application.Instant, stored.Version);
        if (stored.VersionReferenceId == application.Id.Value)
        {
            return application.Version is null ? Math.Abs(byTime) : byTime;
        }

        return byTime != 0 ? byTime : string.CompareOrdinal(application.Id.Value, stored.VersionReferenceId);
    }
}

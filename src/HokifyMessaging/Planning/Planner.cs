using HokifyMessaging.Applications;

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
    public static IReadOnlyList<ApplicationPlan> Plan(
        IReadOnlyList<IncomingApplication> batch,
        StoredRows stored,
        Func<IncomingApplication, bool> countedBefore,
        Func<IncomingApplication, bool> isErased)
    {
        var plans = new List<ApplicationPlan>(batch.Count);
        var pending = new PendingRows(stored, batch.Count);
        foreach (var application in batch)
        {
            plans.Add(PlanOne(application, pending, countedBefore(application), isErased));
        }

        return plans;
    }

    private static ApplicationPlan PlanOne(
        IncomingApplication application, PendingRows pending, bool countedBefore, Func<IncomingApplication, bool> isErased)
    {
        var isRepeat = pending.WasPlanned(application.Id) || countedBefore;
        if (application.PrivacyAutoDeleted)
        {
            pending.Erase(application);
            return new ApplicationPlan.Erase(application, isRepeat);
        }

        if (pending.IsErased(application) || isErased(application))
        {
            pending.Withhold(application);
            return new ApplicationPlan.Withhold(application, isRepeat);
        }

        var candidate = pending.Candidate(application.PersonId);
        var profile = pending.Profile(application.Id);
        if (isRepeat && profile is { } known && known.Person != candidate?.Key)
        {
            return new ApplicationPlan.Reject(application, new Rejection(
                ElementNames.CandidateProfile,
                application.Whole().Position,
                application.Id,
                "_id",
                "is a duplicate id: an earlier record of this run with the same id belongs to another person; each application needs an id of its own",
                application.Whole().Payload)
            {
                Person = application.PersonId,
            });
        }

        var profilePlan = PlanProfile(application, profile, candidate);
        var candidatePlan = PlanCandidate(application, candidate, profilePlan);
        pending.Apply(application, candidatePlan, profilePlan);
        return new ApplicationPlan.Store(application, candidatePlan, profilePlan, isRepeat);
    }

    private static ElementPlan PlanProfile(IncomingApplication application, PendingProfile? pending, PendingCandidate? candidate)
    {
        if (pending is not { } stored)
        {
            return ElementPlan.Create.Plan;
        }

        if (stored.IsDeleted)
        {
            return ElementPlan.Update.Plan;
        }

        if (application.Version < stored.Version)
        {
            return ElementPlan.Stale.Plan;
        }

        return stored.ContentHash == application.ProfileHash && stored.Person == candidate?.Key
            ? ElementPlan.Unchanged.Plan(IsNewer(application, stored))
            : ElementPlan.Update.Plan;
    }

    /// <summary>What a row remembers of its record belongs to its version, so a record without one does not take another's place.</summary>
    private static bool IsNewer(IncomingApplication application, PendingProfile stored) =>
        application.Version is { } version && version != stored.Version
        || (application.Version == stored.Version && application.Digest is { } digest && digest != stored.Digest);

    /// <summary>
    /// Several applications of one person each bring a copy of the person. The newest copy wins, and between copies of
    /// the same instant the one of the greater application id, so that the order of reading does not matter.
    /// </summary>
    private static ElementPlan PlanCandidate(IncomingApplication application, PendingCandidate? pending, ElementPlan profile)
    {
        if (pending is not { } stored)
        {
            return ElementPlan.Create.Plan;
        }

        if (stored.IsDeleted)
        {
            return ElementPlan.Update.Plan;
        }

        var age = CompareCopies(application, stored);
        if (profile is ElementPlan.Stale || age < 0)
        {
            return ElementPlan.Stale.Plan;
        }

        return stored.ContentHash == application.CandidateHash
            ? ElementPlan.Unchanged.Plan(application.Version is not null && age > 0)
            : ElementPlan.Update.Plan;
    }

    /// <summary>Negative when the incoming copy is the older one; a copy without an instant counts as the newer one.</summary>
    private static int CompareCopies(IncomingApplication application, PendingCandidate stored)
    {
        if (application.Version is not { } incoming || stored.Version is not { } known)
        {
            return 1;
        }

        var byTime = incoming.CompareTo(known);
        return byTime != 0 ? byTime : string.CompareOrdinal(application.Id.Value, stored.VersionReferenceId);
    }
}

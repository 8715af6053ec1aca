namespace HokifyMessaging.Planning;

/// <summary>Identifies a person's row while planning: by its integer id once stored, else by the person.</summary>
internal readonly record struct CandidateKey(long? Id, PersonId? Person);

internal readonly record struct PendingCandidate(CandidateKey Key, ContentHash ContentHash, DateTimeOffset? Version, string? VersionReferenceId, bool IsDeleted);

internal readonly record struct PendingProfile(
    CandidateKey Person, ContentHash ContentHash, DateTimeOffset? Version, bool IsDeleted, SourceDigest? Digest, PersonKey Key, OtherCopies Others);

/// <summary>The stored rows with the plans of the batch so far laid over them.</summary>
/// <param name="stored">The stored rows.</param>
/// <param name="applications">How many applications will be planned.</param>
internal sealed class PendingRows(StoredRows stored, int applications)
{
    private readonly Dictionary<PersonId, PendingCandidate> _candidates = [];
    private readonly Dictionary<ApplicationId, PendingProfile> _profiles = [];
    private readonly HashSet<ApplicationId> _planned = new(applications);
    private readonly HashSet<PersonId> _erasedPeople = [];
    private readonly HashSet<ApplicationId> _erasedApplications = [];

    public bool WasPlanned(ApplicationId id) => _planned.Contains(id);

    /// <summary>An erasure takes the application and the person: neither comes back, not even with another.</summary>
    public bool IsErased(IncomingApplication application) =>
        _erasedPeople.Contains(application.PersonId) || _erasedPeople.Contains(application.Owner) || _erasedApplications.Contains(application.Id);

    public PendingCandidate? Candidate(PersonId person) =>
        _candidates.TryGetValue(person, out var pending) ? pending
        : stored.Candidates.TryGetValue(person, out var row)
            ? new PendingCandidate(new CandidateKey(row.Id, null), row.ContentHash, row.Version, row.VersionReferenceId, row.IsDeleted)
        : null;

    public PendingProfile? Profile(ApplicationId id) =>
        _profiles.TryGetValue(id, out var pending) ? pending
        : stored.Profiles.TryGetValue(id, out var row)
            ? new PendingProfile(new CandidateKey(row.CandidateId, null), row.ContentHash, row.Version, row.IsDeleted, row.Digest, row.Key, row.Others ?? OtherCopies.None)
        : null;

    public void Erase(IncomingApplication application)
    {
        _planned.Add(application.Id);
        _erasedPeople.Add(application.PersonId);
        _erasedApplications.Add(application.Id);
    }

    public void Suppress(IncomingApplication application) => _planned.Add(application.Id);

    public void Apply(IncomingApplication application, ElementPlan candidatePlan, ElementPlan profilePlan)
    {
        _planned.Add(application.Id);
        if (candidatePlan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Confirm)
        {
            var key = Candidate(application.Owner)?.Key ?? new CandidateKey(null, application.Owner);
            _candidates[application.Owner] = new PendingCandidate(
                key, application.CandidateHash, application.Instant, application.Id.Value, IsDeleted: false);
        }

        if (profilePlan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Confirm)
        {
            _profiles[application.Id] = new PendingProfile(
                Candidate(application.Owner)!.Value.Key,
                application.ProfileHash,
                application.Version,
                IsDeleted: false,
                application.Digest,
                application.Key,
                Profile(application.Id)?.Others ?? OtherCopies.None);
        }
    }

    /// <summary>The application was seen again, in a copy that changes nothing of it.</summary>
    public void Seen(ApplicationPlan plan)
    {
        _planned.Add(plan.Application.Id);
        Remember(plan);
    }

    public void Remember(ApplicationPlan plan)
    {
        if (plan.Remembered is { } others && Profile(plan.Application.Id) is { } profile)
        {
            _profiles[plan.Application.Id] = profile with { Others = others };
        }
    }
}

using HokifyMessaging.Applications;

namespace HokifyMessaging.Planning;

/// <summary>Identifies a person's row while planning: by its integer id once stored, else by the person.</summary>
internal readonly record struct CandidateKey(long? Id, PersonId? Person);

internal readonly record struct PendingCandidate(CandidateKey Key, byte[] ContentHash, DateTimeOffset? Version, string? VersionReferenceId, bool IsDeleted);

internal readonly record struct PendingProfile(CandidateKey Person, byte[] ContentHash, DateTimeOffset? Version, bool IsDeleted, SourceDigest? Digest);

/// <summary>The stored rows with the plans of the batch so far laid over them.</summary>
internal sealed class PendingRows(StoredRows stored)
{
    private readonly Dictionary<PersonId, PendingCandidate> _candidates = [];
    private readonly Dictionary<ApplicationId, PendingProfile> _profiles = [];
    private readonly HashSet<ApplicationId> _planned = [];
    private readonly HashSet<PersonId> _erased = [];

    public bool WasPlanned(ApplicationId id) => _planned.Contains(id);

    public bool IsErased(PersonId person) => _erased.Contains(person);

    public PendingCandidate? Candidate(PersonId person) =>
        _candidates.TryGetValue(person, out var pending) ? pending
        : stored.Candidates.TryGetValue(person, out var row)
            ? new PendingCandidate(new CandidateKey(row.Id, null), row.ContentHash, row.Version, row.VersionReferenceId, row.IsDeleted)
        : null;

    public PendingProfile? Profile(ApplicationId id) =>
        _profiles.TryGetValue(id, out var pending) ? pending
        : stored.Profiles.TryGetValue(id, out var row)
            ? new PendingProfile(new CandidateKey(row.CandidateId, null), row.ContentHash, row.Version, row.IsDeleted, row.Digest)
        : null;

    public void Erase(IncomingApplication application)
    {
        _planned.Add(application.Id);
        _erased.Add(application.PersonId);
    }

    public void Withhold(IncomingApplication application) => _planned.Add(application.Id);

    public void Apply(IncomingApplication application, ElementPlan candidatePlan, ElementPlan profilePlan)
    {
        _planned.Add(application.Id);
        if (candidatePlan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Unchanged { IsNewerCopy: true })
        {
            var key = Candidate(application.PersonId)?.Key ?? new CandidateKey(null, application.PersonId);
            _candidates[application.PersonId] = new PendingCandidate(
                key, application.CandidateHash, application.Version, application.Id.Value, IsDeleted: false);
        }

        if (profilePlan is ElementPlan.Create or ElementPlan.Update or ElementPlan.Unchanged { IsNewerCopy: true })
        {
            _profiles[application.Id] = new PendingProfile(
                Candidate(application.PersonId)!.Value.Key, application.ProfileHash, application.Version, IsDeleted: false, application.Digest);
        }
    }
}

using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What the plans of a batch change of its rows, with the activity log of each change.</summary>
internal sealed class BatchChanges(IBatchRows rows, RunInProgress run, StoredRows stored, DateTimeOffset now)
{
    private readonly int _scopeId = run.Request.ScopeId;
    private readonly Dictionary<PersonId, Candidate> _candidates = [];
    private readonly Dictionary<ApplicationId, CandidateProfile> _profiles = [];
    private readonly List<(ActivityLog Log, Func<long> ElementId)> _logs = [];

    /// <summary>The rows of people whom an application has left.</summary>
    public HashSet<long> Left { get; } = [];

    public bool HasLogged(string element, string reference) => _logs.Any(entry => entry.Log.ElementName == element && entry.Log.ReferenceId == reference);

    public long? IdOf(ApplicationId id) => _profiles.TryGetValue(id, out var profile) ? profile.Id : stored.IdOf(id);

    public long? IdOf(PersonId id) => _candidates.TryGetValue(id, out var candidate) ? candidate.Id : stored.IdOf(id);

    /// <summary>Whole rows only where the plan changes them: their old values belong into the history.</summary>
    public async Task LoadAsync(IReadOnlyList<ApplicationPlan> plans, CancellationToken cancellationToken)
    {
        var stores = plans.OfType<ApplicationPlan.Store>().ToList();

        // An application that changes hands within the batch is given from row to row: its first owner may have no key yet, and
        // beside such a row a key alone would not count.
        var changingHands = stores.GroupBy(s => s.Application.Id).Where(copies => copies.DistinctBy(s => s.Application.Owner).Skip(1).Any()).SelectMany(copies => copies);
        var candidateIds = stores.Where(s => Writes(s.Candidate)).Concat(changingHands)
            .Select(s => stored.IdOf(s.Application.Owner)).OfType<long>().Distinct().ToList();
        if (candidateIds.Count > 0)
        {
            foreach (var candidate in await rows.CandidatesAsync(candidateIds, cancellationToken))
            {
                _candidates[new PersonId(candidate.ReferenceId)] = candidate;
            }
        }

        var profileIds = stores.Where(s => Writes(s.Profile)).Concat(plans.Where(p => p.Remembered is not null))
            .Select(p => stored.IdOf(p.Application.Id)).OfType<long>().Distinct().ToList();
        if (profileIds.Count > 0)
        {
            foreach (var profile in await rows.ProfilesAsync(profileIds, cancellationToken))
            {
                _profiles[new ApplicationId(profile.ReferenceId)] = profile;
            }
        }

        static bool Writes(ElementPlan plan) => plan is ElementPlan.Update;
    }

    public Task ReserveAsync(IReadOnlyList<ApplicationPlan> plans, CancellationToken cancellationToken)
    {
        var stores = plans.OfType<ApplicationPlan.Store>();
        var candidates = stores.Count(s => s.Candidate is ElementPlan.Create);
        var profiles = stores.Count(s => s.Profile is ElementPlan.Create);
        var updates = stores.Count(s => s.Candidate is ElementPlan.Update) + stores.Count(s => s.Profile is ElementPlan.Update);
        return rows.ReserveAsync(candidates, profiles, candidates + profiles + updates, cancellationToken);
    }

    public void Store(ApplicationPlan.Store plan)
    {
        if (plan is not { Candidate: ElementPlan.Unchanged { IsNewerCopy: false } or ElementPlan.Stale, Profile: ElementPlan.Unchanged { IsNewerCopy: false } or ElementPlan.Stale })
        {
            var application = plan.Application.Whole();
            StoreCandidate(application, plan.Candidate);
            StoreProfile(application, plan.Profile);
        }
    }

    /// <summary>Has the application's row remember what copies of it lost.</summary>
    public void Remember(ApplicationPlan plan)
    {
        if (plan.Remembered is { } others && _profiles.TryGetValue(plan.Application.Id, out var profile))
        {
            profile.OtherCopies = others.ToBytes();
            rows.Update(profile);
        }
    }

    /// <summary>The logs need the keys of the rows, so these are saved first.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await rows.SaveAsync(cancellationToken);
        foreach (var (log, elementId) in _logs)
        {
            log.ElementId = elementId();
            rows.Insert(log);
        }
    }

    private void StoreCandidate(MappedApplication application, ElementPlan plan)
    {
        switch (plan)
        {
            case ElementPlan.Create:
                var created = new Candidate
                {
                    ScopeId = _scopeId,
                    ReferenceId = application.Owner.Value,
                    Columns = application.Candidate,
                    ContentHash = application.CandidateHash.ToBytes(),
                    Version = application.Instant,
                    VersionReferenceId = application.Id.Value,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                _candidates[application.Owner] = created;
                rows.Insert(created);
                Log(ActivityNames.Created, ElementNames.Candidate, created.ReferenceId, null, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _candidates[application.Owner];
                changed.History = FieldHistory.Append(changed.History, Changes(CandidateColumns.All, changed.Columns, application.Candidate, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Candidate, application.CandidateHash.ToBytes());
                (changed.Version, changed.VersionReferenceId) = (application.Instant, application.Id.Value);
                (changed.IsDeleted, changed.ChangedAt) = (false, now);
                rows.Update(changed);
                Log(ActivityNames.Updated, ElementNames.Candidate, changed.ReferenceId, null, () => changed.Id);
                break;

            case ElementPlan.Unchanged { IsNewerCopy: true }:
                if (_candidates.TryGetValue(application.Owner, out var confirmed))
                {
                    (confirmed.Version, confirmed.VersionReferenceId) = (application.Instant, application.Id.Value);
                    rows.Update(confirmed);
                }
                else
                {
                    rows.Confirm(new ConfirmedCandidate(stored.Candidates[application.Owner].Id, application.Instant, application.Id.Value));
                }

                break;
        }
    }

    private void StoreProfile(MappedApplication application, ElementPlan plan)
    {
        var digest = application.Digest.ToBytes();
        var key = application.Key.ToBytes();
        switch (plan)
        {
            case ElementPlan.Create:
                var created = new CandidateProfile
                {
                    ScopeId = _scopeId,
                    ReferenceId = application.Id.Value,
                    Columns = application.Profile,
                    ContentHash = application.ProfileHash.ToBytes(),
                    Version = application.Version,
                    SourcePayload = application.Payload,
                    SourceDigest = digest,
                    PersonKey = key,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                Belongs(created, application.Owner);
                _profiles[application.Id] = created;
                rows.Insert(created);
                Log(ActivityNames.Created, ElementNames.CandidateProfile, created.ReferenceId, created.Columns.Name, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _profiles[application.Id];
                changed.History = FieldHistory.Append(changed.History, Changes(ProfileColumns.All, changed.Columns, application.Profile, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Profile, application.ProfileHash.ToBytes());
                (changed.Version, changed.SourcePayload, changed.SourceDigest, changed.PersonKey) = (application.Version, application.Payload, digest, key);
                (changed.IsDeleted, changed.ChangedAt) = (false, now);
                Belongs(changed, application.Owner);
                rows.Update(changed);
                Log(ActivityNames.Updated, ElementNames.CandidateProfile, changed.ReferenceId, changed.Columns.Name, () => changed.Id);
                break;

            case ElementPlan.Unchanged { IsNewerCopy: true }:
                if (_profiles.TryGetValue(application.Id, out var same))
                {
                    (same.Version, same.SourceDigest, same.PersonKey) = (application.Version, digest, key);
                    rows.Update(same);
                }
                else
                {
                    rows.Confirm(new ConfirmedProfile(stored.Profiles[application.Id].Id, application.Version, digest, key));
                }

                break;
        }
    }

    private void Belongs(CandidateProfile profile, PersonId person)
    {
        if (_candidates.TryGetValue(person, out var candidate))
        {
            rows.Belong(profile, candidate);
        }
        else
        {
            profile.CandidateId = stored.Candidates[person].Id;
        }

        if (stored.Profiles.TryGetValue(new ApplicationId(profile.ReferenceId), out var before) && before.CandidateId != stored.IdOf(person))
        {
            Left.Add(before.CandidateId);
        }
    }

    private IEnumerable<FieldChange> Changes<TRow>(IReadOnlyList<Column<TRow>> columns, TRow before, TRow after, bool wasDeleted)
    {
        var changes = FieldHistory.Between(columns, before, after, now, run.RunId);
        return wasDeleted ? changes.Append(new FieldChange(now, run.RunId, nameof(CandidateProfile.IsDeleted), true, false)) : changes;
    }

    private void Log(string name, string element, string referenceId, string? displayName, Func<long> elementId)
    {
        var log = ActivityLog.OfDone(_scopeId, run.RunId, name, element, referenceId, now);
        log.ElementDisplayName = displayName;
        _logs.Add((log, elementId));
    }
}

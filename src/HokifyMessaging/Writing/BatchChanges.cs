using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>Makes of a plan what it changes of the rows, with the activity log of each change. Pure: what was loaded stays as it is.</summary>
internal sealed class BatchChanges
{
    private readonly RunInProgress _run;
    private readonly StoredRows _stored;
    private readonly DateTimeOffset _now;
    private readonly RowChanges _changes = new();
    private readonly Dictionary<PersonId, Candidate> _candidates;
    private readonly Dictionary<ApplicationId, CandidateProfile> _profiles;
    private readonly Dictionary<long, ConfirmedCandidate> _confirmedCandidates = [];
    private readonly Dictionary<long, ConfirmedProfile> _confirmedProfiles = [];
    private readonly HashSet<object> _written = new(ReferenceEqualityComparer.Instance);

    private BatchChanges(BatchPlan plan, List<Candidate> candidates, List<CandidateProfile> profiles, RunInProgress run, DateTimeOffset now)
    {
        (_run, _stored, _now) = (run, plan.Found.Stored, now);
        _candidates = candidates.ToDictionary(c => new PersonId(c.ReferenceId), c => c.Copy());
        _profiles = profiles.ToDictionary(p => new ApplicationId(p.ReferenceId), p => p.Copy());
    }

    /// <summary>Which whole rows <see cref="Of"/> needs: their old values belong into the history.</summary>
    public static (List<long> Candidates, List<long> Profiles) Needs(BatchPlan plan)
    {
        var (stored, stores) = (plan.Found.Stored, plan.Applications.OfType<ApplicationPlan.Store>().ToList());
        return (
            [.. stores.Where(s => s.Candidate is ElementPlan.Update).Select(s => stored.IdOf(s.Application.Owner)).OfType<long>().Distinct()],
            [
                .. stores.Where(s => s.Profile is ElementPlan.Update).Concat(plan.Applications.Where(p => p.Remembered is not null))
                    .Select(p => stored.IdOf(p.Application.Id)).OfType<long>().Distinct(),
            ]);
    }

    public static RowChanges Of(BatchPlan plan, List<Candidate> candidates, List<CandidateProfile> profiles, RunInProgress run, DateTimeOffset now)
    {
        var changes = new BatchChanges(plan, candidates, profiles, run, now);
        foreach (var application in plan.Applications)
        {
            if (application is ApplicationPlan.Store { IsWritten: true } store)
            {
                var whole = store.Application.Materialize();
                changes.StoreCandidate(whole, store.Candidate);
                changes.StoreProfile(whole, store.Profile);
            }

            changes.Remember(application);
        }

        foreach (var decision in plan.Ledger)
        {
            changes.Apply(decision);
        }

        changes._changes.ConfirmedCandidates.AddRange(changes._confirmedCandidates.Values);
        changes._changes.ConfirmedProfiles.AddRange(changes._confirmedProfiles.Values);
        return changes._changes;
    }

    private void StoreCandidate(MappedApplication application, ElementPlan plan)
    {
        switch (plan)
        {
            case ElementPlan.Create:
                var created = new Candidate
                {
                    ScopeId = _run.Request.ScopeId,
                    ReferenceId = application.Owner.Value,
                    Columns = application.Candidate,
                    ContentHash = application.CandidateHash.ToBytes(),
                    Version = application.Instant,
                    VersionReferenceId = application.Id.Value,
                    CreatedAt = _now,
                    ChangedAt = _now,
                };
                _candidates[application.Owner] = created;
                _written.Add(created);
                _changes.NewCandidates.Add(created);
                Log(ActivityName.Created, ElementNames.Candidate, created.ReferenceId, null, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _candidates[application.Owner];
                var isBack = changed.IsDeleted;
                changed.History = FieldHistory.Append(changed.History, Changes(CandidateColumns.All, changed.Columns, application.Candidate, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Candidate, application.CandidateHash.ToBytes());
                (changed.Version, changed.VersionReferenceId) = (application.Instant, application.Id.Value);
                (changed.IsDeleted, changed.ChangedAt) = (false, _now);
                Changed(changed);
                Log(ActivityName.Updated, ElementNames.Candidate, changed.ReferenceId, null, () => changed.Id, isBack ? ActivityWhy.CameBack : null);
                break;

            case ElementPlan.Confirm:
                if (_candidates.TryGetValue(application.Owner, out var confirmed))
                {
                    (confirmed.Version, confirmed.VersionReferenceId) = (application.Instant, application.Id.Value);
                    Changed(confirmed);
                }
                else
                {
                    var id = _stored.Candidates[application.Owner].Id;
                    _confirmedCandidates[id] = new ConfirmedCandidate(id, application.Instant, application.Id.Value);
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
                    ScopeId = _run.Request.ScopeId,
                    ReferenceId = application.Id.Value,
                    Columns = application.Profile,
                    ContentHash = application.ProfileHash.ToBytes(),
                    Version = application.Version,
                    SourcePayload = application.Payload,
                    PayloadAt = _now,
                    SourceDigest = digest,
                    PersonKey = key,
                    CreatedAt = _now,
                    ChangedAt = _now,
                    ReceivedAt = CandidateProfile.ReceiptOf(application.Profile.DatePublish, _now),
                };
                Assign(created, application.Owner);
                _profiles[application.Id] = created;
                _written.Add(created);
                _changes.NewProfiles.Add(created);
                Log(ActivityName.Created, ElementNames.CandidateProfile, created.ReferenceId, created.Columns.Name, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _profiles[application.Id];
                var isBack = changed.IsDeleted;
                changed.History = FieldHistory.Append(changed.History, Changes(ProfileColumns.All, changed.Columns, application.Profile, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Profile, application.ProfileHash.ToBytes());
                (changed.Version, changed.SourcePayload, changed.PayloadAt, changed.SourceDigest, changed.PersonKey) = (application.Version, application.Payload, _now, digest, key);
                (changed.IsDeleted, changed.ChangedAt, changed.ReceivedAt) = (false, _now, CandidateProfile.ReceiptOf(application.Profile.DatePublish, changed.CreatedAt));
                var isMoved = Assign(changed, application.Owner);
                Changed(changed);
                Log(
                    ActivityName.Updated,
                    ElementNames.CandidateProfile,
                    changed.ReferenceId,
                    changed.Columns.Name,
                    () => changed.Id,
                    isMoved ? ActivityWhy.OtherPerson : isBack ? ActivityWhy.CameBack : null);
                break;

            case ElementPlan.Confirm:
                if (_profiles.TryGetValue(application.Id, out var same))
                {
                    (same.Version, same.SourcePayload, same.PayloadAt, same.SourceDigest, same.PersonKey) = (application.Version, application.Payload, _now, digest, key);
                    Changed(same);
                }
                else
                {
                    var id = _stored.Profiles[application.Id].Id;
                    _confirmedProfiles[id] = new ConfirmedProfile(id, application.Version, application.Payload, _now, digest, key);
                }

                break;
        }
    }

    /// <summary>Has the application's row remember what copies of it lost.</summary>
    private void Remember(ApplicationPlan plan)
    {
        if (plan.Remembered is { } others && _profiles.TryGetValue(plan.Application.Id, out var profile))
        {
            profile.OtherCopies = others.ToBytes();
            Changed(profile);
        }
    }

    /// <summary>Makes an application that person's, who may have no key yet.</summary>
    /// <returns>Whether it was somebody else's before.</returns>
    private bool Assign(CandidateProfile profile, PersonId person)
    {
        _changes.NewOwners.Remove(profile);
        if (_stored.IdOf(person) is { } id)
        {
            profile.CandidateId = id;
        }
        else
        {
            _changes.NewOwners[profile] = _candidates[person];
        }

        if (_stored.Profiles.TryGetValue(new ApplicationId(profile.ReferenceId), out var before) && before.CandidateId != _stored.IdOf(person))
        {
            _changes.Left.Add(before.CandidateId);
            return true;
        }

        return false;
    }

    private void Apply(LedgerDecision decision)
    {
        switch (decision)
        {
            case LedgerDecision.Settle(var entry, var by, _):
                _changes.Settled.Add((decision.Row(_run, _now)!, KeyOf(entry, by.Application)));
                break;
            case LedgerDecision.FailAgain or LedgerDecision.Outlive:
                _changes.Settled.Add((decision.Row(_run, _now)!, null));
                break;
            case LedgerDecision.Enter:
                _changes.Entered.Add(decision.Row(_run, _now)!);
                break;
            case LedgerDecision.Forget(var entry):
                _changes.Forgotten.Add(entry);
                break;
        }
    }

    /// <summary>The row that an entry is about; null where there is none.</summary>
    private Func<long>? KeyOf(ActivityLog entry, IncomingApplication application)
    {
        if (entry.ElementName == ElementNames.Candidate)
        {
            return _candidates.TryGetValue(application.Owner, out var candidate) ? () => candidate.Id : Known(_stored.IdOf(application.Owner));
        }

        return _profiles.TryGetValue(application.Id, out var profile) ? () => profile.Id : Known(_stored.IdOf(application.Id));

        static Func<long>? Known(long? id) => id is { } key ? () => key : null;
    }

    private void Changed(Candidate candidate)
    {
        if (_written.Add(candidate))
        {
            _changes.ChangedCandidates.Add(candidate);
        }
    }

    private void Changed(CandidateProfile profile)
    {
        if (_written.Add(profile))
        {
            _changes.ChangedProfiles.Add(profile);
        }
    }

    private IEnumerable<FieldChange> Changes<TRow>(IReadOnlyList<Column<TRow>> columns, TRow before, TRow after, bool wasDeleted)
    {
        var changes = FieldHistory.Between(columns, before, after, _now, _run.RunId);
        return wasDeleted ? changes.Append(new FieldChange(_now, _run.RunId, nameof(CandidateProfile.IsDeleted), true, false)) : changes;
    }

    private void Log(ActivityName name, string element, string referenceId, string? displayName, Func<long> elementId, ActivityWhy? why = null)
    {
        var log = ActivityLog.OfDone(_run.Request.ScopeId, _run.RunId, name, element, referenceId, _now);
        (log.ElementDisplayName, log.Why) = (displayName, why);
        _changes.Logs.Add((log, elementId));
    }
}

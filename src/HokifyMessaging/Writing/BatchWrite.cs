using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>One batch within its transaction: look up, plan, write what the plan says, count.</summary>
internal sealed class BatchWrite(
    HokifyDbContext db, IBatchRows rows, RunInProgress run, ImportTally tally, RetryLedger ledger, Erasure erasure, DateTimeOffset now)
{
    private readonly int _scopeId = run.Request.ScopeId;
    private readonly bool _dryRun = run.Request.DryRun;
    private readonly Dictionary<PersonId, Candidate> _candidates = [];
    private readonly Dictionary<ApplicationId, CandidateProfile> _profiles = [];
    private readonly HashSet<PersonId> _erasedHere = [];
    private readonly HashSet<long> _erasedCandidates = [];
    private readonly HashSet<long> _erasedProfiles = [];
    private readonly List<(ActivityLog Log, Func<long> ElementId)> _logs = [];

    /// <summary>What the run must remember beyond the records themselves.</summary>
    public HashSet<UInt128> Keys { get; } = [];

    public async Task WriteAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var (arrived, rejected, stored) = await FindAsync(records, cancellationToken);
        var applications = arrived.ConvertAll(a => a.Application);
        var erased = await erasure.FindErasedAsync(db, _scopeId, [.. applications.OfType<MappedApplication>()], cancellationToken);
        List<ApplicationPlan> plans = [.. Planner.Plan(applications, stored, a => run.HasCounted(RecordKeys.Of(a.Id.Value)), a => erased.ContainsKey(a.Id))];

        var failures = rejected.ConvertAll(r => RecordFailure.Of(r.Rejection).Under(r.LedgerReference));
        for (var index = 0; index < plans.Count; index++)
        {
            var (application, _, entry) = arrived[index];
            if (plans[index] is ApplicationPlan.Reject(_, var rejection))
            {
                failures.Add(RecordFailure.Of(rejection, park: true).Under(entry));
            }

            if (entry is null && application.UnknownMembers is > 0 and var unknown)
            {
                tally.Count(Stat.UnknownFields, unknown);
            }
        }

        RememberFailures(arrived, rejected);

        if (_dryRun)
        {
            await WithholdErasedAsync(failures, cancellationToken);
            CountDryRun(plans, failures);
            return;
        }

        await LoadChangedRowsAsync(plans, stored, cancellationToken);
        await ReserveAsync(plans, cancellationToken);
        for (var index = 0; index < plans.Count; index++)
        {
            if (plans[index] is ApplicationPlan.Store(var application, _, _, var isRepeat) && WasErasedHere(application, stored))
            {
                _erasedHere.Add(application.PersonId);
                plans[index] = new ApplicationPlan.Withhold(application, isRepeat);
            }

            switch (plans[index])
            {
                case ApplicationPlan.Store store:
                    await CountAsync(store, stored, cancellationToken);
                    Store(store, stored);
                    break;
                case ApplicationPlan.Erase erase:
                    await EraseAsync(erase, erased, cancellationToken);
                    break;
                case ApplicationPlan.Withhold withhold:
                    CountWithheld(withhold.Application, withhold.IsRepeat, erased);
                    break;
            }
        }

        await rows.SaveAsync(cancellationToken);
        foreach (var (log, elementId) in _logs)
        {
            log.ElementId = elementId();
            rows.Insert(log);
        }

        await WithholdErasedAsync(failures, cancellationToken);
        await SettleLedgerAsync(plans, arrived, failures, stored, cancellationToken);
        await rows.SaveAsync(cancellationToken);
    }

    /// <summary>
    /// Looks the batch up. A record that the stored row was made from is recognized by its hash and need not be read; all
    /// others are read here at the latest.
    /// </summary>
    private async Task<Found> FindAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var profiles = await rows.FindProfilesAsync(IdsIn(records), cancellationToken);
        var (read, rejected, people) = (new BatchRecord[records.Count], new List<BatchRecord.Rejected>(), new HashSet<PersonId>());
        var recognized = new HashSet<long>();
        for (var index = 0; index < records.Count; index++)
        {
            if (records[index] is BatchRecord.Unread unread && profiles.TryGetValue(unread.Application.Id, out var known) && known.Digest?.Record == unread.Application.SourceHash)
            {
                read[index] = unread;
                recognized.Add(known.CandidateId);
                continue;
            }

            read[index] = records[index].Read();
            switch (read[index])
            {
                case BatchRecord.Ready ready:
                    people.Add(ready.Application.PersonId);
                    break;
                case BatchRecord.Rejected refusal:
                    rejected.Add(refusal);
                    break;
            }
        }

        run.ExpectsKnown = recognized.Count > records.Count / 2;
        var candidates = await rows.FindCandidatesAsync(people, recognized, cancellationToken);
        var personOf = recognized.Count == 0 ? [] : candidates.ToDictionary(c => c.Value.Id, c => c.Key);
        var arrived = new List<Arrived>(records.Count);
        foreach (var record in read)
        {
            switch (record)
            {
                case BatchRecord.Ready ready:
                    arrived.Add(new Arrived(ready.Application, ready.Key, ready.LedgerReference));
                    break;
                case BatchRecord.Unread unread:
                    var profile = profiles[unread.Application.Id];
                    arrived.Add(new Arrived(
                        new RecognizedApplication(unread.Application, personOf[profile.CandidateId], profile.Version, profile.ContentHash, profile.Digest!),
                        unread.Key,
                        unread.LedgerReference));
                    break;
            }
        }

        return new Found(arrived, rejected, new StoredRows(candidates, profiles));
    }

    private static HashSet<ApplicationId> IdsIn(IReadOnlyList<BatchRecord> records)
    {
        var ids = new HashSet<ApplicationId>(records.Count);
        foreach (var record in records)
        {
            if (record is BatchRecord.Unread unread)
            {
                ids.Add(unread.Application.Id);
            }
            else if (record is BatchRecord.Ready ready)
            {
                ids.Add(ready.Application.Id);
            }
        }

        return ids;
    }

    /// <summary>A record that fails first and is written later in the same run counts as both, once each.</summary>
    private void RememberFailures(List<Arrived> arrived, List<BatchRecord.Rejected> rejected)
    {
        Keys.UnionWith(arrived.Select(a => a.Key).Where(run.HasOnlyFailed).Select(RecordKeys.RecoveryOf));
        if (rejected.Count == 0)
        {
            return;
        }

        var written = arrived.Select(a => a.Key).ToHashSet();
        Keys.UnionWith(rejected.Select(r => r.Key).Where(key => !written.Contains(key) && !run.HasCounted(key)).Select(RecordKeys.FailureOf));
        if (rejected.Any(r => r.Rejection.Id is null))
        {
            Keys.Add(RecordKeys.Unidentified);
        }
    }

    /// <summary>Whole rows only where the plan changes them: their old values belong into the history.</summary>
    private async Task LoadChangedRowsAsync(IReadOnlyList<ApplicationPlan> plans, StoredRows stored, CancellationToken cancellationToken)
    {
        var stores = plans.OfType<ApplicationPlan.Store>().ToList();
        var candidateIds = stores.Where(s => Writes(s.Candidate))
            .Select(s => stored.Candidates.GetValueOrDefault(s.Application.PersonId)?.Id).OfType<long>().Distinct().ToList();
        if (candidateIds.Count > 0)
        {
            foreach (var candidate in await rows.CandidatesAsync(candidateIds, cancellationToken))
            {
                _candidates[new PersonId(candidate.ReferenceId)] = candidate;
            }
        }

        var profileIds = stores.Where(s => Writes(s.Profile))
            .Select(s => stored.Profiles.GetValueOrDefault(s.Application.Id)?.Id).OfType<long>().Distinct().ToList();
        if (profileIds.Count > 0)
        {
            foreach (var profile in await rows.ProfilesAsync(profileIds, cancellationToken))
            {
                _profiles[new ApplicationId(profile.ReferenceId)] = profile;
            }
        }

        static bool Writes(ElementPlan plan) => plan is ElementPlan.Update;
    }

    private Task ReserveAsync(IReadOnlyList<ApplicationPlan> plans, CancellationToken cancellationToken)
    {
        var stores = plans.OfType<ApplicationPlan.Store>().ToList();
        var candidates = stores.Count(s => s.Candidate is ElementPlan.Create);
        var profiles = stores.Count(s => s.Profile is ElementPlan.Create);
        var updates = stores.Count(s => s.Candidate is ElementPlan.Update) + stores.Count(s => s.Profile is ElementPlan.Update);
        return rows.ReserveAsync(candidates, profiles, candidates + profiles + updates, cancellationToken);
    }

    private void Store(ApplicationPlan.Store plan, StoredRows stored)
    {
        if (plan is not { Candidate: ElementPlan.Unchanged { IsNewerCopy: false } or ElementPlan.Stale, Profile: ElementPlan.Unchanged { IsNewerCopy: false } or ElementPlan.Stale })
        {
            var application = plan.Application.Whole();
            StoreCandidate(application, plan.Candidate, stored);
            StoreProfile(application, plan.Profile, stored);
        }
    }

    private void StoreCandidate(MappedApplication application, ElementPlan plan, StoredRows stored)
    {
        switch (plan)
        {
            case ElementPlan.Create:
                var created = new Candidate
                {
                    ScopeId = _scopeId,
                    ReferenceId = application.PersonId.Value,
                    Columns = application.Candidate,
                    ContentHash = application.CandidateHash,
                    Version = application.Version,
                    VersionReferenceId = application.Id.Value,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                _candidates[application.PersonId] = created;
                rows.Insert(created);
                Log(ActivityNames.Created, ElementNames.Candidate, created.ReferenceId, null, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _candidates[application.PersonId];
                changed.History = FieldHistory.Append(changed.History, Changes(CandidateColumns.All, changed.Columns, application.Candidate, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Candidate, application.CandidateHash);
                (changed.Version, changed.VersionReferenceId) = (application.Version, application.Id.Value);
                (changed.IsDeleted, changed.ChangedAt) = (false, now);
                rows.Update(changed);
                Log(ActivityNames.Updated, ElementNames.Candidate, changed.ReferenceId, null, () => changed.Id);
                break;

            case ElementPlan.Unchanged { IsNewerCopy: true }:
                if (_candidates.TryGetValue(application.PersonId, out var confirmed))
                {
                    (confirmed.Version, confirmed.VersionReferenceId) = (application.Version, application.Id.Value);
                    rows.Update(confirmed);
                }
                else
                {
                    rows.Confirm(new ConfirmedCandidate(stored.Candidates[application.PersonId].Id, application.Version, application.Id.Value));
                }

                break;
        }
    }

    private void StoreProfile(MappedApplication application, ElementPlan plan, StoredRows stored)
    {
        var digest = application.Digest?.ToBytes();
        switch (plan)
        {
            case ElementPlan.Create:
                var created = new CandidateProfile
                {
                    ScopeId = _scopeId,
                    ReferenceId = application.Id.Value,
                    Columns = application.Profile,
                    ContentHash = application.ProfileHash,
                    Version = application.Version,
                    SourcePayload = application.Payload,
                    SourceDigest = digest,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                Belongs(created, application.PersonId, stored);
                _profiles[application.Id] = created;
                rows.Insert(created);
                Log(ActivityNames.Created, ElementNames.CandidateProfile, created.ReferenceId, created.Columns.Name, () => created.Id);
                break;

            case ElementPlan.Update:
                var changed = _profiles[application.Id];
                changed.History = FieldHistory.Append(changed.History, Changes(ProfileColumns.All, changed.Columns, application.Profile, changed.IsDeleted));
                (changed.Columns, changed.ContentHash) = (application.Profile, application.ProfileHash);
                (changed.Version, changed.SourcePayload, changed.SourceDigest) = (application.Version, application.Payload, digest);
                (changed.IsDeleted, changed.ChangedAt) = (false, now);
                Belongs(changed, application.PersonId, stored);
                rows.Update(changed);
                Log(ActivityNames.Updated, ElementNames.CandidateProfile, changed.ReferenceId, changed.Columns.Name, () => changed.Id);
                break;

            case ElementPlan.Unchanged { IsNewerCopy: true }:
                if (_profiles.TryGetValue(application.Id, out var same))
                {
                    (same.Version, same.SourceDigest) = (application.Version, digest);
                    rows.Update(same);
                }
                else
                {
                    rows.Confirm(new ConfirmedProfile(stored.Profiles[application.Id].Id, application.Version, digest));
                }

                break;
        }
    }

    private void Belongs(CandidateProfile profile, PersonId person, StoredRows stored)
    {
        if (_candidates.TryGetValue(person, out var candidate))
        {
            rows.Belong(profile, candidate);
        }
        else
        {
            profile.CandidateId = stored.Candidates[person].Id;
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

    private async Task EraseAsync(ApplicationPlan.Erase plan, IReadOnlyDictionary<ApplicationId, DateTimeOffset> erased, CancellationToken cancellationToken)
    {
        // What this batch has written so far for the same person must be found.
        await rows.ShareAsync(cancellationToken);
        var (person, id) = (plan.Application.PersonId, plan.Application.Id);
        var removed = await erasure.EraseAsync(db, run, plan.Application, cancellationToken);
        _candidates.Remove(person);
        _erasedCandidates.UnionWith(removed.Candidates);
        _erasedProfiles.UnionWith(removed.Profiles);
        _logs.RemoveAll(entry => entry.Log.ReferenceId == person.Value || entry.Log.ReferenceId == id.Value
            || (entry.Log.ElementName == ElementNames.Candidate ? _erasedCandidates : _erasedProfiles).Contains(entry.ElementId()));

        var isNew = _erasedHere.Add(person) && !erased.ContainsKey(id);
        if (removed.Candidates.Count + removed.Profiles.Count > 0)
        {
            tally.Count(Stat.Erased);
            ImportTally.Add(tally.Deleted, ElementNames.Candidate, removed.Candidates.Count);
            ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, removed.Profiles.Count);
        }
        else if (isNew)
        {
            // Erased before we ever stored anything: remembered, and nothing changed.
            tally.Count(Stat.Erased);
            CountUnchanged(plan.IsRepeat);
        }
        else
        {
            CountWithheld(plan.Application, plan.IsRepeat, erased);
        }
    }

    /// <summary>
    /// An erasure takes along whoever the erased application belonged to before, and all of theirs: what this batch brings of
    /// them is withheld, as it would be in the next.
    /// </summary>
    private bool WasErasedHere(IncomingApplication application, StoredRows stored)
    {
        if (_erasedHere.Count == 0)
        {
            return false;
        }

        var candidate = _candidates.TryGetValue(application.PersonId, out var person) ? person.Id : stored.Candidates.GetValueOrDefault(application.PersonId)?.Id;
        var profile = _profiles.TryGetValue(application.Id, out var row) ? row.Id : stored.Profiles.GetValueOrDefault(application.Id)?.Id;
        return (candidate is { } c && _erasedCandidates.Contains(c)) || (profile is { } p && _erasedProfiles.Contains(p));
    }

    private void CountWithheld(IncomingApplication application, bool isRepeat, IReadOnlyDictionary<ApplicationId, DateTimeOffset> erased)
    {
        tally.Count(Stat.ErasedWithheld);

        // The rows of a person whom this very run erased are counted as deleted already.
        var erasedByThisRun = _erasedHere.Contains(application.PersonId) || (erased.TryGetValue(application.Id, out var at) && at >= run.StartedAt);
        CountUnchanged(isRepeat || erasedByThisRun);
    }

    private void CountUnchanged(bool wasCounted)
    {
        if (!wasCounted)
        {
            ImportTally.Add(tally.Unchanged, ElementNames.Candidate);
            ImportTally.Add(tally.Unchanged, ElementNames.CandidateProfile);
        }
    }

    private async Task CountAsync(ApplicationPlan.Store plan, StoredRows stored, CancellationToken cancellationToken)
    {
        if (plan.Profile is ElementPlan.Stale)
        {
            tally.Count(Stat.Stale);
        }

        if (!plan.IsRepeat)
        {
            Count(ElementNames.Candidate, plan.Candidate);
            Count(ElementNames.CandidateProfile, plan.Profile);
            return;
        }

        tally.Count(Stat.Duplicates);
        var (person, id) = (plan.Application.PersonId, plan.Application.Id);
        await RecountAsync(ElementNames.Candidate, plan.Candidate, person.Value, stored.Candidates.GetValueOrDefault(person)?.Id, cancellationToken);
        await RecountAsync(ElementNames.CandidateProfile, plan.Profile, id.Value, stored.Profiles.GetValueOrDefault(id)?.Id, cancellationToken);
    }

    private void Count(string element, ElementPlan plan) =>
        ImportTally.Add(
            plan switch
            {
                ElementPlan.Create => tally.Created,
                ElementPlan.Update => tally.Updated,
                _ => tally.Unchanged,
            },
            element);

    /// <summary>A repeat was counted when it was first read; it counts again only if it is what made the difference.</summary>
    private async Task RecountAsync(string element, ElementPlan plan, string reference, long? id, CancellationToken cancellationToken)
    {
        if (plan is ElementPlan.Update
            && !_logs.Any(entry => entry.Log.ElementName == element && entry.Log.ReferenceId == reference)
            && !await db.ActivityLogs.AnyAsync(l => l.ElementId == id && l.ElementName == element && l.RunId == run.RunId, cancellationToken))
        {
            ImportTally.Add(tally.Unchanged, element, -1);
            ImportTally.Add(tally.Updated, element);
        }
    }

    private void CountDryRun(IReadOnlyList<ApplicationPlan> plans, List<RecordFailure> failures)
    {
        foreach (var plan in plans)
        {
            switch (plan)
            {
                case ApplicationPlan.Store { IsRepeat: true }:
                    tally.Count(Stat.Duplicates);
                    break;
                case ApplicationPlan.Store store:
                    // Nothing is stored that the next batch could find the person by.
                    var person = RecordKeys.Of($"person:{store.Application.PersonId}");
                    var isKnown = run.HasCounted(person) || !Keys.Add(person);
                    Count(ElementNames.Candidate, isKnown && store.Candidate is ElementPlan.Create ? new ElementPlan.Unchanged(false) : store.Candidate);
                    Count(ElementNames.CandidateProfile, store.Profile);
                    break;
                case ApplicationPlan.Erase { IsRepeat: false } or ApplicationPlan.Withhold { IsRepeat: false }:
                    tally.Count(Stat.ErasedWithheld);
                    break;
            }
        }

        foreach (var failure in failures)
        {
            tally.Count(Stat.Rejected);
            tally.Fail(failure.Element, failure.ToException());
        }
    }

    /// <summary>A record that cannot be understood may still be one of a person who was erased: its payload must not wait in the ledger.</summary>
    private async Task WithholdErasedAsync(List<RecordFailure> failures, CancellationToken cancellationToken)
    {
        var erased = await erasure.FindErasedAsync(db, _scopeId, failures, cancellationToken);
        if (erased.Count == 0)
        {
            return;
        }

        tally.Count(Stat.ErasedWithheld, erased.Count);
        failures.RemoveAll(erased.Contains);
        if (!_dryRun)
        {
            db.ActivityLogs.RemoveRange((await RetryLedger.WaitingAsync(db, _scopeId, erased.Select(f => f.ReferenceId), cancellationToken)).Values);
        }
    }

    /// <summary>What arrived safely leaves the ledger, and what failed enters it.</summary>
    private async Task SettleLedgerAsync(
        IReadOnlyList<ApplicationPlan> plans, List<Arrived> arrived, List<RecordFailure> failures, StoredRows stored, CancellationToken cancellationToken)
    {
        if (failures.Count == 0 && !await RetryLedger.IsAnyWaitingAsync(db, _scopeId, cancellationToken))
        {
            return;
        }

        var settled = plans.Zip(arrived, (plan, record) => (Plan: plan, record.LedgerReference)).Where(p => p.Plan is not ApplicationPlan.Reject).ToList();
        var waiting = await RetryLedger.WaitingAsync(
            db,
            _scopeId,
            [
                .. settled.Select(p => p.Plan.Application.Id.Value),
                .. settled.Select(p => p.LedgerReference).OfType<string>(),
                .. failures.Select(f => f.ReferenceId),
            ],
            cancellationToken);
        foreach (var (plan, reference) in settled)
        {
            if (reference is not null)
            {
                Leave(plan, reference);
            }

            if (waiting.TryGetValue(plan.Application.Id.Value, out var entry) && RetryLedger.IsSettledBy(entry, plan))
            {
                Leave(plan, plan.Application.Id.Value);
            }
        }

        foreach (var failure in failures)
        {
            if (!waiting.TryGetValue(failure.ReferenceId, out var entry))
            {
                waiting[failure.ReferenceId] = ledger.Enter(db, run, failure, tally);
            }
            else
            {
                ledger.FailAgain(entry, run, failure, tally);
            }
        }

        void Leave(ApplicationPlan plan, string reference)
        {
            if (!waiting.Remove(reference, out var entry))
            {
                return;
            }

            if (plan is not ApplicationPlan.Store)
            {
                // The person was erased; nothing of theirs may wait here.
                db.ActivityLogs.Remove(entry);
                return;
            }

            var id = plan.Application.Id;
            var elementId = _profiles.TryGetValue(id, out var profile) ? profile.Id : stored.Profiles.GetValueOrDefault(id)?.Id;
            var superseded = plan is ApplicationPlan.Store { Profile: ElementPlan.Stale };
            ledger.Close(entry, run, elementId, superseded);
            if (run.Phase == RunPhase.Retrying && !superseded)
            {
                tally.Count(Stat.RetriesSucceeded);
            }
        }
    }

    /// <summary>The batch with what is stored of it; what arrived is in the order of the batch.</summary>
    private sealed record Found(List<Arrived> Arrived, List<BatchRecord.Rejected> Rejected, StoredRows Stored);

    /// <param name="Application">The application.</param>
    /// <param name="Key">Identifies the record within its run.</param>
    /// <param name="LedgerReference">The reference of the ledger entry that it is tried again for; null for one from the source.</param>
    private readonly record struct Arrived(IncomingApplication Application, UInt128 Key, string? LedgerReference);
}

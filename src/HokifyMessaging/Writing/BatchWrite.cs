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
    private Dictionary<PersonId, Candidate> _candidates = [];
    private Dictionary<ApplicationId, CandidateProfile> _profiles = [];
    private List<(ActivityLog Log, Func<long> ElementId)> _logs = [];

    /// <summary>What the run must remember beyond the records themselves.</summary>
    public HashSet<UInt128> Keys { get; } = [];

    public async Task WriteAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var found = await FindAsync(records, cancellationToken);
        run.ExpectsKnown = found.Arrived.Count(a => a.Application is RecognizedApplication) > records.Count / 2;
        var erasures = _dryRun ? [] : found.Arrived.Select(a => a.Application).Where(found.Erases).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        if (erasures.Count == 0)
        {
            await WriteAsync(found, cancellationToken);
            return;
        }

        // An erasure takes more along than its own application. So what comes before it is written before it, and what comes
        // after it is looked up after it, as if it had come in a batch of its own.
        foreach (var part in Around(erasures, records))
        {
            await WriteAsync(await FindAsync(part, cancellationToken), cancellationToken);
            run.Uncommitted.UnionWith(part.Select(r => r.Key).Concat(Keys));
            db.ChangeTracker.Clear();
            (_candidates, _profiles, _logs) = ([], [], []);
        }
    }

    private async Task<Found> FindAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var (arrived, rejected, stored) = await BatchLookUp.FindAsync(rows, records, cancellationToken);
        var erased = await erasure.FindErasedAsync(db, run, [.. arrived.Select(a => a.Application).OfType<MappedApplication>()], cancellationToken);
        return new Found(arrived, rejected, stored, erased);
    }

    private static IEnumerable<List<BatchRecord>> Around(HashSet<object> erasures, IReadOnlyList<BatchRecord> records)
    {
        var part = new List<BatchRecord>();
        foreach (var record in records)
        {
            var isErasure = record.Read() is BatchRecord.Ready ready && erasures.Contains(ready.Application);
            if (isErasure && part.Count > 0)
            {
                yield return part;
                part = [];
            }

            part.Add(record);
            if (isErasure)
            {
                yield return part;
                part = [];
            }
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    private async Task WriteAsync(Found found, CancellationToken cancellationToken)
    {
        var (arrived, rejected, stored, erased) = found;
        var plans = Planner.Plan(arrived.ConvertAll(a => a.Application), stored, a => run.HasCounted(RecordKeys.Of(a.Id.Value)), erased.ContainsKey);

        var failures = rejected.ConvertAll(r => RecordFailure.Of(r.Rejection).Under(r.LedgerReference));
        for (var index = 0; index < plans.Count; index++)
        {
            var (application, entry) = arrived[index];
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
        foreach (var plan in plans)
        {
            switch (plan)
            {
                case ApplicationPlan.Store store:
                    await CountAsync(store, stored, cancellationToken);
                    Store(store, stored);
                    break;
                case ApplicationPlan.Erase erase when found.Erases(erase.Application):
                    await EraseAsync(erase, erased, cancellationToken);
                    break;
                case ApplicationPlan.Erase known:
                    CountWithheld(known.Application, known.IsRepeat, erased);
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

    /// <summary>A record that fails first and is written later in the same run counts as both, once each.</summary>
    private void RememberFailures(List<ArrivedRecord> arrived, List<BatchRecord.Rejected> rejected)
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
        var stores = plans.OfType<ApplicationPlan.Store>();
        var candidateIds = stores.Where(s => Writes(s.Candidate))
            .Select(s => stored.IdOf(s.Application.PersonId)).OfType<long>().Distinct().ToList();
        if (candidateIds.Count > 0)
        {
            foreach (var candidate in await rows.CandidatesAsync(candidateIds, cancellationToken))
            {
                _candidates[new PersonId(candidate.ReferenceId)] = candidate;
            }
        }

        var profileIds = stores.Where(s => Writes(s.Profile))
            .Select(s => stored.IdOf(s.Application.Id)).OfType<long>().Distinct().ToList();
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
        var stores = plans.OfType<ApplicationPlan.Store>();
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
                    ContentHash = application.CandidateHash.ToBytes(),
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
                (changed.Columns, changed.ContentHash) = (application.Candidate, application.CandidateHash.ToBytes());
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
                    ContentHash = application.ProfileHash.ToBytes(),
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
                (changed.Columns, changed.ContentHash) = (application.Profile, application.ProfileHash.ToBytes());
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

    private async Task EraseAsync(ApplicationPlan.Erase plan, IReadOnlyDictionary<IncomingApplication, ErasedBefore> erased, CancellationToken cancellationToken)
    {
        var removed = await erasure.EraseAsync(db, run, plan.Application, cancellationToken);
        if (removed.Candidates.Count + removed.Profiles.Count > 0)
        {
            tally.Count(Stat.Erased);
            ImportTally.Add(tally.Deleted, ElementNames.Candidate, removed.Candidates.Count);
            ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, removed.Profiles.Count);
        }
        else if (!erased.ContainsKey(plan.Application))
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

    private void CountWithheld(IncomingApplication application, bool isRepeat, IReadOnlyDictionary<IncomingApplication, ErasedBefore> erased)
    {
        tally.Count(Stat.ErasedWithheld);

        // The rows of a person whom this very run erased are counted as deleted already.
        CountUnchanged(isRepeat || (erased.TryGetValue(application, out var before) && before.At >= run.StartedAt));
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
        await RecountAsync(ElementNames.Candidate, plan.Candidate, person.Value, stored.IdOf(person), cancellationToken);
        await RecountAsync(ElementNames.CandidateProfile, plan.Profile, id.Value, stored.IdOf(id), cancellationToken);
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
        IReadOnlyList<ApplicationPlan> plans, List<ArrivedRecord> arrived, List<RecordFailure> failures, StoredRows stored, CancellationToken cancellationToken)
    {
        if (failures.Count == 0 && !run.MayHaveWaiting)
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
            var elementId = _profiles.TryGetValue(id, out var profile) ? profile.Id : stored.IdOf(id);
            var superseded = plan is ApplicationPlan.Store { Profile: ElementPlan.Stale };
            ledger.Close(entry, run, elementId, superseded);
            if (run.Phase == RunPhase.Retrying && !superseded)
            {
                tally.Count(Stat.RetriesSucceeded);
            }
        }
    }

    /// <summary>What is to be written at once, with what is stored of it and who of it was erased earlier.</summary>
    private sealed record Found(
        List<ArrivedRecord> Arrived, List<BatchRecord.Rejected> Rejected, StoredRows Stored, IReadOnlyDictionary<IncomingApplication, ErasedBefore> Erased)
    {
        /// <summary>Whether an erasure is left to be done: the source goes on naming people whom it erased long ago.</summary>
        public bool Erases(IncomingApplication application) => application.PrivacyAutoDeleted
            && !(Erased.TryGetValue(application, out var before) && before.IsWhole
                && !Stored.Profiles.ContainsKey(application.Id) && !Stored.Candidates.ContainsKey(application.PersonId));
    }
}

using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Keeps what a batch would change as entries of its run's plan, in the step's own transaction: one entry for each row, however many records change it. The caller saves.
/// </summary>
internal sealed class PlanRecorder(HokifyDbContext db, PlannedRows rows, RunInProgress run, int largest)
{
    /// <summary>What a row gets for a key that the plan has no room for: it is nobody's.</summary>
    private const long Nowhere = long.MinValue + 1;

    private readonly Dictionary<string, PersonId> _owners = [];
    private readonly bool _keepsRecords = run.Request.PlanDigest is not null;
    private long _last;

    /// <summary>Whether the plan had no room for something: what is kept is only its beginning.</summary>
    public bool IsFull { get; private set; }

    public async Task RecordAsync(BatchPlan plan, RowChanges changes, CancellationToken cancellationToken)
    {
        _last = await rows.Entries.OrderByDescending(e => e.Number).Select(e => e.Number).FirstOrDefaultAsync(cancellationToken);
        foreach (var store in plan.Applications.OfType<ApplicationPlan.Store>())
        {
            _owners[store.Application.Id.Value] = store.Application.Owner;
        }

        await RecordErasuresAsync(plan, cancellationToken);
        await RecordCandidatesAsync(plan, changes, cancellationToken);
        changes.AssignOwners();
        await RecordProfilesAsync(plan, changes, cancellationToken);
        await RecordRefusalsAsync(plan, cancellationToken);
    }

    private async Task RecordCandidatesAsync(BatchPlan plan, RowChanges changes, CancellationToken cancellationToken)
    {
        var confirmed = plan.Found.Stored.Candidates.ToDictionary(c => c.Value.Id, c => c.Key.Value);
        var known = await KnownAsync(
            ElementNames.Candidate,
            changes.NewCandidates.Concat(changes.ChangedCandidates).Select(c => c.ReferenceId).Concat(changes.ConfirmedCandidates.Select(c => confirmed[c.Id])),
            cancellationToken);
        var before = (await rows.Stored.CandidatesAsync([.. changes.ChangedCandidates.Select(c => c.Id).Where(id => id > 0)], cancellationToken)).ToDictionary(c => c.ReferenceId);
        var changed = ChangedIn(changes, ElementNames.Candidate);
        foreach (var row in changes.NewCandidates.Concat(changes.ChangedCandidates))
        {
            var old = before.GetValueOrDefault(row.ReferenceId);
            var fields = PlannedFields.Between(CandidateColumns.All, old?.Columns ?? new CandidateColumns(), row.Columns);
            var entry = Take(known, ElementNames.Candidate, row.ReferenceId, row.ReferenceId, old?.Id, old is null ? null : PlannedState.Of(old).HashOfCandidate());
            row.Id = entry is null ? Nowhere : PlannedRows.KeyOf(entry);
            if (entry is not null)
            {
                entry.State = PlannedState.Of(row).ToJson();
                Describe(entry, fields, wasDeleted: old is { IsDeleted: true } && !row.IsDeleted, changed.Contains(row.ReferenceId));
            }
        }

        foreach (var (id, version, reference) in changes.ConfirmedCandidates)
        {
            var person = confirmed[id];
            var stored = plan.Found.Stored.Candidates[new PersonId(person)];
            if (Take(known, ElementNames.Candidate, person, person, id, PlannedState.Of(stored).HashOfCandidate()) is { } entry)
            {
                Confirm(entry, PlannedState.Of(stored) with { Version = version, VersionReferenceId = reference });
            }
        }
    }

    private async Task RecordProfilesAsync(BatchPlan plan, RowChanges changes, CancellationToken cancellationToken)
    {
        var confirmed = plan.Found.Stored.Profiles.ToDictionary(p => p.Value.Id, p => p.Key.Value);
        var known = await KnownAsync(
            ElementNames.CandidateProfile,
            changes.NewProfiles.Concat(changes.ChangedProfiles).Select(p => p.ReferenceId).Concat(changes.ConfirmedProfiles.Select(p => confirmed[p.Id])),
            cancellationToken);
        var before = (await rows.Stored.ProfilesAsync([.. changes.ChangedProfiles.Select(p => p.Id).Where(id => id > 0)], cancellationToken)).ToDictionary(p => p.ReferenceId);
        var left = await OwnersAsync(changes.ChangedProfiles.Where(p => before.TryGetValue(p.ReferenceId, out var old) && old.CandidateId != p.CandidateId).Select(p => before[p.ReferenceId].CandidateId), cancellationToken);
        var changed = ChangedIn(changes, ElementNames.CandidateProfile);
        foreach (var row in changes.NewProfiles.Concat(changes.ChangedProfiles))
        {
            var old = before.GetValueOrDefault(row.ReferenceId);
            var fields = PlannedFields.Between(ProfileColumns.All, old?.Columns ?? new ProfileColumns(), row.Columns);
            if (old is not null && left.TryGetValue(old.CandidateId, out var person) && old.CandidateId != row.CandidateId)
            {
                fields.Insert(0, PlannedFields.Of(PlannedFields.Owner, person, OwnerOf(row.ReferenceId)));
            }

            if (Take(known, ElementNames.CandidateProfile, row.ReferenceId, OwnerOf(row.ReferenceId), old?.Id, old is null ? null : PlannedState.Of(old).HashOfProfile()) is { } entry)
            {
                (entry.State, entry.PersonKey) = (PlannedState.Of(row).ToJson(), row.PersonKey);

                // A row that only remembers a lost copy keeps the record that it has.
                entry.Payload = _keepsRecords && row.SourcePayload != old?.SourcePayload ? row.SourcePayload : null;
                Describe(entry, fields, wasDeleted: old is { IsDeleted: true } && !row.IsDeleted, changed.Contains(row.ReferenceId));
            }
        }

        foreach (var row in changes.ConfirmedProfiles)
        {
            var application = confirmed[row.Id];
            var stored = plan.Found.Stored.Profiles[new ApplicationId(application)];
            if (Take(known, ElementNames.CandidateProfile, application, OwnerOf(application), row.Id, PlannedState.Of(stored).HashOfProfile()) is { } entry)
            {
                (entry.PersonKey, entry.Payload) = (row.PersonKey, _keepsRecords ? row.SourcePayload : null);
                Confirm(entry, PlannedState.Of(stored) with { Version = row.Version, Digest = row.SourceDigest });
            }
        }
    }

    /// <summary>With a person goes what was planned of them; only that they are to be erased is left.</summary>
    private async Task RecordErasuresAsync(BatchPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Erasure is not { } erased)
        {
            return;
        }

        await Lookups.ForAsync(erased.References, some => rows.Entries.Where(e => some.Contains(e.ReferenceId)).ExecuteDeleteAsync(cancellationToken));
        await Lookups.ForAsync(erased.References, some => rows.Entries.Where(e => some.Contains(e.PersonReferenceId)).ExecuteDeleteAsync(cancellationToken));
        foreach (var (application, index) in plan.Applications.Select((a, i) => (a, i)))
        {
            // Of whoever is on hold the request is stored instead, when the plan is applied.
            if (application is not ApplicationPlan.Erase || (erased.Outcomes[index] is null && plan.Found.Erased.Of(application.Application) is { IsWhole: true }))
            {
                continue;
            }

            var whole = application.Application.Materialize();
            if (Take([], ElementNames.CandidateProfile, whole.Id.Value, whole.PersonId.Value, rowId: null, before: null) is { } entry)
            {
                (entry.Kind, entry.Payload) = (PlannedChange.Erased, _keepsRecords ? whole.Payload : null);
                entry.Hash = HashOf(entry);
            }
        }
    }

    private async Task RecordRefusalsAsync(BatchPlan plan, CancellationToken cancellationToken)
    {
        var failures = plan.Ledger.Select(decision => decision switch
        {
            LedgerDecision.Enter(var failure, _) => failure,
            LedgerDecision.FailAgain(_, var failure, _, _) => failure,
            LedgerDecision.Outlive(_, var failure, _) => failure,
            _ => null,
        }).OfType<RecordFailure>().ToList();
        var settled = plan.Ledger.OfType<LedgerDecision.Settle>().Where(s => s.Entry.RunId == run.RunId).Select(s => s.Entry.ReferenceId).ToList();
        await Lookups.ForAsync(settled, some => rows.Entries.Where(e => e.Kind == PlannedChange.Refused && some.Contains(e.ReferenceId)).ExecuteDeleteAsync(cancellationToken));
        if (failures.Count == 0)
        {
            return;
        }

        var known = await KnownAsync(ElementNames.ActivityLog, failures.Select(f => f.ReferenceId), cancellationToken);
        foreach (var failure in failures)
        {
            if (Take(known, ElementNames.ActivityLog, failure.ReferenceId, failure.Person?.Value, rowId: null, before: null) is { } entry)
            {
                (entry.Kind, entry.Sentence) = (PlannedChange.Refused, failure.Message);
                (entry.State, entry.Payload) = _keepsRecords ? (PlannedFailure.Of(failure).ToJson(), failure.Payload) : (null, null);
                entry.Hash = PlanHash.OfEntry(nameof(PlannedChange.Refused), entry.ElementName, entry.ReferenceId, entry.PersonReferenceId, fields: null, failure.Payload);
            }
        }
    }

    /// <summary>The entry of a row: the one that there is, or a new one where the plan has room for it.</summary>
    private PlanEntry? Take(Dictionary<string, PlanEntry> known, string element, string reference, string? person, long? rowId, byte[]? before)
    {
        if (known.TryGetValue(reference, out var entry))
        {
            entry.PersonReferenceId = person ?? entry.PersonReferenceId;
            return entry;
        }

        if (_last >= largest)
        {
            IsFull = true;
            return null;
        }

        entry = new PlanEntry
        {
            RunId = run.RunId,
            Number = ++_last,
            ScopeId = run.Request.ScopeId,
            Kind = PlannedChange.Confirmed,
            ElementName = element,
            ReferenceId = reference,
            PersonReferenceId = person,
            RowId = rowId,
            Before = before,
            Hash = [],
        };
        known[reference] = entry;
        db.PlanEntries.Add(entry);
        return entry;
    }

    /// <summary>What an import would log as changed, even where a later record changes it back.</summary>
    private static HashSet<string> ChangedIn(RowChanges changes, string element) =>
        changes.Logs.Where(entry => entry.Log.ElementName == element).Select(entry => entry.Log.ReferenceId).ToHashSet(StringComparer.Ordinal);

    private static void Describe(PlanEntry entry, List<PlannedField> fields, bool wasDeleted, bool isChanged)
    {
        if (wasDeleted)
        {
            fields.Add(PlannedFields.Of(PlannedFields.IsDeleted, true, false));
        }

        var told = PlannedFields.ToJson(fields);
        entry.Kind = entry.RowId is null ? PlannedChange.Created : told is null ? PlannedChange.Confirmed : PlannedChange.Updated;

        // One that was changed and is as it was before has been counted all the same.
        entry.Fields = told ?? (isChanged || entry.Fields is not null ? PlanEntry.ChangedBack : null);
        entry.Hash = HashOf(entry);
    }

    /// <summary>What an entry does stays as it is, but for what its row remembers.</summary>
    private static void Confirm(PlanEntry entry, PlannedState state)
    {
        entry.State = state.ToJson();
        entry.Hash = HashOf(entry);
    }

    private static byte[] HashOf(PlanEntry entry) => PlanHash.OfEntry(entry.Kind.ToString(), entry.ElementName, entry.ReferenceId, entry.PersonReferenceId, entry.Fields, payload: null);

    private string? OwnerOf(string application) => _owners.TryGetValue(application, out var owner) ? owner.Value : null;

    private async Task<Dictionary<string, PlanEntry>> KnownAsync(string element, IEnumerable<string> references, CancellationToken cancellationToken) =>
        (await Lookups.ListAsync(references, some => rows.Entries.Where(e => e.ElementName == element && some.Contains(e.ReferenceId)), cancellationToken)).ToDictionary(e => e.ReferenceId);

    private async Task<Dictionary<long, string>> OwnersAsync(IEnumerable<long> ids, CancellationToken cancellationToken) =>
        (await Lookups.ListAsync(ids, some => db.Candidates.Where(c => some.Contains(c.Id)).Select(c => new { c.Id, c.ReferenceId }), cancellationToken)).ToDictionary(c => c.Id, c => c.ReferenceId);
}

/// <summary>Why a record of a plan cannot be stored, so that it can enter the ledger when the plan is applied; its record is kept beside it.</summary>
internal sealed record PlannedFailure(ActivityName Name, string Element, string? Person, DateTimeOffset? Version, string ClassName, int HResult, string Source, bool Park, FailureCause Cause, string? Field)
{
    public static PlannedFailure Of(RecordFailure failure) =>
        new(failure.Name, failure.Element, failure.Person?.Value, failure.Version, failure.ClassName, failure.HResult, failure.Source, failure.Park, failure.Cause, failure.Field);

    public static RecordFailure From(PlanEntry entry)
    {
        var failure = JsonSerializer.Deserialize<PlannedFailure>(entry.State!) ?? throw new InvalidOperationException("The failure of an entry is null: only this program writes it.");
        return new RecordFailure(
            failure.Name, failure.Element, entry.ReferenceId, failure.Person is { } person ? new PersonId(person) : null, failure.Version, entry.Payload ?? "", entry.Sentence ?? "", failure.ClassName, failure.HResult, failure.Source, failure.Park)
        {
            Cause = failure.Cause,
            Field = failure.Field,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this);
}

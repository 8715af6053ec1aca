using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// The rows as a run that only plans would have left them by now: the stored ones, with its own entries laid over them. So its plan is that of an import, however many
/// records are about one row. A row that is only planned has the negative number of its entry for a key.
/// </summary>
internal sealed class PlannedRows(HokifyDbContext db, int scopeId, Guid runId, BatchRows stored) : BatchRows(db, scopeId)
{
    /// <summary>The rows as they are stored.</summary>
    public BatchRows Stored => stored;

    public IQueryable<PlanEntry> Entries => Db.PlanEntries.Where(e => e.RunId == runId);

    public static long KeyOf(PlanEntry entry) => entry.RowId ?? -entry.Number;

    public override async Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ApplicationId, StoredProfile>(await stored.FindProfilesAsync(applications, cancellationToken));
        foreach (var entry in await OfAsync(ElementNames.CandidateProfile, applications.Select(a => a.Value), cancellationToken))
        {
            if (entry.State is null)
            {
                // It is to be erased, and after that it is not there.
                found.Remove(new ApplicationId(entry.ReferenceId));
            }
            else
            {
                found[new ApplicationId(entry.ReferenceId)] = PlannedState.Of(entry).Profile(KeyOf(entry), entry.PersonKey);
            }
        }

        return found;
    }

    public override async Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken)
    {
        var found = await stored.FindCandidatesAsync(people, ids.Where(id => id.Key > 0).ToDictionary(), cancellationToken);
        var entries = await OfAsync(ElementNames.Candidate, people.Concat(found.Keys).Select(p => p.Value), cancellationToken);
        foreach (var entry in entries.Concat(await OfKeysAsync(ids.Keys, cancellationToken)))
        {
            found[new PersonId(entry.ReferenceId)] = PlannedState.Of(entry).Candidate(KeyOf(entry));
        }

        return found;
    }

    public override async Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken)
    {
        var owners = await stored.FindOwnersAsync(keys, cancellationToken);
        var planned = await Lookups.ListAsync(
            keys.Select(key => key.ToBytes()), some => Entries.AsNoTracking().Where(e => some.Contains(e.PersonKey) && e.State != null), cancellationToken);
        foreach (var entry in planned.OrderBy(e => e.Number))
        {
            // Whoever was stored first, and of those who are only planned, whoever was planned first.
            var (key, owner) = (PersonKey.Of(entry.PersonKey), PlannedState.Of(entry).Owner);
            owners[key] = !owners.TryGetValue(key, out var known) ? owner : known > 0 && owner > 0 ? Math.Min(known, owner) : Math.Max(known, owner);
        }

        return owners;
    }

    /// <summary>What the plan adds has been read, so it is never among what is missing.</summary>
    public override Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken) => stored.VisitActiveAsync(visit, cancellationToken);

    public override async Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken)
    {
        var rows = (await stored.CandidatesAsync([.. ids.Where(id => id > 0)], cancellationToken)).ToDictionary(c => c.ReferenceId);
        var entries = await OfAsync(ElementNames.Candidate, rows.Keys, cancellationToken);
        foreach (var entry in entries.Concat(await OfKeysAsync(ids, cancellationToken)))
        {
            rows[entry.ReferenceId] = Over(entry, rows.GetValueOrDefault(entry.ReferenceId));
        }

        return [.. rows.Values];
    }

    public override async Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken)
    {
        var rows = (await stored.ProfilesAsync([.. ids.Where(id => id > 0)], cancellationToken)).ToDictionary(p => p.ReferenceId);
        var entries = await OfAsync(ElementNames.CandidateProfile, rows.Keys, cancellationToken);
        foreach (var entry in entries.Concat(await OfKeysAsync(ids, cancellationToken)).Where(e => e.State is not null))
        {
            rows[entry.ReferenceId] = Over(entry, rows.GetValueOrDefault(entry.ReferenceId));
        }

        return [.. rows.Values];
    }

    /// <summary>Nothing is changed but the plan; see <see cref="PlanRecorder"/>.</summary>
    public override Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken) => throw new NotSupportedException("A plan is recorded, not applied.");

    public override void Dispose()
    {
        stored.Dispose();
        base.Dispose();
    }

    /// <summary>A person's row as an entry would leave it.</summary>
    public static Candidate Over(PlanEntry entry, Candidate? row)
    {
        var state = PlannedState.Of(entry);
        var planned = row?.Copy() ?? new Candidate { ScopeId = entry.ScopeId, ReferenceId = entry.ReferenceId, ContentHash = [], Columns = new CandidateColumns() };
        planned.Id = KeyOf(entry);
        planned.Columns = PlannedFields.Over(planned.Columns, CandidateColumns.All, entry.Fields);
        (planned.ContentHash, planned.Version, planned.VersionReferenceId, planned.IsDeleted) = (state.Content, state.Version, state.VersionReferenceId, state.IsDeleted);
        return planned;
    }

    /// <summary>An application's row as an entry would leave it.</summary>
    public static CandidateProfile Over(PlanEntry entry, CandidateProfile? row)
    {
        var state = PlannedState.Of(entry);
        var planned = row?.Copy() ?? new CandidateProfile { ScopeId = entry.ScopeId, ReferenceId = entry.ReferenceId, ContentHash = [], Columns = new ProfileColumns() };
        (planned.Id, planned.CandidateId, planned.PersonKey) = (KeyOf(entry), state.Owner, entry.PersonKey);
        planned.Columns = PlannedFields.Over(planned.Columns, ProfileColumns.All, entry.Fields);
        (planned.ContentHash, planned.Version, planned.IsDeleted) = (state.Content, state.Version, state.IsDeleted);
        (planned.SourceDigest, planned.OtherCopies, planned.SourcePayload) = (state.Digest, state.Others, entry.Payload ?? planned.SourcePayload);
        return planned;
    }

    private Task<List<PlanEntry>> OfAsync(string element, IEnumerable<string> references, CancellationToken cancellationToken) => Lookups.ListAsync(
        references, some => Entries.AsNoTracking().Where(e => e.ElementName == element && some.Contains(e.ReferenceId)), cancellationToken);

    /// <summary>Those of rows that are only planned.</summary>
    private Task<List<PlanEntry>> OfKeysAsync(IEnumerable<long> keys, CancellationToken cancellationToken) => Lookups.ListAsync(
        keys.Where(key => key < 0).Select(key => -key), some => Entries.AsNoTracking().Where(e => some.Contains(e.Number)), cancellationToken);
}

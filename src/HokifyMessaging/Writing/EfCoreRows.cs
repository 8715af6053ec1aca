using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>The reference: EF Core finds the rows and writes them.</summary>
internal sealed class EfCoreRows(HokifyDbContext db, int scopeId) : IBatchRows
{
    /// <summary>Each is a parameter of its own, and a statement has not room for many.</summary>
    private const int KeysAtATime = 500;

    public async Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken)
    {
        if (applications.Count == 0)
        {
            return [];
        }

        return await db.CandidateProfiles.AsNoTracking()
            .Where(p => p.ScopeId == scopeId)
            .WithIdIn(db, p => p.ReferenceId, applications.Select(a => a.Value))
            .Select(p => new { p.ReferenceId, p.Id, p.CandidateId, p.ContentHash, p.Version, p.IsDeleted, p.SourceDigest, p.PersonKey, p.OtherCopies })
            .ToDictionaryAsync(
                p => new ApplicationId(p.ReferenceId),
                p => new StoredProfile(
                    p.Id, p.CandidateId, ContentHash.Of(p.ContentHash), p.Version, p.IsDeleted, SourceDigest.Of(p.SourceDigest), PersonKey.Of(p.PersonKey), OtherCopies.Of(p.OtherCopies)),
                cancellationToken);
    }

    public async Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<PersonId, StoredCandidate>();
        var candidates = db.Candidates.AsNoTracking();
        if (people.Count > 0)
        {
            await AddAsync(candidates.Where(c => c.ScopeId == scopeId).WithIdIn(db, c => c.ReferenceId, people.Select(p => p.Value)));
        }

        if (ids.Count > 0)
        {
            var keys = ids.Keys.ToList();
            await AddAsync(candidates.Where(c => EF.Parameter(keys).Contains(c.Id)));
        }

        return found;

        async Task AddAsync(IQueryable<Candidate> rows)
        {
            await foreach (var row in rows
                .Select(c => new { c.ReferenceId, c.Id, c.ContentHash, c.Version, c.VersionReferenceId, c.IsDeleted })
                .AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                found[new PersonId(row.ReferenceId)] = new StoredCandidate(row.Id, ContentHash.Of(row.ContentHash), row.Version, row.VersionReferenceId, row.IsDeleted);
            }
        }
    }

    public async Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<PersonKey, long>();
        foreach (var wanted in keys.Select(key => key.ToBytes()).Chunk(KeysAtATime))
        {
            await foreach (var row in db.CandidateProfiles
                .Where(p => p.ScopeId == scopeId && wanted.Contains(p.PersonKey))
                .Select(p => new { p.PersonKey, p.CandidateId })
                .AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var key = PersonKey.Of(row.PersonKey);
                owners[key] = owners.TryGetValue(key, out var known) ? Math.Min(known, row.CandidateId) : row.CandidateId;
            }
        }

        return owners;
    }

    public async Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken)
    {
        // EF Core's statement, but not its objects.
        await using var command = db.CandidateProfiles.Where(p => p.ScopeId == scopeId && !p.IsDeleted).Select(p => new { p.Id, p.ReferenceId }).CreateDbCommand();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            visit(reader.GetInt64(0), RecordKeys.Of(reader.GetString(1)));
        }
    }

    public Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken) =>
        db.Candidates.AsNoTracking().Where(c => EF.Parameter(ids).Contains(c.Id)).ToListAsync(cancellationToken);

    public Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken) =>
        db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);

    public async Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken)
    {
        db.Candidates.AddRange(changes.NewCandidates);
        db.Candidates.UpdateRange(changes.ChangedCandidates);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (id, version, reference) in changes.ConfirmedCandidates)
        {
            await db.Candidates.Where(c => c.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.Version, version).SetProperty(c => c.VersionReferenceId, reference), cancellationToken);
        }

        changes.AssignOwners();
        db.CandidateProfiles.AddRange(changes.NewProfiles);
        db.CandidateProfiles.UpdateRange(changes.ChangedProfiles);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var (id, version, digest, key) in changes.ConfirmedProfiles)
        {
            await db.CandidateProfiles.Where(p => p.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(p => p.Version, version).SetProperty(p => p.SourceDigest, digest).SetProperty(p => p.PersonKey, key), cancellationToken);
        }

        changes.AssignElements();
        db.ActivityLogs.AddRange(changes.Logs.Select(l => l.Log));
        changes.TrackLedger(db);
        await db.SaveChangesAsync(cancellationToken);
    }

    public void Dispose()
    {
        // The context belongs to the transaction.
    }
}

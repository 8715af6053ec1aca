using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// How the rows of a batch are found and written, within the transaction that the batch's context has begun. EF Core finds them on
/// every provider; a faster way has to find the same. What is written must be exactly what EF Core would leave.
/// </summary>
internal abstract class BatchRows(HokifyDbContext db, int scopeId) : IDisposable
{
    /// <summary>Each is a parameter of its own, and a statement has not room for many.</summary>
    private const int KeysAtATime = 500;

    protected HokifyDbContext Db { get; } = db;

    protected int ScopeId { get; } = scopeId;

    /// <summary>Keys, hashes and versions of the applications that are stored, and nothing else; an id may be asked for more than once.</summary>
    public virtual async Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken)
    {
        if (applications.Count == 0)
        {
            return [];
        }

        return await Db.CandidateProfiles.AsNoTracking()
            .Where(p => p.ScopeId == ScopeId)
            .WithIdIn(Db, p => p.ReferenceId, applications.Select(a => a.Value))
            .Select(p => new { p.ReferenceId, p.Id, p.CandidateId, p.ContentHash, p.Version, p.IsDeleted, p.SourceDigest, p.PersonKey, p.OtherCopies })
            .ToDictionaryAsync(
                p => new ApplicationId(p.ReferenceId),
                p => new StoredProfile(
                    p.Id, p.CandidateId, ContentHash.Of(p.ContentHash), p.Version, p.IsDeleted, SourceDigest.Of(p.SourceDigest), PersonKey.Of(p.PersonKey), OtherCopies.Of(p.OtherCopies)),
                cancellationToken);
    }

    /// <summary>The same of people, some by hokify's id and some by the key of their row, with one of the applications that led there.</summary>
    public virtual async Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<PersonId, StoredCandidate>();
        var candidates = Db.Candidates.AsNoTracking();
        if (people.Count > 0)
        {
            await AddAsync(candidates.Where(c => c.ScopeId == ScopeId).WithIdIn(Db, c => c.ReferenceId, people.Select(p => p.Value)));
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

    /// <summary>The keys of the rows of people of whom an application is stored that says the same of who they are; of several people the one who was stored first.</summary>
    public virtual async Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<PersonKey, long>();
        foreach (var wanted in keys.Select(key => key.ToBytes()).Chunk(KeysAtATime))
        {
            await foreach (var row in Db.CandidateProfiles
                .Where(p => p.ScopeId == ScopeId && wanted.Contains(p.PersonKey))
                .Select(p => new { p.PersonKey, p.CandidateId })
                .AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var key = PersonKey.Of(row.PersonKey);
                owners[key] = owners.TryGetValue(key, out var known) ? Math.Min(known, row.CandidateId) : row.CandidateId;
            }
        }

        return owners;
    }

    /// <summary>
    /// The key of each application that is stored and not deleted, with that of its id among a run's <see cref="RecordKeys"/>,
    /// in any order. All that is stored passes by here, so nothing is made of a row.
    /// </summary>
    public virtual async Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken)
    {
        // EF Core's statement, but not its objects.
        await using var command = Db.CandidateProfiles.Where(p => p.ScopeId == ScopeId && !p.IsDeleted).Select(p => new { p.Id, p.ReferenceId }).CreateDbCommand();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            visit(reader.GetInt64(0), RecordKeys.Of(reader.GetString(1)));
        }
    }

    /// <summary>Whole rows, which the context does not track.</summary>
    public virtual Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken) =>
        Db.Candidates.AsNoTracking().Where(c => EF.Parameter(ids).Contains(c.Id)).ToListAsync(cancellationToken);

    /// <summary>Whole rows, which the context does not track.</summary>
    public virtual Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken) =>
        Db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);

    /// <summary>Carries changes out; with them goes what the context tracks.</summary>
    public abstract Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken);

    /// <summary>Gives back what was made ready; the context belongs to the transaction.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>The fastest way for a provider.</summary>
    public static BatchRowsOf Of(DatabaseProvider provider) => provider == DatabaseProvider.Sqlite
        ? (db, scopeId) => new SqliteRows(db, scopeId)
        : (db, scopeId) => new SqlServerRows(db, scopeId, SqlServerBulkCopy.WriteAsync);
}

/// <summary>The way for a context's provider.</summary>
internal delegate BatchRows BatchRowsOf(HokifyDbContext db, int scopeId);

/// <summary>What a run writes its batches into.</summary>
internal static class RowsOfRuns
{
    /// <summary>The rows; for a run that only plans, with its own plan laid over them.</summary>
    public static BatchRows For(this BatchRowsOf rowsOf, RunInProgress run)
    {
        var kept = run.Session!.Kept<BatchRows>(db => rowsOf(db, run.Request.ScopeId) is var rows && run.IsPlanning ? new PlannedRows(db, run.Request.ScopeId, run.RunId, rows) : rows);

        // A run that applies a plan has made it before, on the same connection.
        return kept is PlannedRows planned && !run.IsPlanning ? planned.Stored : kept;
    }
}

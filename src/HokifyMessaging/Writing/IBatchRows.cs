using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// How the rows of a batch are found and written, within the transaction that the batch's context has begun. EF Core does it on every provider and is the reference; a faster way has to
/// leave exactly the same rows.
/// </summary>
internal interface IBatchRows : IDisposable
{
    /// <summary>Keys, hashes and versions of the applications that are stored, and nothing else; an id may be asked for more than once.</summary>
    Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken);

    /// <summary>The same of people, some by hokify's id and some by the key of their row, with one of the applications that led there.</summary>
    Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken);

    /// <summary>The keys of the rows of people of whom an application is stored that says the same of who they are; of several people the one who was stored first.</summary>
    Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// The key of each application that is stored and not deleted, with that of its id among a run's <see cref="RecordKeys"/>,
    /// in any order. All that is stored passes by here, so nothing is made of a row.
    /// </summary>
    Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken);

    /// <summary>Whole rows, which the context does not track.</summary>
    Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken);

    /// <summary>Whole rows, which the context does not track.</summary>
    Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken);

    /// <summary>Carries changes out; with them goes what the context tracks.</summary>
    Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken);
}

/// <summary>The way for a context's provider.</summary>
internal delegate IBatchRows BatchRowsOf(HokifyDbContext db, int scopeId);

internal static class BatchRows
{
    /// <summary>The fastest that leaves the same rows as EF Core, as far as the settings allow.</summary>
    public static BatchRowsOf Fastest(DatabaseOptions database) => database switch
    {
        { Provider: DatabaseProvider.Sqlite } => (db, scopeId) => new SqliteRows(db, scopeId),
        { Provider: DatabaseProvider.SqlServer, BulkCopy: true } => (db, scopeId) => new SqlServerRows(db, scopeId, SqlServerBulkCopy.WriteAsync),
        _ => (db, scopeId) => new EfCoreRows(db, scopeId),
    };
}

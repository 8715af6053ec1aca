using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Writing;

/// <summary>
/// The fast way on SQLite: one prepared statement for each thing that is done, executed row by row without anything in
/// between. A look-up by its index costs SQLite a few microseconds, which no list of keys can beat. Statements, names and
/// conversions come from EF Core's model, so that a migration cannot leave them behind.
/// </summary>
internal sealed class SqliteRows(HokifyDbContext db, int scopeId) : IBatchRows
{
    private static readonly ConditionalWeakTable<IModel, Tables> OfModel = [];

    private readonly Tables _tables = OfModel.GetValue(db.Model, model => new Tables(model));
    private readonly SqliteConnection _connection = (SqliteConnection)db.Database.GetDbConnection();
    private readonly List<SqliteStatement> _prepared = [];
    private readonly UntrackedRows _untracked = new(db);
    private SqliteStatement? _findProfile;
    private SqliteStatement? _findCandidate;
    private SqliteStatement? _insertCandidate;
    private SqliteStatement? _insertProfile;
    private SqliteStatement? _insertLog;
    private SqliteStatement? _updateCandidate;
    private SqliteStatement? _updateProfile;

    public Task<StoredRows> FindAsync(IReadOnlyList<MappedApplication> applications, CancellationToken cancellationToken)
    {
        var profiles = new Dictionary<ApplicationId, StoredProfile>(applications.Count);
        var candidates = new Dictionary<PersonId, StoredCandidate>(applications.Count);
        foreach (var application in applications)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!profiles.ContainsKey(application.Id) && FindProfile(application.Id) is { } profile)
            {
                profiles.Add(application.Id, profile);
            }

            if (!candidates.ContainsKey(application.PersonId) && FindCandidate(application.PersonId) is { } candidate)
            {
                candidates.Add(application.PersonId, candidate);
            }
        }

        return Task.FromResult(new StoredRows(candidates, profiles));
    }

    public Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken) => _untracked.CandidatesAsync(ids, cancellationToken);

    public Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken) => _untracked.ProfilesAsync(ids, cancellationToken);

    public Task ReserveAsync(int candidates, int profiles, int logs, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>By the key alone: a reference that an earlier copy has set would outrank the key that a later one sets.</summary>
    public void Belong(CandidateProfile profile, Candidate candidate) => profile.CandidateId = candidate.Id;

    public void Insert(Candidate candidate)
    {
        candidate.Id = _tables.Candidates.Insert(Prepared(ref _insertCandidate, _tables.Candidates.InsertSql), candidate);
        _untracked.Remember(candidate);
    }

    public void Insert(CandidateProfile profile)
    {
        profile.Id = _tables.Profiles.Insert(Prepared(ref _insertProfile, _tables.Profiles.InsertSql), profile);
        _untracked.Remember(profile);
    }

    public void Insert(ActivityLog log) => log.Id = _tables.Logs.Insert(Prepared(ref _insertLog, _tables.Logs.InsertSql), log);

    public void Update(Candidate candidate)
    {
        _tables.Candidates.Update(Prepared(ref _updateCandidate, _tables.Candidates.UpdateSql), candidate, candidate.Id);
    }

    public void Update(CandidateProfile profile)
    {
        _tables.Profiles.Update(Prepared(ref _updateProfile, _tables.Profiles.UpdateSql), profile, profile.Id);
    }

    public Task SaveAsync(CancellationToken cancellationToken) => db.SaveChangesAsync(cancellationToken);

    public Task ShareAsync(CancellationToken cancellationToken)
    {
        _untracked.Share();
        return Task.CompletedTask;
    }

    public void Dispose() => _prepared.ForEach(statement => statement.Dispose());

    private StoredProfile? FindProfile(ApplicationId id)
    {
        var found = Prepared(ref _findProfile, _tables.FindProfileSql);
        found.Bind(1, scopeId);
        found.Bind(2, id.Value);
        var row = found.Step()
            ? new StoredProfile(found.Int64(0), found.Int64(1), found.Blob(2), Instant(found, 3), found.Int64(4) != 0)
            : null;
        found.Reset();
        return row;
    }

    private StoredCandidate? FindCandidate(PersonId id)
    {
        var found = Prepared(ref _findCandidate, _tables.FindCandidateSql);
        found.Bind(1, scopeId);
        found.Bind(2, id.Value);
        var row = found.Step()
            ? new StoredCandidate(found.Int64(0), found.Blob(1), Instant(found, 2), found.Text(3), found.Int64(4) != 0)
            : null;
        found.Reset();
        return row;
    }

    private DateTimeOffset? Instant(SqliteStatement row, int column) => row.Text(column) is { } text ? _tables.Instant(text) : null;

    private SqliteStatement Prepared(ref SqliteStatement? statement, string sql)
    {
        if (statement is null)
        {
            statement = new SqliteStatement(_connection, sql);
            _prepared.Add(statement);
        }

        return statement;
    }

    /// <summary>What is the same for every batch.</summary>
    private sealed class Tables
    {
        public Tables(IModel model)
        {
            // Columns that never change once written are left out of updates: naming one costs SQLite the upkeep of its index.
            Candidates = new SqliteTable<Candidate>(model, nameof(Candidate.ScopeId), nameof(Candidate.ReferenceId), nameof(Candidate.CreatedAt));
            Profiles = new SqliteTable<CandidateProfile>(model, nameof(CandidateProfile.ScopeId), nameof(CandidateProfile.ReferenceId), nameof(CandidateProfile.CreatedAt));
            Logs = new SqliteTable<ActivityLog>(model);
            FindProfileSql = Profiles.SelectSql(
                [nameof(CandidateProfile.Id), nameof(CandidateProfile.CandidateId), nameof(CandidateProfile.ContentHash), nameof(CandidateProfile.Version), nameof(CandidateProfile.IsDeleted)],
                nameof(CandidateProfile.ScopeId),
                nameof(CandidateProfile.ReferenceId));
            FindCandidateSql = Candidates.SelectSql(
                [nameof(Candidate.Id), nameof(Candidate.ContentHash), nameof(Candidate.Version), nameof(Candidate.VersionReferenceId), nameof(Candidate.IsDeleted)],
                nameof(Candidate.ScopeId),
                nameof(Candidate.ReferenceId));
            Instant = Profiles.FromText<DateTimeOffset>(nameof(CandidateProfile.Version));
        }

        public SqliteTable<Candidate> Candidates { get; }

        public SqliteTable<CandidateProfile> Profiles { get; }

        public SqliteTable<ActivityLog> Logs { get; }

        public string FindProfileSql { get; }

        public string FindCandidateSql { get; }

        public Func<string, DateTimeOffset> Instant { get; }
    }
}

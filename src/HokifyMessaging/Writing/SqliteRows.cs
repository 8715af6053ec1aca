using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
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
internal sealed class SqliteRows(HokifyDbContext db, int scopeId) : BatchRows(db, scopeId)
{
    private static readonly ConditionalWeakTable<IModel, Tables> OfModel = [];

    private readonly Tables _tables = OfModel.GetValue(db.Model, model => new Tables(model));
    private readonly SqliteConnection _connection = (SqliteConnection)db.Database.GetDbConnection();
    private readonly List<SqliteStatement> _prepared = [];
    private SqliteStatement? _active;
    private SqliteStatement? _findProfile;
    private SqliteStatement? _findOwner;
    private SqliteStatement? _findCandidate;
    private SqliteStatement? _findCandidateById;
    private SqliteStatement? _confirmCandidate;
    private SqliteStatement? _confirmProfile;
    private SqliteStatement? _insertCandidate;
    private SqliteStatement? _insertProfile;
    private SqliteStatement? _insertLog;
    private SqliteStatement? _updateCandidate;
    private SqliteStatement? _updateProfile;

    public override Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken)
    {
        var profiles = new Dictionary<ApplicationId, StoredProfile>(applications.Count);
        foreach (var id in applications)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = Prepared(ref _findProfile, _tables.FindProfileSql);
            found.Bind(1, ScopeId);
            found.Bind(2, id.Value);
            if (found.Step())
            {
                profiles[id] = new StoredProfile(found.Int64(0), found.Int64(1), ContentHash.Of(found.Span(2)), found.Instant(3), found.Int64(4) != 0, SourceDigest.Of(found.Span(5)), PersonKey.Of(found.Span(6)), OtherCopies.Of(found.Span(7)));
            }

            found.Reset();
        }

        return Task.FromResult(profiles);
    }

    public override Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken)
    {
        var candidates = new Dictionary<PersonId, StoredCandidate>(people.Count + ids.Count);
        foreach (var person in people)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = Prepared(ref _findCandidate, _tables.FindCandidateSql);
            found.Bind(1, ScopeId);
            found.Bind(2, person.Value);
            Add(found, person, null);
        }

        foreach (var (id, application) in ids)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = Prepared(ref _findCandidateById, _tables.FindCandidateByIdSql);
            found.Bind(1, id);
            Add(found, null, application.Value);
        }

        return Task.FromResult(candidates);

        void Add(SqliteStatement found, PersonId? person, string? likelyReference)
        {
            if (found.Step())
            {
                candidates[person ?? new PersonId(found.Text(5)!)] = new StoredCandidate(found.Int64(0), ContentHash.Of(found.Span(1)), found.Instant(2), found.Text(3, likelyReference), found.Int64(4) != 0);
            }

            found.Reset();
        }
    }

    public override Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<PersonKey, long>();
        foreach (var key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = Prepared(ref _findOwner, _tables.FindOwnerSql);
            found.Bind(1, ScopeId);
            found.Bind(2, key.ToBytes()!);
            while (found.Step())
            {
                owners[key] = owners.TryGetValue(key, out var known) ? Math.Min(known, found.Int64(0)) : found.Int64(0);
            }

            found.Reset();
        }

        return Task.FromResult(owners);
    }

    public override Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken)
    {
        var active = Prepared(ref _active, _tables.ActiveSql);
        active.Bind(1, ScopeId);
        active.Bind(2, false);
        while (active.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            visit(active.Int64(0), RecordKeys.Of(active.Span(1)));
        }

        active.Reset();
        return Task.CompletedTask;
    }

    public override Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken)
    {
        foreach (var candidate in changes.ChangedCandidates)
        {
            _tables.Candidates.Update(Prepared(ref _updateCandidate, _tables.Candidates.UpdateSql), candidate, candidate.Id);
        }

        changes.ConfirmedCandidates.ForEach(Confirm);
        InsertPeopleAndProfiles(changes);
        foreach (var profile in changes.ChangedProfiles)
        {
            _tables.Profiles.Update(Prepared(ref _updateProfile, _tables.Profiles.UpdateSql), profile, profile.Id);
        }

        changes.ConfirmedProfiles.ForEach(Confirm);
        changes.AssignElements();
        foreach (var (log, _) in changes.Logs)
        {
            log.Id = _tables.Logs.Insert(Prepared(ref _insertLog, _tables.Logs.InsertSql), log);
        }

        changes.TrackLedger(Db);
        return Db.SaveChangesAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _prepared.ForEach(statement => statement.Dispose());
        base.Dispose();
    }

    /// <summary>New people come just before the first of their applications: where one of these is refused, little was written in vain.</summary>
    private void InsertPeopleAndProfiles(RowChanges changes)
    {
        var people = new Queue<Candidate>(changes.NewCandidates);
        foreach (var profile in changes.NewProfiles)
        {
            if (changes.NewOwners.TryGetValue(profile, out var owner))
            {
                while (owner.Id == 0)
                {
                    Insert(people.Dequeue());
                }

                profile.CandidateId = owner.Id;
            }

            profile.Id = _tables.Profiles.Insert(Prepared(ref _insertProfile, _tables.Profiles.InsertSql), profile);
        }

        while (people.TryDequeue(out var candidate))
        {
            Insert(candidate);
        }

        changes.AssignOwners();

        void Insert(Candidate candidate) => candidate.Id = _tables.Candidates.Insert(Prepared(ref _insertCandidate, _tables.Candidates.InsertSql), candidate);
    }

    private void Confirm(ConfirmedCandidate candidate)
    {
        var update = Prepared(ref _confirmCandidate, _tables.ConfirmCandidateSql);
        BindInstant(update, 1, candidate.Version);
        update.Bind(2, candidate.VersionReferenceId);
        update.Bind(3, candidate.Id);
        update.Execute();
    }

    private void Confirm(ConfirmedProfile profile)
    {
        var update = Prepared(ref _confirmProfile, _tables.ConfirmProfileSql);
        BindInstant(update, 1, profile.Version);
        update.Bind(2, profile.SourcePayload);
        update.Bind(3, profile.PayloadAt);
        update.Bind(4, profile.SourceDigest);
        if (profile.PersonKey is { } key)
        {
            update.Bind(5, key);
        }
        else
        {
            update.BindNull(5);
        }

        update.Bind(6, profile.Id);
        update.Execute();
    }

    private static void BindInstant(SqliteStatement statement, int at, DateTimeOffset? instant)
    {
        if (instant is { } known)
        {
            statement.Bind(at, known);
        }
        else
        {
            statement.BindNull(at);
        }
    }

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
            ActiveSql = Profiles.SelectSql(
                [nameof(CandidateProfile.Id), nameof(CandidateProfile.ReferenceId)], nameof(CandidateProfile.ScopeId), nameof(CandidateProfile.IsDeleted));
            FindProfileSql = Profiles.SelectSql(
                [nameof(CandidateProfile.Id), nameof(CandidateProfile.CandidateId), nameof(CandidateProfile.ContentHash), Profiles.Instant(nameof(CandidateProfile.Version)), nameof(CandidateProfile.IsDeleted), nameof(CandidateProfile.SourceDigest), nameof(CandidateProfile.PersonKey), nameof(CandidateProfile.OtherCopies)],
                nameof(CandidateProfile.ScopeId),
                nameof(CandidateProfile.ReferenceId));
            FindOwnerSql = Profiles.SelectSql([nameof(CandidateProfile.CandidateId)], nameof(CandidateProfile.ScopeId), nameof(CandidateProfile.PersonKey));
            string[] candidate = [nameof(Candidate.Id), nameof(Candidate.ContentHash), Candidates.Instant(nameof(Candidate.Version)), nameof(Candidate.VersionReferenceId), nameof(Candidate.IsDeleted), nameof(Candidate.ReferenceId)];
            FindCandidateSql = Candidates.SelectSql(candidate, nameof(Candidate.ScopeId), nameof(Candidate.ReferenceId));
            FindCandidateByIdSql = Candidates.SelectSql(candidate, nameof(Candidate.Id));
            ConfirmCandidateSql = Candidates.UpdateSqlOf(nameof(Candidate.Version), nameof(Candidate.VersionReferenceId));
            ConfirmProfileSql = Profiles.UpdateSqlOf(
                nameof(CandidateProfile.Version), nameof(CandidateProfile.SourcePayload), nameof(CandidateProfile.PayloadAt), nameof(CandidateProfile.SourceDigest), nameof(CandidateProfile.PersonKey));
        }

        public SqliteTable<Candidate> Candidates { get; }

        public SqliteTable<CandidateProfile> Profiles { get; }

        public SqliteTable<ActivityLog> Logs { get; }

        public string ActiveSql { get; }

        public string FindProfileSql { get; }

        public string FindOwnerSql { get; }

        public string FindCandidateSql { get; }

        public string FindCandidateByIdSql { get; }

        public string ConfirmCandidateSql { get; }

        public string ConfirmProfileSql { get; }
    }
}

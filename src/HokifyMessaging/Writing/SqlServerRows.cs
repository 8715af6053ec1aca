using System.Globalization;
using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// The fast way on SQL Server: rows are kept until they are to be saved, loaded in bulk into a staging table, and moved from
/// there by one statement. Names, types and conversions come from EF Core's model, so that a migration cannot leave them
/// behind. A staging table is dropped by the statement that empties it, or with the transaction that made it.
/// </summary>
internal sealed class SqlServerRows(HokifyDbContext db, int scopeId, BulkCopy copy) : IBatchRows
{
    /// <summary>At 5,000 locks of one statement on one index SQL Server locks the table instead, for all scopes; a row may take two.</summary>
    private const int MostRowsOfStatement = 1_000;

    private static readonly ConditionalWeakTable<IModel, Tables> OfModel = [];

    private readonly Tables _tables = TablesOf(db);
    private readonly EfCoreRows _stored = new(db, scopeId);
    private readonly SqlServerKeys _candidateKeys = new(TablesOf(db).Candidates.KeysAtATime);
    private readonly SqlServerKeys _profileKeys = new(TablesOf(db).Profiles.KeysAtATime);
    private readonly SqlServerKeys _logKeys = new(TablesOf(db).Logs.KeysAtATime);
    private readonly HashSet<Candidate> _newCandidates = [];
    private readonly HashSet<Candidate> _changedCandidates = [];
    private readonly HashSet<CandidateProfile> _newProfiles = [];
    private readonly HashSet<CandidateProfile> _changedProfiles = [];
    private readonly List<ActivityLog> _logs = [];
    private readonly Dictionary<long, Candidate> _confirmedCandidates = [];
    private readonly Dictionary<long, CandidateProfile> _confirmedProfiles = [];

    public Task<Dictionary<ApplicationId, StoredProfile>> FindProfilesAsync(IReadOnlyCollection<ApplicationId> applications, CancellationToken cancellationToken) =>
        _stored.FindProfilesAsync(applications, cancellationToken);

    public Task<Dictionary<PersonId, StoredCandidate>> FindCandidatesAsync(
        IReadOnlyCollection<PersonId> people, IReadOnlyDictionary<long, ApplicationId> ids, CancellationToken cancellationToken) =>
        _stored.FindCandidatesAsync(people, ids, cancellationToken);

    public Task<Dictionary<PersonKey, long>> FindOwnersAsync(IReadOnlyCollection<PersonKey> keys, CancellationToken cancellationToken) =>
        _stored.FindOwnersAsync(keys, cancellationToken);

    public Task VisitActiveAsync(Action<long, UInt128> visit, CancellationToken cancellationToken) => _stored.VisitActiveAsync(visit, cancellationToken);

    public Task<List<Candidate>> CandidatesAsync(List<long> ids, CancellationToken cancellationToken) => UntrackedRows.CandidatesAsync(db, ids, cancellationToken);

    public Task<List<CandidateProfile>> ProfilesAsync(List<long> ids, CancellationToken cancellationToken) => UntrackedRows.ProfilesAsync(db, ids, cancellationToken);

    /// <summary>All in one call to the server.</summary>
    public async Task ReserveAsync(int candidates, int profiles, int logs, CancellationToken cancellationToken)
    {
        (SqlServerKeys Keys, string Sql)[] blocks =
        [
            .. Enumerable.Repeat((_candidateKeys, _tables.Candidates.NextKeySql), _candidateKeys.Missing(candidates)),
            .. Enumerable.Repeat((_profileKeys, _tables.Profiles.NextKeySql), _profileKeys.Missing(profiles)),
            .. Enumerable.Repeat((_logKeys, _tables.Logs.NextKeySql), _logKeys.Missing(logs)),
        ];
        if (blocks.Length > 0)
        {
            var first = await AskAsync(string.Join('\n', blocks.Select(b => b.Sql)), cancellationToken);
            foreach (var ((keys, _), value) in blocks.Zip(first))
            {
                keys.Add(value);
            }
        }
    }

    /// <summary>By the key alone: a reference that an earlier copy has set would outrank the key that a later one sets.</summary>
    public void Belong(CandidateProfile profile, Candidate candidate) => profile.CandidateId = candidate.Id;

    public void Insert(Candidate candidate)
    {
        candidate.Id = _candidateKeys.Take();
        _newCandidates.Add(candidate);
    }

    public void Insert(CandidateProfile profile)
    {
        profile.Id = _profileKeys.Take();
        _newProfiles.Add(profile);
    }

    public void Insert(ActivityLog log)
    {
        log.Id = _logKeys.Take();
        _logs.Add(log);
    }

    public void Update(Candidate candidate)
    {
        if (!_newCandidates.Contains(candidate))
        {
            _changedCandidates.Add(candidate);
        }
    }

    public void Update(CandidateProfile profile)
    {
        if (!_newProfiles.Contains(profile))
        {
            _changedProfiles.Add(profile);
        }
    }

    /// <summary>Of several copies the last one counts. Only what is confirmed is staged: the rest of the row is not read.</summary>
    public void Confirm(ConfirmedCandidate candidate) => _confirmedCandidates[candidate.Id] = new Candidate
    {
        Id = candidate.Id,
        ReferenceId = "",
        ContentHash = [],
        Columns = new CandidateColumns(),
        Version = candidate.Version,
        VersionReferenceId = candidate.VersionReferenceId,
    };

    /// <summary>As above.</summary>
    public void Confirm(ConfirmedProfile profile) => _confirmedProfiles[profile.Id] = new CandidateProfile
    {
        Id = profile.Id,
        ReferenceId = "",
        ContentHash = [],
        Columns = new ProfileColumns(),
        Version = profile.Version,
        SourceDigest = profile.SourceDigest,
        PersonKey = profile.PersonKey,
    };

    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        // New and changed rows apart: looking for the key of a row that is not there yet would lock the end of the table.
        await MoveAsync(_tables.Candidates, _newCandidates, _tables.InsertCandidatesSql, "violates a unique index: another writer has the same key", cancellationToken);
        await MoveAsync(_tables.Candidates, _changedCandidates, _tables.UpdateCandidatesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.ConfirmedCandidates, _confirmedCandidates.Values, _tables.ConfirmCandidatesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.Profiles, _newProfiles, _tables.InsertProfilesSql, "violates a unique index: another writer has the same key", cancellationToken);
        await MoveAsync(_tables.Profiles, _changedProfiles, _tables.UpdateProfilesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.ConfirmedProfiles, _confirmedProfiles.Values, _tables.ConfirmProfilesSql, "is no longer there", cancellationToken);
        foreach (var part in _logs.Chunk(MostRowsOfStatement))
        {
            await using var logs = _tables.Logs.Read(part);
            await copy(db, _tables.Logs.Name, logs, cancellationToken);
        }

        _newCandidates.Clear();
        _changedCandidates.Clear();
        _confirmedCandidates.Clear();
        _newProfiles.Clear();
        _changedProfiles.Clear();
        _confirmedProfiles.Clear();
        _logs.Clear();
        await db.SaveChangesAsync(cancellationToken);
    }

    public void Dispose()
    {
        // The connection belongs to the context, and the staging tables to the transaction.
    }

    private static Tables TablesOf(HokifyDbContext db) => OfModel.GetValue(db.Model, _ => new Tables(db.GetService<IDesignTimeModel>().Model));

    private async Task MoveAsync<TRow>(SqlServerTable<TRow> table, IReadOnlyCollection<TRow> rows, string moveSql, string otherwise, CancellationToken cancellationToken)
        where TRow : class
    {
        foreach (var part in rows.Chunk(MostRowsOfStatement))
        {
            await using var staged = table.Read(part);
            await AskAsync(table.CreateStagingSql, cancellationToken);
            await copy(db, table.Staging, staged, cancellationToken);
            var moved = await AskAsync(moveSql, cancellationToken);
            if (moved.Single() != part.Length)
            {
                // Which of them it was, halving the batch will tell.
                throw new DatabaseFaultException(DatabaseFaultKind.Record, otherwise);
            }
        }
    }

    /// <summary>The integers that some statements answer, in their order.</summary>
    private async Task<List<long>> AskAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = db.Database.GetCommandTimeout() ?? command.CommandTimeout;
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var answers = new List<long>();
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                answers.Add(Convert.ToInt64(reader.GetValue(0), CultureInfo.InvariantCulture));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
        return answers;
    }

    /// <summary>What is the same for every batch.</summary>
    private sealed class Tables
    {
        public Tables(IModel model)
        {
            (Candidates, Profiles, Logs) = (new(model), new(model), new(model));
            InsertCandidatesSql = Candidates.InsertSql(nameof(Candidate.ScopeId), nameof(Candidate.ReferenceId));
            InsertProfilesSql = Profiles.InsertSql(nameof(CandidateProfile.ScopeId), nameof(CandidateProfile.ReferenceId));
            UpdateCandidatesSql = Candidates.UpdateSql(nameof(Candidate.ScopeId), nameof(Candidate.ReferenceId), nameof(Candidate.CreatedAt));
            UpdateProfilesSql = Profiles.UpdateSql(nameof(CandidateProfile.ScopeId), nameof(CandidateProfile.ReferenceId), nameof(CandidateProfile.CreatedAt));
            ConfirmedCandidates = new(model, nameof(Candidate.Version), nameof(Candidate.VersionReferenceId));
            ConfirmedProfiles = new(model, nameof(CandidateProfile.Version), nameof(CandidateProfile.SourceDigest), nameof(CandidateProfile.PersonKey));
            (ConfirmCandidatesSql, ConfirmProfilesSql) = (ConfirmedCandidates.UpdateSql(), ConfirmedProfiles.UpdateSql());
        }

        public SqlServerTable<Candidate> Candidates { get; }

        public SqlServerTable<CandidateProfile> Profiles { get; }

        public SqlServerTable<ActivityLog> Logs { get; }

        public SqlServerTable<Candidate> ConfirmedCandidates { get; }

        public SqlServerTable<CandidateProfile> ConfirmedProfiles { get; }

        public string ConfirmCandidatesSql { get; }

        public string ConfirmProfilesSql { get; }

        public string InsertCandidatesSql { get; }

        public string InsertProfilesSql { get; }

        public string UpdateCandidatesSql { get; }

        public string UpdateProfilesSql { get; }
    }
}

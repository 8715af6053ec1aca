using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// The fast way on SQL Server: rows are loaded in bulk into a staging table, and moved from there by one statement.
/// Names, types and conversions come from EF Core's model, so that a migration cannot leave them behind. A staging table is dropped by the statement that empties it, or with the transaction that made it.
/// </summary>
internal sealed class SqlServerRows(HokifyDbContext db, int scopeId, BulkCopy copy) : BatchRows(db, scopeId)
{
    /// <summary>At 5,000 locks of one statement on one index SQL Server locks the table instead, for all scopes; a row may take two.</summary>
    private const int MostRowsOfStatement = 1_000;

    private static readonly ConditionalWeakTable<IModel, Tables> OfModel = [];

    private readonly Tables _tables = TablesOf(db);
    private readonly SqlServerKeys _candidateKeys = new(TablesOf(db).Candidates.KeysAtATime);
    private readonly SqlServerKeys _profileKeys = new(TablesOf(db).Profiles.KeysAtATime);
    private readonly SqlServerKeys _logKeys = new(TablesOf(db).Logs.KeysAtATime);

    public override async Task ApplyAsync(RowChanges changes, CancellationToken cancellationToken)
    {
        await AssignKeysAsync(changes, cancellationToken);

        // New and changed rows apart: looking for the key of a row that is not there yet would lock the end of the table.
        await MoveAsync(_tables.Candidates, changes.NewCandidates, _tables.InsertCandidatesSql, "violates a unique index: another writer has the same key", cancellationToken);
        await MoveAsync(_tables.Candidates, changes.ChangedCandidates, _tables.UpdateCandidatesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.ConfirmedCandidates, changes.ConfirmedCandidates.ConvertAll(RowOf), _tables.ConfirmCandidatesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.Profiles, changes.NewProfiles, _tables.InsertProfilesSql, "violates a unique index: another writer has the same key", cancellationToken);
        await MoveAsync(_tables.Profiles, changes.ChangedProfiles, _tables.UpdateProfilesSql, "is no longer there", cancellationToken);
        await MoveAsync(_tables.ConfirmedProfiles, changes.ConfirmedProfiles.ConvertAll(RowOf), _tables.ConfirmProfilesSql, "is no longer there", cancellationToken);
        foreach (var part in changes.Logs.Select(l => l.Log).Chunk(MostRowsOfStatement))
        {
            using var logs = _tables.Logs.Read(part);
            await copy(Db, _tables.Logs.Name, logs, cancellationToken);
        }

        changes.TrackLedger(Db);
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>All new keys in one call to the server.</summary>
    private async Task AssignKeysAsync(RowChanges changes, CancellationToken cancellationToken)
    {
        (SqlServerKeys Keys, string Sql)[] blocks =
        [
            .. Enumerable.Repeat((_candidateKeys, _tables.Candidates.NextKeySql), _candidateKeys.Missing(changes.NewCandidates.Count)),
            .. Enumerable.Repeat((_profileKeys, _tables.Profiles.NextKeySql), _profileKeys.Missing(changes.NewProfiles.Count)),
            .. Enumerable.Repeat((_logKeys, _tables.Logs.NextKeySql), _logKeys.Missing(changes.Logs.Count)),
        ];
        if (blocks.Length > 0)
        {
            var first = await AskAsync(string.Join('\n', blocks.Select(b => b.Sql)), cancellationToken);
            foreach (var ((keys, _), value) in blocks.Zip(first))
            {
                keys.Add(value);
            }
        }

        changes.NewCandidates.ForEach(c => c.Id = _candidateKeys.Take());
        changes.NewProfiles.ForEach(p => p.Id = _profileKeys.Take());
        changes.Logs.ForEach(l => l.Log.Id = _logKeys.Take());
        changes.AssignOwners();
        changes.AssignElements();
    }

    /// <summary>Only what is confirmed is staged: the rest of the row is not read.</summary>
    private static Candidate RowOf(ConfirmedCandidate candidate) => new()
    {
        Id = candidate.Id,
        ReferenceId = "",
        ContentHash = [],
        Columns = new CandidateColumns(),
        Version = candidate.Version,
        VersionReferenceId = candidate.VersionReferenceId,
    };

    /// <summary>As above.</summary>
    private static CandidateProfile RowOf(ConfirmedProfile profile) => new()
    {
        Id = profile.Id,
        ReferenceId = "",
        ContentHash = [],
        Columns = new ProfileColumns(),
        Version = profile.Version,
        SourcePayload = profile.SourcePayload,
        PayloadAt = profile.PayloadAt,
        SourceDigest = profile.SourceDigest,
        PersonKey = profile.PersonKey,
    };

    private static Tables TablesOf(HokifyDbContext Db) => OfModel.GetValue(Db.Model, _ => new Tables(Db.GetService<IDesignTimeModel>().Model));

    private async Task MoveAsync<TRow>(SqlServerTable<TRow> table, IReadOnlyCollection<TRow> rows, string moveSql, string otherwise, CancellationToken cancellationToken)
        where TRow : class
    {
        foreach (var part in rows.Chunk(MostRowsOfStatement))
        {
            using var staged = table.Read(part);
            await AskAsync(table.CreateStagingSql, cancellationToken);
            await copy(Db, table.Staging, staged, cancellationToken);
            var moved = await AskAsync(moveSql, cancellationToken);
            if (moved.Single() != part.Length)
            {
                // Which of them it was, halving the batch will tell.
                throw new DatabaseFaultException(DatabaseFaultKind.Record, otherwise, FailureCause.Constraint);
            }
        }
    }

    /// <summary>The integers that some statements answer, in their order.</summary>
    private async Task<List<long>> AskAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = Db.Database.GetCommandTimeout() ?? command.CommandTimeout;
        command.Transaction = Db.Database.CurrentTransaction?.GetDbTransaction();
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
            ConfirmedProfiles = new(
                model, nameof(CandidateProfile.Version), nameof(CandidateProfile.SourcePayload), nameof(CandidateProfile.PayloadAt), nameof(CandidateProfile.SourceDigest), nameof(CandidateProfile.PersonKey));
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

using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>A run as the database that is replaced knows it.</summary>
internal sealed record ReplacedRun(Guid Id, int ScopeId, string IdempotencyKey, RunState State, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, DateTimeOffset? AnnouncedAt);

/// <summary>
/// The database that a backup takes the place of, and what it knows and the backup does not: who was erased, which events went out,
/// what subscribers are still to be told.
/// </summary>
internal sealed class ReplacedDatabase : IAsyncDisposable
{
    /// <summary>Whoever has the file open for a moment only, such as a verb that looks into it, has gone by then.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string _file;
    private readonly SqliteConnection _connection;
    private readonly SqliteHokifyDbContext _db;

    private ReplacedDatabase(string file)
    {
        (_file, _connection) = (file, SqliteCopies.ConnectionTo(file, Patience));
        _db = SqliteCopies.Over(_connection);
    }

    public string? ErasureKey { get; private set; }

    public IReadOnlyList<RememberedErasure> Erasures { get; private set; } = [];

    public IReadOnlyList<ScopeState> Scopes { get; private set; } = [];

    public IReadOnlyList<ReplacedRun> Runs { get; private set; } = [];

    public IReadOnlyList<PendingEvent> PendingEvents { get; private set; } = [];

    public IReadOnlyList<DataProtectionKey> DownloadKeys { get; private set; } = [];

    public IReadOnlyList<EndedSession> EndedSessions { get; private set; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; private set; } = [];

    public IReadOnlyList<ScheduleState> Schedules { get; private set; } = [];

    public IReadOnlyList<ErasureRequest> ErasureRequests { get; private set; } = [];

    public IReadOnlyList<LegalHold> Holds { get; private set; } = [];

    /// <summary>Whom the holds and the deferred requests mean.</summary>
    public CarriedKeys Keys { get; private set; } = new();

    /// <summary>Opens the database and reads what has to be known of it.</summary>
    /// <param name="file">Its path, where a file is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">It is damaged, no database, or not one of this program.</exception>
    public static async Task<ReplacedDatabase> OpenAsync(string file, CancellationToken cancellationToken)
    {
        var database = new ReplacedDatabase(file);
        try
        {
            await database._connection.OpenAsync(cancellationToken);
            await database.ReadAsync(cancellationToken);
            return database;
        }
        catch (SqliteException exception)
        {
            await database.DisposeAsync();
            throw Unusable(file, exception);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps everybody else out until this is closed. Whoever has the file open with a log beside it is noticed even if he does nothing.</summary>
    /// <exception cref="BackupException">Others have it open.</exception>
    public async Task SecludeAsync(CancellationToken cancellationToken)
    {
        await _connection.CloseAsync();
        try
        {
            await _connection.OpenAsync(cancellationToken);
            Ask(_connection, "PRAGMA locking_mode = EXCLUSIVE");
            Ask(_connection, "BEGIN EXCLUSIVE; COMMIT");

            // What was read before may have changed since.
            await ReadAsync(cancellationToken);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED)
        {
            throw new BackupException(
                $"The database file {_file} is open in another process; stop 'hokify serve' and whatever else uses it, and restore again. Nothing was changed.", exception);
        }
        catch (SqliteException exception)
        {
            throw Unusable(_file, exception);
        }
    }

    /// <summary>
    /// One sentence for each scope that somebody works on, and for each in which people are still to be erased: their rows go by keys, which
    /// mean others in another database.
    /// </summary>
    public IEnumerable<string> AtWork(DateTimeOffset now) => Scopes.Where(s => !s.IsFree(now)).Select(s =>
        $"{ScopeAtWorkException.ByWhom(s)}: stop 'hokify serve' and 'hokify import', which give it back when they are asked to end, or wait until then.")
        .Concat(ErasureRequests.Where(r => r.State == ErasureState.Waiting).GroupBy(r => r.ScopeId).OrderBy(of => of.Key).Select(of => string.Create(
            CultureInfo.InvariantCulture,
            $"In scope {of.Key} erasures wait to be carried out ({of.Count()}): start 'hokify serve', which does that, and stop it before you restore.")));

    /// <summary>
    /// Has the file hold what another one holds, in one transaction of SQLite's: whenever that is broken off, by whatever it is, the file is as it was.
    /// The file itself stays, with its owner and its permissions.
    /// </summary>
    /// <param name="other">The other one.</param>
    /// <exception cref="BackupException">There is no room for it.</exception>
    public void Become(SqliteConnection other)
    {
        try
        {
            if (Ask(_connection, "PRAGMA page_size") != Ask(other, "PRAGMA page_size"))
            {
                // With a log beside it SQLite refuses pages of another size; without, it takes them.
                Ask(_connection, "PRAGMA journal_mode = DELETE");
            }

            other.BackupDatabase(_connection);
            Ask(_connection, "PRAGMA journal_mode = WAL");
            Ask(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR)
        {
            throw new BackupException($"There is no room for the restored database beside {_file}, which is as it was; a restore needs as much again as both of them have.", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static object? Ask(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // They are constants.
        command.CommandText = pragma;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!(await _db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
        {
            throw new BackupException($"The database file {_file} has no tables of this program, and is left alone; name another in Database:ConnectionString, or move it away.");
        }

        Scopes = await _db.Scopes.AsNoTracking().OrderBy(s => s.ScopeId).ToListAsync(cancellationToken);
        ErasureKey = await ErasureKeys.FingerprintAsync(_db, cancellationToken);
        Erasures = await _db.ErasedKeys.AsNoTracking().Where(ErasedKey.IsOfSomebody).Select(e => new RememberedErasure(e.ScopeId, e.Hash, e.ErasedAt)).ToListAsync(cancellationToken);
        Runs = await _db.ImportRuns.AsNoTracking().OrderBy(r => r.CreatedAt).ThenBy(r => r.Id)
            .Select(r => new ReplacedRun(r.Id, r.ScopeId, r.IdempotencyKey, r.State, r.CreatedAt, r.CompletedAt, r.AnnouncedAt)).ToListAsync(cancellationToken);
        PendingEvents = await _db.PendingEvents.AsNoTracking().ToListAsync(cancellationToken);
        DownloadKeys = await _db.DataProtectionKeys.AsNoTracking().ToListAsync(cancellationToken);
        EndedSessions = await _db.EndedSessions.AsNoTracking().ToListAsync(cancellationToken);
        Audit = await _db.Audit.AsNoTracking().ToListAsync(cancellationToken);
        Schedules = await _db.Schedules.AsNoTracking().ToListAsync(cancellationToken);
        ErasureRequests = await _db.ErasureRequests.AsNoTracking().ToListAsync(cancellationToken);
        Holds = await _db.LegalHolds.AsNoTracking().ToListAsync(cancellationToken);
        Keys = await CarriedKeys.ReadAsync(_db, Holds, ErasureRequests.Where(r => r.State == ErasureState.Deferred), cancellationToken);
    }

    /// <summary>What nobody can read must not be thrown away in passing: it may hold who was erased.</summary>
    private static BackupException Unusable(string file, SqliteException exception) => new(
        exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED
            ? $"The database file {file} is locked by another process; stop whatever uses it, and restore again. Nothing was changed."
            : $"The database file {file}, which the backup would replace, cannot be read ({DatabaseFault.Of(exception)!.Clause}), so nobody knows who was erased since the backup: move it away, with {file}-wal and {file}-shm, and restore again, with --erasures where there is a list of the erased.",
        exception);
}

using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>
/// The file beside a SQLite database in which changes wait to be written back. Pages stand in it as they were before somebody was
/// erased, until others are written over them: so behind an erasure it is emptied, and the database remembers that it has to be written anew. SQL Server's log is its administrators'.
/// </summary>
internal sealed class WriteAheadLog(IDbContextFactory<HokifyDbContext> contexts, IOptions<DatabaseOptions> options)
{
    /// <summary>How long to wait for readers, while others cannot write: whoever reads for longer makes it wait for the next look.</summary>
    private const int PatienceMilliseconds = 500;

    private volatile bool _isOwed;
    private volatile bool _hasErased;

    /// <summary>Empties it. Where somebody reads from it all the time, that is left to <see cref="EmptyOwedAsync"/>.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        Owe();
        await EmptyOwedAsync(cancellationToken);
    }

    /// <summary>Empties it behind a file that was written anew: of the erased nothing is left then, neither here nor there.</summary>
    public Task EmptyRewrittenAsync(CancellationToken cancellationToken)
    {
        _isOwed = true;
        return EmptyOwedAsync(cancellationToken);
    }

    /// <summary>Has <see cref="EmptyOwedAsync"/> empty it, where whoever has erased something cannot do it now.</summary>
    public void Owe() => _isOwed = _hasErased = options.Value.Provider == DatabaseProvider.Sqlite && SqliteFile.PathOf(options.Value.ConnectionString) is not null;

    /// <summary>Empties it if that is still to be done.</summary>
    public async Task EmptyOwedAsync(CancellationToken cancellationToken)
    {
        if (_isOwed)
        {
            _isOwed = !await TryEmptyAsync(cancellationToken);
        }
    }

    private async Task<bool> TryEmptyAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = FormattableString.Invariant($"PRAGMA busy_timeout = {PatienceMilliseconds};");
        await command.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            if (_hasErased)
            {
                await SqliteRewrite.OweAsync(db.Database.GetDbConnection(), cancellationToken);
                _hasErased = false;
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }

        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);";
        await using var answer = await command.ExecuteReaderAsync(cancellationToken);
        return await LastRowAsync(answer, cancellationToken) == 0;
    }

    /// <summary>The first column of the last statement's row: whether somebody was in the way.</summary>
    private static async Task<long> LastRowAsync(DbDataReader answer, CancellationToken cancellationToken)
    {
        var value = 0L;
        do
        {
            while (await answer.ReadAsync(cancellationToken))
            {
                value = answer.GetInt64(0);
            }
        }
        while (await answer.NextResultAsync(cancellationToken));

        return value;
    }
}

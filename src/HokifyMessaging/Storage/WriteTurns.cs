using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace HokifyMessaging.Storage;

/// <summary>
/// Turns at writing to a SQLite file, within the process. SQLite lets one write at a time and has no queue: whoever finds the file locked sleeps and looks again, longer each time,
/// with a thread of its own, and whoever comes by just then is first. So the writers of one process line up here in the order in which they come; only with those of other
/// processes do they meet at SQLite's lock. SQL Server has queues of its own.
/// </summary>
internal static class WriteTurns
{
    /// <summary>The provider's default, in seconds.</summary>
    private const int UsualCommandTimeout = 30;

    /// <summary>Begins a transaction that is going to write. The turn ends with the commit, or else with the transaction.</summary>
    /// <param name="db">Over which connection.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="isolation">What others may change meanwhile, where it is not the provider's default.</param>
    /// <exception cref="SqliteException">Others have been writing for longer than one waits for a lock.</exception>
    public static async Task<WriteTransaction> BeginWritingAsync(this HokifyDbContext db, CancellationToken cancellationToken, IsolationLevel? isolation = null)
    {
        var turn = await TakeAsync(db, cancellationToken);
        try
        {
#pragma warning disable RS0030 // This is the one place.
            return new WriteTransaction(
                isolation is { } level ? await db.Database.BeginTransactionAsync(level, cancellationToken) : await db.Database.BeginTransactionAsync(cancellationToken), turn);
#pragma warning restore RS0030
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>For one statement that writes outside of a transaction.</summary>
    /// <returns>Dispose of it to let the next one write.</returns>
    /// <exception cref="SqliteException">As above.</exception>
    public static async Task<WriteTurn> TakeAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        if (db.WriteLine is not { } line)
        {
            return new WriteTurn(null);
        }

        return await line.WaitAsync(Patience(db), cancellationToken)
            ? new WriteTurn(line)
            : throw new SqliteException("database is locked", SQLitePCL.raw.SQLITE_BUSY, SQLitePCL.raw.SQLITE_BUSY);
    }

    /// <summary>As long as one would wait for SQLite's lock.</summary>
    private static TimeSpan Patience(HokifyDbContext db)
    {
        var limit = TimeSpan.FromSeconds(db.Database.GetCommandTimeout() is > 0 and var seconds ? seconds : UsualCommandTimeout);
        return DatabasePatience.Left is not { } left || left > limit ? limit : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>The right to write now.</summary>
internal sealed class WriteTurn(SemaphoreSlim? line) : IDisposable
{
    private SemaphoreSlim? _line = line;

    public void Dispose() => Interlocked.Exchange(ref _line, null)?.Release();
}

/// <summary>A transaction that writes. One that is not committed is rolled back.</summary>
internal sealed class WriteTransaction(IDbContextTransaction transaction, WriteTurn turn) : IAsyncDisposable
{
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await transaction.CommitAsync(cancellationToken);
        turn.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            turn.Dispose();
        }
    }
}

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>SQLite files that are not the configured database: copies of it, and how one is taken and put back.</summary>
internal static class SqliteCopies
{
    /// <summary>What SQLite keeps beside a file while it is written.</summary>
    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>Opens a file by itself, without a pool that would hold it.</summary>
    /// <param name="file">The file, which is there.</param>
    public static SqliteHokifyDbContext Open(string file) => Over(ConnectionTo(file));

    /// <summary>The same over a connection of the caller's.</summary>
    public static SqliteHokifyDbContext Over(SqliteConnection connection) => new(new DbContextOptionsBuilder<SqliteHokifyDbContext>().UseSqlite(connection, contextOwnsConnection: false).Options);

    /// <param name="file">The file, which is there.</param>
    /// <param name="patience">How long to wait for whoever has it locked.</param>
    public static SqliteConnection ConnectionTo(string file, TimeSpan? patience = null) => new(new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWrite,
        Pooling = false,
        ForeignKeys = true,
        DefaultTimeout = (int)(patience ?? TimeSpan.FromSeconds(30)).TotalSeconds,
    }.ConnectionString);

    /// <summary>
    /// Copies the database as it is at one instant, whoever writes to it meanwhile: neither waits for the other. The copy has no gaps, and
    /// nothing of what was deleted. (SQLite's page by page way begins anew with each write of another process, and never ends while they
    /// come; all pages at once it takes as long as this, and copies the gaps.)
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="copy">An empty file, whose permissions the caller has seen to.</param>
    /// <param name="cancellationToken">Ends it where it stands.</param>
    /// <exception cref="IOException">There is no room for the copy.</exception>
    public static async Task TakeAsync(SqliteConnection database, string copy, CancellationToken cancellationToken)
    {
        await database.OpenAsync(cancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = "VACUUM INTO $copy";
        command.Parameters.AddWithValue("$copy", copy);
        await using var stop = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(database.Handle));
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The copy was given up.", exception, cancellationToken);
        }
        catch (SqliteException exception) when (IsOfWriting(exception))
        {
            // Of the database itself nothing is written.
            throw new IOException("There is no room for the copy.", exception);
        }
    }

    /// <summary>Removes a file that is a database, with what belongs to it.</summary>
    public static void Delete(string file)
    {
        File.Delete(file);
        DeleteCompanions(file);
    }

    /// <summary>Removes what was left beside a file: to the next database of the name it would be a part of it.</summary>
    public static void DeleteCompanions(string file)
    {
        foreach (var companion in Companions)
        {
            File.Delete(file + companion);
        }
    }

    /// <summary>One line for each thing that is wrong with a file, by SQLite's own check; none when it is sound.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var said = await db.Database.SqlQueryRaw<string>("SELECT integrity_check AS Value FROM pragma_integrity_check").ToListAsync(cancellationToken);
        var orphans = await db.Database.SqlQueryRaw<string>("SELECT DISTINCT \"table\" AS Value FROM pragma_foreign_key_check()").ToListAsync(cancellationToken);
        return [.. said.Where(line => line != "ok"), .. orphans.Select(table => $"rows of table {table} refer to rows that are not there")];
    }

    private static bool IsOfWriting(SqliteException exception) => exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL
        || exception.SqliteExtendedErrorCode is SQLitePCL.raw.SQLITE_IOERR_WRITE or SQLitePCL.raw.SQLITE_IOERR_FSYNC or SQLitePCL.raw.SQLITE_IOERR_DIR_FSYNC or SQLitePCL.raw.SQLITE_IOERR_TRUNCATE;
}

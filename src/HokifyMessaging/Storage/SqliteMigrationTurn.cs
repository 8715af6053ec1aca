using System.Diagnostics;
using HokifyMessaging.Machine;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>
/// The right to migrate a SQLite file, or to put another in its place. EF Core notes in the database who migrates it: the note
/// of a process that was killed stays, and every later one would wait for it for ever. So the right is the lock of a file beside
/// the database, which ends with the process that holds it, and whoever has it takes a note that is still there for a leftover.
/// </summary>
internal static class SqliteMigrationTurn
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <returns>Dispose of it to let others migrate; null for a database that no other process can reach.</returns>
    /// <exception cref="InvalidOperationException">Another process has been migrating the file for minutes.</exception>
    public static async Task<IDisposable?> TakeAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        if (SqliteFile.PathOf(db.Database.GetConnectionString()!) is not { } file || !Directory.Exists(Path.GetDirectoryName(file)))
        {
            // Nobody else sees a database in memory; and SQLite itself says best that it cannot open such a file.
            return null;
        }

        var turn = await LockAsync(file, cancellationToken);
        try
        {
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            return turn;
        }
        catch
        {
            await turn.DisposeAsync();
            throw;
        }
    }

    /// <summary>The right alone.</summary>
    /// <param name="file">The database's file; its folder is there.</param>
    /// <param name="cancellationToken">Gives up waiting for whoever has it.</param>
    /// <exception cref="InvalidOperationException">Another process has had it for minutes.</exception>
    public static async Task<FileStream> LockAsync(string file, CancellationToken cancellationToken)
    {
        var path = $"{file}.migrating";
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }.OfOwnerAlone());
            }
            catch (IOException exception) when (exception.GetType() == typeof(IOException))
            {
                if (waited.Elapsed > Patience)
                {
                    throw new InvalidOperationException($"{path} has been locked for {Patience.TotalMinutes:0} minutes: another process is still migrating or restoring the database, or the file cannot be written.", exception);
                }
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}

using HokifyMessaging.Machine;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Backups;

/// <summary>Makes backups of the SQLite database while others work on it, and checks them.</summary>
internal sealed class DatabaseBackup(IOptions<DatabaseOptions> options, TimeProvider clock)
{
    /// <summary>Writes a backup.</summary>
    /// <param name="output">Where to; seekable.</param>
    /// <param name="aside">A file that does not exist, on the same disk: the copy of the database goes there, and from there into the backup.</param>
    /// <param name="cancellationToken">Gives up; nothing stays aside.</param>
    /// <returns>What it says of itself.</returns>
    /// <exception cref="IOException">There is no room for it.</exception>
    /// <exception cref="UnusableDatabaseException">The database cannot be read.</exception>
    public async Task<BackupManifest> WriteAsync(FileStream output, string aside, CancellationToken cancellationToken)
    {
        try
        {
            await new FileStream(aside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }.OfOwnerAlone()).DisposeAsync();
            var takenAt = clock.GetUtcNow();
            await CopyAsync(aside, cancellationToken);
            var manifest = await CheckedAsync(aside, takenAt, cancellationToken);
            await BackupArchive.WriteAsync(output, aside, manifest, cancellationToken);

            // On the disk before it has its name.
            output.Flush(flushToDisk: true);
            return manifest;
        }
        catch (Exception exception) when (IsTooLong(exception))
        {
            throw new IOException("There is no room for so long a file.", exception);
        }
        finally
        {
            SqliteCopies.Delete(aside);
        }
    }

    /// <summary>Restores a backup aside, and checks it.</summary>
    /// <param name="file">The backup's full path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">It cannot be restored.</exception>
    public static async Task<BackupManifest> VerifyAsync(string file, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory(TemporaryFiles.BackupPrefix);
        try
        {
            var database = Path.Combine(folder.FullName, BackupArchive.Database);
            var manifest = await UnpackAsync(file, database, cancellationToken);
            await BackupCheck.RequireAsync(file, database, manifest, cancellationToken);
            return manifest;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Unpacks the database of a backup into a file that does not exist.</summary>
    /// <exception cref="BackupException">It is no backup, or there is no room for its database.</exception>
    public static async Task<BackupManifest> UnpackAsync(string file, string database, CancellationToken cancellationToken)
    {
        try
        {
            await using var to = new FileStream(
                database, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous }.OfOwnerAlone());
            var manifest = await BackupArchive.ExtractAsync(file, to, cancellationToken);
            to.Flush(flushToDisk: true);
            return manifest;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException || IsTooLong(exception))
        {
            var folder = Path.GetDirectoryName(database)!;
            throw new BackupException($"The database of {file} cannot be unpacked into {folder}; that must be a folder that this user may write to, with room for it.", exception);
        }
    }

    /// <summary>What .NET says where a disk takes no file that is so long.</summary>
    private static bool IsTooLong(Exception exception) => exception is ArgumentOutOfRangeException { ParamName: "value" };

    private async Task CopyAsync(string aside, CancellationToken cancellationToken)
    {
        var settings = new SqliteConnectionStringBuilder(SqliteFile.WithModeAsSetting(options.Value.ConnectionString)) { Pooling = false, DefaultTimeout = (int)Math.Ceiling(options.Value.CommandTimeout.TotalSeconds) };
        await using var database = new SqliteConnection(settings.ConnectionString);
        await SqliteCopies.TakeAsync(database, aside, cancellationToken);
    }

    /// <summary>What the copy says of itself, once it is known to be sound. The keys that sign download links never lie beside the data.</summary>
    private static async Task<BackupManifest> CheckedAsync(string aside, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        await using var connection = SqliteCopies.ConnectionTo(aside);
        await connection.OpenAsync(cancellationToken);
        await using var forget = connection.CreateCommand();
        forget.CommandText = "PRAGMA secure_delete = ON; DELETE FROM DataProtectionKey;";
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await using var copy = SqliteCopies.Over(connection);
        if (await SqliteCopies.ProblemsAsync(copy, cancellationToken) is [var first, ..])
        {
            throw new BackupException($"The database is damaged, so no backup was made of it: {first}.");
        }

        return await BackupManifest.OfAsync(copy, takenAt, cancellationToken);
    }
}

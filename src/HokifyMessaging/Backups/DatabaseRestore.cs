using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Backups;

/// <summary>
/// Puts a backup in the place of the database. All is prepared in a file beside it: unpacked, checked, told who was erased since and what
/// only the replaced database knows. Only then the database becomes what that file is, at once.
/// </summary>
internal sealed class DatabaseRestore(IOptions<DatabaseOptions> options, ErasureKeys keys, TimeProvider clock)
{
    /// <summary>Behind the database's name: what is prepared. It is a leftover where nobody restores.</summary>
    public const string Prepared = ".restoring";

    private const string PutBack = "put the key back that was kept for them, or give it as Hokify:Privacy:ErasureKey.";

    /// <param name="backup">The backup's full path.</param>
    /// <param name="lists">Who else is known to be erased.</param>
    /// <param name="isSure">False to change nothing and only tell what would be done.</param>
    /// <param name="cancellationToken">Gives up; the database is as it was.</param>
    /// <exception cref="BackupException">It cannot be restored, or not now.</exception>
    public async Task<RestoredDatabase> RestoreAsync(string backup, IReadOnlyList<ErasureList> lists, bool isSure, CancellationToken cancellationToken)
    {
        var file = FileOf(options.Value);
        using var turn = await LockAsync(file, cancellationToken);
        var prepared = file + Prepared;
        try
        {
            SqliteCopies.Delete(prepared);
            await using var replaced = await ReplacedAsync(file, cancellationToken);
            RequireNobodyAtWork();
            var manifest = await DatabaseBackup.UnpackAsync(backup, prepared, cancellationToken);
            await BackupCheck.RequireAsync(backup, prepared, manifest, cancellationToken);
            if (isSure && replaced is not null)
            {
                await replaced.SecludeAsync(cancellationToken);
                RequireNobodyAtWork();
            }

            var key = KeyOf(backup, manifest, replaced, lists);
            var restored = await new RestoredState(prepared, manifest, replaced, clock).PrepareAsync(key, lists, cancellationToken);
            if (isSure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await PutInPlaceAsync(prepared, file, replaced, cancellationToken);
            }

            return restored with { Database = file, WasRestored = isSure, AtWork = AtWork() };

            IReadOnlyList<string> AtWork() => [.. replaced?.AtWork(clock.GetUtcNow()) ?? []];

            void RequireNobodyAtWork()
            {
                if (isSure && AtWork() is [var first, ..])
                {
                    throw new BackupException($"{first} Nothing was changed.");
                }
            }
        }
        finally
        {
            SqliteCopies.Delete(prepared);
        }
    }

    private static string FileOf(DatabaseOptions database)
    {
        if (SqliteFile.PathOf(database.ConnectionString) is not { } file)
        {
            throw new BackupException("Database:ConnectionString names a database in memory or a temporary one; a backup is restored to a file, such as Data Source=hokify.db.");
        }

        if (Directory.Exists(file))
        {
            throw new BackupException($"The database file {file} is a folder; Database:ConnectionString must name a file.");
        }

        return Directory.Exists(Path.GetDirectoryName(file))
            ? file
            : throw new BackupException(
                $"The folder {Path.GetDirectoryName(file)}, to which the database is to be restored, does not exist; make it, or name another file in Database:ConnectionString.");
    }

    private static async Task<FileStream> LockAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await SqliteMigrationTurn.LockAsync(file, cancellationToken);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new BackupException($"This user may not write to the folder of {file}, to which the database is to be restored; restore it as the user that 'hokify serve' runs as.", exception);
        }
    }

    private static async Task<ReplacedDatabase?> ReplacedAsync(string file, CancellationToken cancellationToken) =>
        new FileInfo(file) is { Exists: true, Length: > 0 } ? await ReplacedDatabase.OpenAsync(file, cancellationToken) : null;

    /// <summary>The key that the hashes of all that is put together were made with.</summary>
    /// <returns>Null where there are no hashes, and no key is needed.</returns>
    private PresentKey? KeyOf(string backup, BackupManifest manifest, ReplacedDatabase? replaced, IReadOnlyList<ErasureList> lists)
    {
        var key = keys.Present();
        var carries = lists.Any(list => list.Erasures.Count > 0) || replaced?.Erasures.Count > 0;
        var knows = manifest.Rows.GetValueOrDefault("ErasedKey") > (manifest.ErasureKey is null ? 0 : 1);
        if (key is null && (carries || knows))
        {
            throw new BackupException($"The erasure key {keys.Place} is missing, and only with it the people who were erased can be told from others; {PutBack}");
        }

        if (key is not null && manifest.ErasureKey is { } ofBackup && key.PartOf(ofBackup) is null)
        {
            throw new BackupException($"{key.Place} is not the erasure key that belongs to the backup {backup}, and would forget who was erased; {PutBack}");
        }

        if (replaced is { Erasures.Count: > 0, ErasureKey: { } ofReplaced } && key?.PartOf(ofReplaced) is null)
        {
            throw new BackupException(
                $"{keys.Place} is not the erasure key that belongs to the database that would be replaced, so that who was erased there cannot be found in the backup; {PutBack} Or move that database away, where it is of no use any more.");
        }

        foreach (var list in lists.Where(list => list.Erasures.Count > 0 && key?.PartOf(list.ErasureKey) is null))
        {
            throw new BackupException($"{list.Place} was made with another erasure key than {keys.Place}, so that nobody can be recognized by it; {PutBack}");
        }

        return key;
    }

    private static async Task PutInPlaceAsync(string prepared, string file, ReplacedDatabase? replaced, CancellationToken cancellationToken)
    {
        await using (var connection = SqliteCopies.ConnectionTo(prepared))
        {
            await connection.OpenAsync(cancellationToken);
            if (replaced is not null)
            {
                replaced.Become(connection);
                return;
            }

            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            await command.ExecuteScalarAsync(cancellationToken);
        }

        await using (var whole = new FileStream(prepared, FileMode.Open, FileAccess.ReadWrite))
        {
            whole.Flush(flushToDisk: true);
        }

        // A log that was left of another database would be taken for a part of this one.
        SqliteCopies.DeleteCompanions(file);
        if (new FileInfo(file) is { Exists: true, Length: 0 })
        {
            File.Delete(file);
        }

        try
        {
            File.Move(prepared, file, overwrite: false);
        }
        catch (IOException exception) when (File.Exists(file))
        {
            throw new BackupException($"The database file {file} has come into being meanwhile, and is left alone; stop 'hokify serve', and restore again.", exception);
        }
    }
}

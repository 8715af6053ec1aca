using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Backups;

/// <summary>What must hold of the database that a backup was unpacked to, before anybody relies on it.</summary>
internal static class BackupCheck
{
    /// <param name="backup">The backup's path, for sentences.</param>
    /// <param name="database">The database that it was unpacked to.</param>
    /// <param name="manifest">What it says of itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">It is not sound, or of another version.</exception>
    public static async Task RequireAsync(string backup, string database, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var connection = SqliteCopies.ConnectionTo(database);
        await using var db = SqliteCopies.Over(connection);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (await SqliteCopies.ProblemsAsync(db, cancellationToken) is [var first, ..])
            {
                throw new BackupException($"The database of {backup} is damaged, and was so before it was backed up: {first}; take another backup.");
            }

            await RequireSchemaAsync(backup, db, manifest, cancellationToken);
            var rows = await BackupManifest.CountAsync(db, cancellationToken);
            if (rows.FirstOrDefault(table => manifest.Rows.GetValueOrDefault(table.Key, -1) != table.Value) is { Key: { } other })
            {
                throw new BackupException(Counted.Text($"Table {other} of {backup} has {rows[other]} {rows[other]:row|rows}, and its {BackupArchive.Manifest} says otherwise; take another backup."));
            }
        }
        catch (SqliteException exception)
        {
            throw new BackupException($"The database of {backup} cannot be used: {DatabaseFault.Of(exception)!.Clause}; take another backup.", exception);
        }
    }

    private static async Task RequireSchemaAsync(string backup, HokifyDbContext db, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var (applied, known) = ((await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList(), db.Database.GetMigrations().ToList());
        if (!applied.SequenceEqual(known))
        {
            var newest = applied.Count == 0 ? "none" : applied[^1];
            throw new BackupException(
                $"{backup} has the schema of another version (its newest migration is {newest}, that of this version {known[^1]}): restore it with hokify {manifest.Version}, which made it, and upgrade then.");
        }

        if (await SchemaIndexes.MissingAsync(db, cancellationToken) is [{ IsUnique: true } index, ..])
        {
            throw new BackupException($"The database of {backup} lacks the unique index {index.Name}, and records could be stored twice; take another backup.");
        }
    }
}

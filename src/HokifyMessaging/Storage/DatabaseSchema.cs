using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HokifyMessaging.Storage;

/// <summary>What a migration has changed.</summary>
/// <param name="Migrations">The migrations that were applied, oldest first.</param>
/// <param name="Indexes">The names of the indexes that were missing, switched off or others, although their migrations had been applied, and that were made anew.</param>
public sealed record SchemaChanges(IReadOnlyList<string> Migrations, IReadOnlyList<string> Indexes);

/// <summary>Brings the schema up to date.</summary>
internal sealed class DatabaseSchema(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>Applies the migrations that are pending, and makes the indexes that are missing although their migrations are applied.</summary>
    public async Task<SchemaChanges> MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (db.Database.IsSqlite() && SqliteFile.NewAt(db.Database.GetConnectionString()!) is { } file)
        {
            // SQLite would make it for everybody to read. Its log and its shared memory get the mode that the database has.
            PrivateFile.Ensure(file);
        }

        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            using var turn = db.Database.IsSqlite() ? await SqliteMigrationTurn.TakeAsync(db, cancellationToken) : null;
            await db.Database.MigrateAsync(cancellationToken);
        }

        if (db.Database.IsSqlite())
        {
            // Readers (the runs verb, a second process) never wait for the writer; the file remembers the mode.
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL;", cancellationToken);
        }

        var indexes = await SchemaIndexes.MissingAsync(db, cancellationToken);
        foreach (var index in indexes)
        {
            await SchemaIndexes.MakeAsync(db, index, cancellationToken);
        }

        return new SchemaChanges(pending, [.. indexes.Select(index => index.Name)]);
    }

    /// <exception cref="InvalidOperationException">The schema is older than the program.</exception>
    public async Task RequireCurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var pending = await db.Database.GetPendingMigrationsAsync(cancellationToken);
        if (pending.Any())
        {
            throw new InvalidOperationException(
                $"The database lacks the migrations {string.Join(", ", pending)}; run 'hokify migrate' or set Database:MigrateAtStartUp to true.");
        }
    }

    /// <summary>Whether a write would have to wait now; only SQLite has one lock for all writers.</summary>
    public async Task<bool> IsLockedAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!db.Database.IsSqlite())
        {
            return false;
        }

        try
        {
            await using var turn = await db.Database.BeginTransactionAsync(cancellationToken);
            return false;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED)
        {
            return true;
        }
    }

    public async Task<string> ScriptAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var migrator = db.GetService<IMigrator>();
        return db.Database.IsSqlite()
            ? migrator.GenerateScript(options: MigrationsSqlGenerationOptions.Script)
            : SqlServerScript.Guarded(migrator.GenerateScript(options: MigrationsSqlGenerationOptions.Script | MigrationsSqlGenerationOptions.Idempotent));
    }
}

using HokifyMessaging.Machine;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HokifyMessaging.Storage;

/// <summary>What a migration has changed.</summary>
/// <param name="Migrations">The migrations that were applied, oldest first.</param>
/// <param name="Indexes">The names of the indexes that were missing, disabled or of another form, although their migrations had been applied, and that were made anew.</param>
internal sealed record SchemaChanges(IReadOnlyList<string> Migrations, IReadOnlyList<string> Indexes);

/// <summary>Brings the schema up to date.</summary>
internal sealed class DatabaseSchema(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>Applies the migrations that are pending, and makes the indexes that are missing although their migrations are applied.</summary>
    /// <exception cref="InvalidOperationException">The database is of another version, or a unique index cannot be made, because there are rows that it forbids.</exception>
    /// <exception cref="UnusableDatabaseException">It cannot be opened, read or written.</exception>
    public Task<SchemaChanges> MigrateAsync(CancellationToken cancellationToken) => NamingTheDatabaseAsync(db => MigrateAsync(db, cancellationToken), cancellationToken);

    private static async Task<SchemaChanges> MigrateAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite() && SqliteFile.NewAt(db.Database.GetConnectionString()!) is { } file)
        {
            // SQLite would make it for everybody to read. Its log and its shared memory get the mode that the database has.
            PrivateFile.Ensure(file);
        }

        await OpenAsync(db, cancellationToken);
        await RequireKnownAsync(db, cancellationToken);
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
            await MakeAsync(db, index, cancellationToken);
        }

        return new SchemaChanges(pending, [.. indexes.Select(index => index.Name)]);
    }

    private static async Task MakeAsync(HokifyDbContext db, ITableIndex index, CancellationToken cancellationToken)
    {
        try
        {
            await SchemaIndexes.MakeAsync(db, index, cancellationToken);
        }
        catch (Exception exception) when (index.IsUnique && DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Record })
        {
            throw new InvalidOperationException(
                $"The unique index {index.Name} cannot be made, because rows of table {index.Table.Name} have the same {string.Join(" and ", index.Columns.Select(c => c.Name))}; find which of them is to stay, delete the others, and run 'hokify migrate' again. The indexes are as they were.");
        }
    }

    /// <exception cref="InvalidOperationException">The schema is not the one of this program.</exception>
    /// <exception cref="UnusableDatabaseException">It cannot be opened or read.</exception>
    public Task RequireCurrentAsync(CancellationToken cancellationToken) => NamingTheDatabaseAsync(
        async db =>
        {
            await RequireCurrentAsync(db, cancellationToken);
            return true;
        },
        cancellationToken);

    private static async Task RequireCurrentAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var place = DatabaseName.Of(db);
        if (db.Database.IsSqlite() && SqliteFile.PathOf(db.Database.GetConnectionString()!) is { } file && !Path.Exists(file))
        {
            throw new InvalidOperationException(
                $"{place} does not exist; 'hokify serve' and 'hokify migrate' make it, and Database:ConnectionString can name another, from the current folder or by its full path.");
        }

        await OpenAsync(db, cancellationToken);
        await RequireKnownAsync(db, cancellationToken);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            throw new InvalidOperationException(pending.Count == db.Database.GetMigrations().Count()
                ? $"{place} has no tables of this program; run 'hokify migrate', which makes them, or name another in Database:ConnectionString."
                : $"{place} is of an older version and lacks the migrations {string.Join(", ", pending)}; run 'hokify migrate' or set Database:MigrateAtStartUp to true.");
        }
    }

    /// <summary>To see what was applied EF Core tries whether the file opens, and takes one that does not for one without tables.</summary>
    private static async Task OpenAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite())
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
        }
    }

    /// <summary>Has the sentence about a database that cannot be used say which one: the provider's errors do not.</summary>
    private async Task<T> NamingTheDatabaseAsync<T>(Func<HokifyDbContext, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            return await work(db);
        }
        catch (Exception exception) when (exception is not InvalidOperationException && DatabaseFault.Of(exception) is { } fault)
        {
            throw new UnusableDatabaseException(DatabaseName.WhyUnusable(db, fault), exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnusableDatabaseException($"{DatabaseName.Of(db)} cannot be made or changed, because this user may not write in its folder.", exception);
        }
    }

    /// <summary>A schema that this program does not know it would only damage.</summary>
    private static async Task RequireKnownAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var unknown = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(db.Database.GetMigrations()).ToList();
        if (unknown.Count > 0)
        {
            throw new InvalidOperationException(
                $"{DatabaseName.Of(db)} has migrations that this version does not know ({string.Join(", ", unknown)}): it is of a newer version, or of one before 1.0, which are not upgraded. Run the version that it is of, or name another database in Database:ConnectionString and import again.");
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
            await using var turn = await db.BeginWritingAsync(cancellationToken);
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

using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Storage;

internal static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section, KnownSettings.Only).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        services.AddSingleton<IDbContextFactory<HokifyDbContext>, HokifyDbContexts>();
        services.AddSingleton<DatabaseSchema>();
        return services;
    }
}

/// <summary>Contexts of the configured provider. One that was disposed is used again, because making one costs more than many a query.</summary>
/// <param name="options">Which database.</param>
/// <param name="interceptors">What the host wants to see of each command, connection and transaction; none by default.</param>
internal sealed class HokifyDbContexts(IOptions<DatabaseOptions> options, IEnumerable<IInterceptor> interceptors) : IDbContextFactory<HokifyDbContext>
{
    private readonly Func<HokifyDbContext> _create = Pool(options.Value, interceptors);

    public HokifyDbContext CreateDbContext() => _create();

    private static Func<HokifyDbContext> Pool(DatabaseOptions database, IEnumerable<IInterceptor> interceptors)
    {
        var timeout = (int)Math.Ceiling(database.CommandTimeout.TotalSeconds);
        return database.Provider switch
        {
            DatabaseProvider.Sqlite => new PooledDbContextFactory<SqliteHokifyDbContext>(new DbContextOptionsBuilder<SqliteHokifyDbContext>()
                .UseSqlite(SqliteFile.WithModeAsSetting(database.ConnectionString), sqlite => sqlite.CommandTimeout(timeout))
                .AddInterceptors([new SqliteConnectionSettings(database.CommandTimeout), new DatabasePatience.Commands(), .. interceptors])
                .ConfigureWarnings(Silence)
                .Options).CreateDbContext,
            DatabaseProvider.SqlServer => new PooledDbContextFactory<SqlServerHokifyDbContext>(new DbContextOptionsBuilder<SqlServerHokifyDbContext>()
                .UseSqlServer(WithPassword(database), sqlServer => sqlServer.CommandTimeout(timeout))
                .AddInterceptors([new DatabasePatience.Commands(), .. interceptors])
                .ConfigureWarnings(Silence)
                .Options).CreateDbContext,
            _ => throw new InvalidOperationException($"Database:Provider is {database.Provider}; it must be Sqlite or SqlServer."),
        };
    }

    private static string WithPassword(DatabaseOptions database) => string.IsNullOrEmpty(database.Password)
        ? database.ConnectionString
        : new SqlConnectionStringBuilder(database.ConnectionString) { Password = database.Password }.ConnectionString;

    /// <summary>
    /// EF Core would log a failure with the provider's own text, which may quote a person's data: SQL Server names the value
    /// that is twice or too long. Whoever handles the failure logs it, by its number.
    /// </summary>
    private static void Silence(WarningsConfigurationBuilder warnings) =>
        warnings.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, CoreEventId.OptimisticConcurrencyException);

    /// <summary>What SQLite keeps per connection and not in the file; <c>secure_delete</c> so that an erased person is not left in the free space.</summary>
    private sealed class SqliteConnectionSettings(TimeSpan commandTimeout) : DbConnectionInterceptor
    {
        /// <summary>SQLite's own wait where less than a second is left: the provider counts whole ones, and then waits again.</summary>
        private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(100);

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = Settings(connection);
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = Settings(connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        private DbCommand Settings(DbConnection connection)
        {
            var wait = DatabasePatience.Left is { } left && left < commandTimeout ? left : commandTimeout;
            if (connection is SqliteConnection sqlite)
            {
                // What begins and commits a transaction knows no other limit.
                sqlite.DefaultTimeout = DatabasePatience.Commands.Seconds(wait);
            }

            var busy = wait < TimeSpan.FromSeconds(1) ? ShortWait : wait;
            var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant(
                $"PRAGMA busy_timeout = {(long)Math.Ceiling(busy.TotalMilliseconds)}; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
            return command;
        }
    }
}

/// <summary>Brings the schema up to date.</summary>
internal sealed class DatabaseSchema(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <returns>The migrations that were applied, oldest first; empty when there was nothing to do.</returns>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellationToken)
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

        return pending;
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

/// <summary>Lets <c>dotnet ef</c> make migrations; the connection string is never opened.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteHokifyDbContext>
{
    public SqliteHokifyDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteHokifyDbContext>().UseSqlite("Data Source=design-time.db").Options);
}

/// <summary>Lets <c>dotnet ef</c> make migrations; the connection string is never opened.</summary>
internal sealed class SqlServerDesignTimeFactory : IDesignTimeDbContextFactory<SqlServerHokifyDbContext>
{
    public SqlServerHokifyDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqlServerHokifyDbContext>().UseSqlServer("Server=design-time").Options);
}

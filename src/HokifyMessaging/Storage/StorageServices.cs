using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Storage;

internal static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindKnown(DatabaseOptions.Section);
        services.AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsValidator>();
        services.AddSingleton<IDbContextFactory<HokifyDbContext>, HokifyDbContexts>();
        services.AddSingleton<DatabaseSchema>();
        services.AddSingleton<WriteAheadLog>();
        services.AddSingleton<SqliteRewrite>();
        services.AddSingleton<SchemaCheck>();
        return services;
    }
}

/// <summary>Contexts of the configured provider. One that was disposed is used again, because making one costs more than many a query.</summary>
/// <param name="options">Which database.</param>
/// <param name="interceptors">What the host wants to see of each command, connection and transaction; none by default.</param>
internal sealed class HokifyDbContexts(IOptions<DatabaseOptions> options, IEnumerable<IInterceptor> interceptors) : IDbContextFactory<HokifyDbContext>
{
    private readonly Func<HokifyDbContext> _create = Pool(options.Value, interceptors);
    private readonly SemaphoreSlim? _writeLine = options.Value.Provider == DatabaseProvider.Sqlite ? new(1, 1) : null;

    public HokifyDbContext CreateDbContext()
    {
        var db = _create();
        db.WriteLine = _writeLine;
        return db;
    }

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
                .AddInterceptors([new SqlServerSession(), new DatabasePatience.Commands(), .. interceptors])
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
    /// Before a migration it would make the whole model once more, to see whether a migration has been forgotten; that is a test's to see.
    /// </summary>
    private static void Silence(WarningsConfigurationBuilder warnings) =>
        warnings.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, CoreEventId.OptimisticConcurrencyException, RelationalEventId.PendingModelChangesWarning);

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

using System.Data.Common;
using HokifyMessaging.Tests.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>A database of a kind that the writer is to be tried on.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    public abstract DatabaseOptions Options { get; }

    /// <summary>The scopes of the test, which nobody else uses.</summary>
    public virtual int ScopeId => 1;

    /// <summary>Makes the database refuse these applications, with an error that is each record's own fault.</summary>
    public abstract Task RefuseAsync(ImportWorker worker, params IEnumerable<string> ids);

    public abstract Task AcceptAsync(ImportWorker worker);

    /// <summary>An error of the provider that means that the database can take nothing now.</summary>
    public abstract Task<DbException> StorageFaultAsync(ImportWorker worker);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A SQLite file of the test's own.</summary>
internal sealed class SqliteTestDatabase : TestDatabase
{
    private readonly DirectoryInfo _folder;
    private readonly int _scopeId;

    public SqliteTestDatabase()
        : this(Directory.CreateTempSubdirectory("hokify-writer-"), 1)
    {
    }

    private SqliteTestDatabase(DirectoryInfo folder, int scopeId) => (_folder, _scopeId) = (folder, scopeId);

    public string File => Path.Combine(_folder.FullName, "hokify.db");

    public override DatabaseOptions Options => new() { ConnectionString = $"Data Source={File};Pooling=False" };

    public override int ScopeId => _scopeId;

    /// <summary>Gives the file the newest schema.</summary>
    public Task MigrateAsync() => MigratedFile.PlaceAsync(File);

    /// <summary>The same file for another scope of the test.</summary>
    public SqliteTestDatabase ForScope(int other) => new(_folder, other);

    public override Task RefuseAsync(ImportWorker worker, params IEnumerable<string> ids) => worker.QueryAsync(async db =>
    {
        var list = string.Join(", ", ids.Select(id => $"'{id}'"));
        foreach (var (name, on) in new[] { ("RefuseNew", "INSERT"), ("RefuseChanged", "UPDATE") })
        {
            var trigger = $"CREATE TRIGGER {name} BEFORE {on} ON CandidateProfile WHEN NEW.ReferenceId IN ({list}) BEGIN SELECT RAISE(ABORT, 'refused'); END;";
            await db.Database.ExecuteSqlRawAsync(trigger, TestContext.Current.CancellationToken);
        }

        return 0;
    });

    public override Task AcceptAsync(ImportWorker worker) => worker.ExecuteAsync("DROP TRIGGER RefuseNew; DROP TRIGGER RefuseChanged;");

    public override Task<DbException> StorageFaultAsync(ImportWorker worker) =>
        Task.FromResult<DbException>(new Microsoft.Data.Sqlite.SqliteException("database or disk is full", 13, 13));

    public override ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// The server that <c>HOKIFY_TEST_SQLSERVER</c> names by a connection string. Each process of tests makes a database of
/// its own there, or, where it may not, uses the one that is named, in scopes that nobody else uses. The login may be one that
/// can only read and write rows: then <c>HOKIFY_TEST_SQLSERVER_OWNER</c> is how somebody gets to the same database who can make triggers.
/// </summary>
internal sealed class SqlServerTestDatabase(string connectionString, int scopeId) : TestDatabase
{
    public const string Variable = "HOKIFY_TEST_SQLSERVER";

    public const string OwnerVariable = "HOKIFY_TEST_SQLSERVER_OWNER";

    /// <summary>The trait of tests that need a server, so that they can be run by themselves where one is.</summary>
    public const string Trait = "Needs";

    /// <summary>The value of <see cref="Trait"/>.</summary>
    public const string TraitValue = "SQL Server";

    private static readonly Lazy<Task<string>> Prepared = new(PrepareAsync);
    private static int _lastScope = Random.Shared.Next(1_000_000, 1_000_000_000);

    public static string? ConnectionString => Environment.GetEnvironmentVariable(Variable);

    public override DatabaseOptions Options => new() { Provider = DatabaseProvider.SqlServer, ConnectionString = connectionString };

    public override int ScopeId => scopeId;

    /// <summary>Skips the test where there is none.</summary>
    public static void Require()
    {
        var traits = TestContext.Current.TestCase!.Traits;
        Assert.True(traits.TryGetValue(Trait, out var values) && values.Contains(TraitValue), $"The test needs [Trait({nameof(SqlServerTestDatabase)}.{nameof(Trait)}, …)]: nothing else finds it where there is a server.");
        Assert.SkipUnless(
            ConnectionString is { Length: > 0 },
            $"There is no SQL Server: set {Variable} to a connection string of one on which a database may be created.");
    }

    /// <summary>The same server for another scope of the test.</summary>
    public SqlServerTestDatabase ForScope(int other) => new(connectionString, other);

    private string TriggerName => FormattableString.Invariant($"Refuse{scopeId}");

    public static async Task<SqlServerTestDatabase> CreateAsync() =>
        new(await Prepared.Value, Interlocked.Add(ref _lastScope, 2));

    public override Task RefuseAsync(ImportWorker worker, params IEnumerable<string> ids)
    {
        var list = string.Join(", ", ids.Select(id => $"N'{id}'"));
        return AsOwnerAsync(
            $"""
            CREATE TRIGGER {TriggerName} ON CandidateProfile AFTER INSERT, UPDATE AS
            IF EXISTS (SELECT 1 FROM inserted WHERE ScopeId = {scopeId} AND ReferenceId IN ({list})) THROW 50001, N'refused', 1;
            """);
    }

    public override Task AcceptAsync(ImportWorker worker) => AsOwnerAsync($"DROP TRIGGER {TriggerName};");

    /// <summary>An exception of this provider can only be had from a server: here, by asking for a table that is not there.</summary>
    public override async Task<DbException> StorageFaultAsync(ImportWorker worker) =>
        await Assert.ThrowsAnyAsync<DbException>(() => worker.ExecuteAsync("SELECT 1 FROM TableThatIsNotThere;"));

    public override async ValueTask DisposeAsync() => await AsOwnerAsync($"IF OBJECT_ID(N'{TriggerName}') IS NOT NULL DROP TRIGGER {TriggerName};");

    private async Task AsOwnerAsync(string sql)
    {
        var owner = Environment.GetEnvironmentVariable(OwnerVariable) is { Length: > 0 } named ? named : connectionString;
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = owner });
        await worker.ExecuteAsync(sql);
    }

    private static async Task<string> PrepareAsync()
    {
        var named = new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(ConnectionString);
        var own = new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(ConnectionString)
        {
            InitialCatalog = FormattableString.Invariant($"hokify_{Guid.NewGuid():N}"),
        };
        var (connectionString, statement) = (own.ConnectionString, $"CREATE DATABASE [{own.InitialCatalog}];");
        await using (var connection = new Microsoft.Data.SqlClient.SqlConnection(ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new Microsoft.Data.SqlClient.SqlCommand(statement, connection);
            try
            {
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            catch (Microsoft.Data.SqlClient.SqlException exception) when (exception.Number == 262)
            {
                // CREATE DATABASE permission denied: then the database that the variable names has to do.
                connectionString = named.ConnectionString;
            }
        }

        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = connectionString });
        await worker.Schema.MigrateAsync(TestContext.Current.CancellationToken);
        return connectionString;
    }
}

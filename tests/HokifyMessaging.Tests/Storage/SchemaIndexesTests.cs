using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Storage;

/// <summary>A schema whose history says that it is current, and which lacks an index all the same.</summary>
public sealed class SchemaIndexesTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private ImportWorker? _worker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ImportWorker Worker => _worker!;

    public static TheoryData<string, string, bool> Indexes =>
    [
        .. new SqliteDesignTimeFactory().CreateDbContext([]).GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
            .SelectMany(table => table.Indexes).Select(index => new TheoryDataRow<string, string, bool>(index.Name, index.Table.Name, index.IsUnique)),
    ];

    public async ValueTask InitializeAsync()
    {
        await _database.MigrateAsync();
        _worker = new ImportWorker(_database.Options);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_schema_that_was_just_made_lacks_none()
    {
        Assert.InRange(Indexes.Count, 10, 50);
        Assert.Empty(await MissingAsync());
        Assert.Empty(await CheckAsync());
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public async Task An_index_that_is_missing_is_told_at_the_start_and_made_by_migrate(string index, string table, bool isUnique)
    {
        var before = await DefinitionAsync(index);
        await Worker.ExecuteAsync($"DROP INDEX {index};");

        if (isUnique)
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(CheckAsync);
            Assert.Equal(
                $"The database lacks the unique index {index} of table {table}, or has it disabled or in another form, and records could be stored twice; run 'hokify migrate', which makes it anew.",
                exception.Message);
        }
        else
        {
            Assert.StartsWith($"The database lacks the index {index} of table {table}, ", Assert.Single(await CheckAsync()), StringComparison.Ordinal);
        }

        Assert.Equal([index], (await Worker.Schema.MigrateAsync(Cancel)).Indexes);
        Assert.Equal(before, await DefinitionAsync(index));
        Assert.Empty(await CheckAsync());
    }

    [Theory]
    [InlineData("CREATE INDEX IX_ActivityLog_Ledger ON ActivityLog (ScopeId, ReferenceId) WHERE Status IN ('Open', 'Parked')")]
    [InlineData("CREATE UNIQUE INDEX IX_ActivityLog_Ledger ON ActivityLog (ScopeId, ReferenceId, Id) WHERE Status IN ('Open', 'Parked')")]
    [InlineData("CREATE UNIQUE INDEX IX_ActivityLog_Ledger ON ActivityLog (ReferenceId, ScopeId) WHERE Status IN ('Open', 'Parked')")]
    [InlineData("CREATE UNIQUE INDEX IX_ActivityLog_Ledger ON ActivityLog (ScopeId, ReferenceId)")]
    [InlineData("CREATE UNIQUE INDEX IX_ActivityLog_Ledger ON RunBatch (RunId, Number)")]
    public async Task An_index_that_has_the_name_only_is_made_anew(string other)
    {
        var before = await DefinitionAsync("IX_ActivityLog_Ledger");
        await Worker.ExecuteAsync($"DROP INDEX IX_ActivityLog_Ledger; {other};");
        await Assert.ThrowsAsync<InvalidOperationException>(CheckAsync);

        Assert.Equal(["IX_ActivityLog_Ledger"], (await Worker.Schema.MigrateAsync(Cancel)).Indexes);

        Assert.Equal(before, await DefinitionAsync("IX_ActivityLog_Ledger"));
        Assert.Empty(await CheckAsync());
    }

    [Fact]
    public async Task A_unique_index_over_rows_that_are_there_twice_is_not_made_and_what_was_there_stays()
    {
        await Worker.ExecuteAsync("DROP INDEX IX_Candidate_ScopeId_ReferenceId; CREATE INDEX IX_Candidate_ScopeId_ReferenceId ON Candidate (ScopeId, ReferenceId);");
        var before = await DefinitionAsync("IX_Candidate_ScopeId_ReferenceId");
        await Worker.QueryAsync(db =>
        {
            db.AddRange(Person(), Person());
            return db.SaveChangesAsync(Cancel);
        });

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Worker.Schema.MigrateAsync(Cancel));

        Assert.Equal(
            "The unique index IX_Candidate_ScopeId_ReferenceId cannot be made, because rows of table Candidate have the same ScopeId and ReferenceId; find which of them is to stay, delete the others, and run 'hokify migrate' again. The indexes are as they were.",
            exception.Message);
        Assert.Equal(before, await DefinitionAsync("IX_Candidate_ScopeId_ReferenceId"));

        static Candidate Person() => new() { ScopeId = 1, ReferenceId = "p1", ContentHash = [], Columns = new CandidateColumns() };
    }

    [Fact]
    public async Task An_index_of_the_administrators_own_is_left_alone()
    {
        await Worker.ExecuteAsync("CREATE INDEX IX_Mine ON Candidate (Version);");

        Assert.Empty(await CheckAsync());
        Assert.Empty((await Worker.Schema.MigrateAsync(Cancel)).Indexes);
        Assert.NotNull(await DefinitionAsync("IX_Mine"));
    }

    [Fact]
    public async Task On_SQL_Server_the_catalog_is_asked_and_each_index_made_by_statements_that_it_can_read()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        await using var db = await worker.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);

        var missing = await SchemaIndexes.MissingAsync(db, Cancel);
        foreach (var index in missing)
        {
            await SchemaIndexes.MakeAsync(db, index, Cancel);
        }

        Assert.Equal(Indexes.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), missing.Select(index => index.Name));
        Assert.All(server.Commands, command => Assert.Empty(SqlServerRules.Parse(command.Text).Batches.Count == 1 ? [] : new[] { command.Text }));
        Assert.Single(server.Commands, command => command.Text.Contains("x.is_disabled = 0", StringComparison.Ordinal));
        Assert.All(missing, index =>
        {
            Assert.Single(server.Commands, command => command.Text.Contains($"DROP INDEX IF EXISTS [{index.Name}] ON [{index.Table.Name}]", StringComparison.Ordinal));
            Assert.Single(server.Commands, command => command.Text.Contains($"INDEX [{index.Name}] ON [{index.Table.Name}] (", StringComparison.Ordinal));
        });
        Assert.Single(server.Commands, command => command.Text.StartsWith("CREATE UNIQUE INDEX [IX_ActivityLog_Ledger]", StringComparison.Ordinal) && command.Text.Contains("WHERE Status IN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("IX_ImportRun_Turn", "IX_ImportRun_Turn")]
    public async Task On_SQL_Server_the_columns_that_an_index_includes_belong_to_it(string? withoutIncluded, string missing)
    {
        await using var model = new SqlServerDesignTimeFactory().CreateDbContext([]);
        var indexes = model.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.SelectMany(table => table.Indexes).ToList();
        var server = new RecordedSqlServer { Rows = { ["indexes"] = [.. indexes.SelectMany(index => Catalog(index, index.Name == withoutIncluded))] } };
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);

        var found = await worker.QueryAsync(db => SchemaIndexes.MissingAsync(db, Cancel));

        Assert.Equal(missing, string.Join(", ", found.Select(index => index.Name)));

        static IEnumerable<object> Catalog(ITableIndex index, bool withoutIncluded) =>
            index.Columns.Select(c => (c.Name, IsIncluded: false))
                .Concat((withoutIncluded ? null : index.MappedIndexes.First().GetIncludeProperties())?.Reverse().Select(name => (Name: name, IsIncluded: true)) ?? [])
                .Select(c => new { TableName = index.Table.Name, IndexName = index.Name, index.IsUnique, IsFiltered = index.Filter is not null, c.IsIncluded, ColumnName = c.Name });
    }

    private Task<IReadOnlyList<ITableIndex>> MissingAsync() => Worker.QueryAsync(db => SchemaIndexes.MissingAsync(db, Cancel));

    /// <summary>What the check of the start warns of.</summary>
    private async Task<List<string>> CheckAsync()
    {
        var log = new Telemetry.LogSentenceTests.Lines<SchemaCheck>();
        await new SchemaCheck(Worker.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>(), log).RequireAsync(Cancel);
        return log.Written;
    }

    private Task<string?> DefinitionAsync(string index) => Worker.QueryAsync(async db =>
        (await db.Database.SqlQuery<string>($"SELECT sql AS Value FROM sqlite_master WHERE type = 'index' AND name = {index}").ToListAsync(Cancel)).SingleOrDefault());
}

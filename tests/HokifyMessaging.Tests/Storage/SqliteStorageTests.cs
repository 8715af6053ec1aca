using System.Diagnostics;
using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>What a real SQLite file holds to, whoever writes to it.</summary>
public sealed class SqliteStorageTests : IAsyncLifetime
{
    private static readonly Guid RunId = new("11111111-2222-3333-4444-555555555555");

    private readonly SqliteTestDatabase _database = new();
    private readonly Faults _faults = new();
    private ImportWorker? _worker;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ImportWorker Worker => _worker!;

    public async ValueTask InitializeAsync()
    {
        _worker = new ImportWorker(_database.Options, interceptors: _faults);
        Assert.NotEmpty((await Worker.Schema.MigrateAsync(Cancel)).Migrations);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("foreign_keys", "1")]
    [InlineData("busy_timeout", "30000")]
    [InlineData("secure_delete", "1")]
    public async Task Every_connection_has_the_settings_that_SQLite_does_not_keep_in_the_file(string pragma, string expected)
    {
        var actual = await Worker.QueryAsync(async db =>
        {
            await db.Database.OpenConnectionAsync(Cancel);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {pragma};";
            return (await command.ExecuteScalarAsync(Cancel))?.ToString();
        });

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Migrating_again_changes_nothing() => Assert.True(await Worker.Schema.MigrateAsync(Cancel) is { Migrations.Count: 0, Indexes.Count: 0 });

    [Fact]
    public async Task No_row_can_be_there_twice()
    {
        await SeedAsync();

        await RefusedAsync("a unique index", new Candidate { ScopeId = 1, ReferenceId = "p1", ContentHash = [], Columns = new CandidateColumns() });
        await RefusedAsync("a unique index", Profile("a1"));
        await RefusedAsync("a unique index", Run(Guid.NewGuid(), "key"));
        await RefusedAsync("a unique index", Log(ActivityStatus.Parked));
        await RefusedAsync("a primary key", new ScopeState { ScopeId = 1 });
        await RefusedAsync("a primary key", new RunBatch { RunId = RunId, Number = 1, RecordKeys = [] });
        await RefusedAsync("a primary key", new ErasedKey { ScopeId = 1, Hash = [1] });

        // What no longer waits may be there as often as it happened, and ids that differ in case are two.
        await AddAsync(Log(ActivityStatus.Closed), Log(ActivityStatus.Closed), Log(ActivityStatus.Done));
        await AddAsync(new Candidate { ScopeId = 1, ReferenceId = "P1", ContentHash = [], Columns = new CandidateColumns() }, Profile("A1"), Run(Guid.NewGuid(), "KEY"));
    }

    [Fact]
    public async Task An_activitys_status_is_a_word_in_the_file()
    {
        await SeedAsync();
        await AddAsync(Log(ActivityStatus.Done), Log(ActivityStatus.Closed), Log(ActivityStatus.Superseded));
        string[] words = ["Closed", "Done", "Open", "Superseded"];

        Assert.Equal(words, await WordsAsync());
        await Worker.ExecuteAsync("UPDATE ActivityLog SET Status = 'Parked' WHERE Status = 'Open'");
        Assert.Equal(1, await Worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Parked, Cancel)));

        Task<List<string>> WordsAsync() => Worker.QueryAsync(db => db.Database.SqlQueryRaw<string>("SELECT Status AS Value FROM ActivityLog ORDER BY Status").ToListAsync(Cancel));
    }

    [Fact]
    public async Task No_row_can_refer_to_one_that_is_not_there()
    {
        await SeedAsync();

        await RefusedAsync("a foreign key", new CandidateProfile { ScopeId = 1, ReferenceId = "a9", CandidateId = 999, ContentHash = [], Columns = new ProfileColumns() });
        await RefusedAsync("a foreign key", new RunBatch { RunId = Guid.NewGuid(), Number = 1, RecordKeys = [] });
        var run = Run(Guid.NewGuid(), "another");
        run.ScopeId = 999;
        await RefusedAsync("a foreign key", run);
        var log = Log(ActivityStatus.Done);
        log.RunId = Guid.NewGuid();
        await RefusedAsync("a foreign key", log);
        var deletion = await Assert.ThrowsAsync<SqliteException>(() => Worker.ExecuteAsync("DELETE FROM Candidate;"));
        Assert.Equal("FOREIGN KEY constraint failed", deletion.Message.Split('\'')[1]);
    }

    [Fact]
    public async Task Instants_come_back_as_they_went_and_sort_as_time_does()
    {
        DateTimeOffset[] instants =
        [
            DateTimeOffset.MinValue,
            new(1999, 12, 31, 23, 59, 59, TimeSpan.Zero),
            new(2026, 3, 29, 3, 0, 0, TimeSpan.FromHours(14)),
            new(2026, 3, 29, 0, 0, 0, TimeSpan.FromHours(2)),
            new DateTimeOffset(2026, 3, 29, 0, 0, 0, TimeSpan.FromHours(2)).AddTicks(1),
            new(2026, 3, 28, 22, 30, 0, TimeSpan.FromHours(-1)),
            DateTimeOffset.MaxValue,
        ];
        await AddAsync([.. instants.Reverse().Select((instant, i) => new ScopeState { ScopeId = 100 + i, Watermark = instant })]);

        var stored = await Worker.QueryAsync(db => db.Scopes.OrderBy(s => s.Watermark).Select(s => s.Watermark!.Value).ToListAsync(Cancel));
        Assert.Equal(instants, stored);
        Assert.Equal(3, await Worker.QueryAsync(db => db.Scopes.CountAsync(s => s.Watermark > instants[3], Cancel)));
        Assert.Equal(1, await Worker.QueryAsync(db => db.Scopes.CountAsync(s => s.Watermark == instants[4].ToOffset(TimeSpan.FromHours(-5)), Cancel)));
    }

    [Fact]
    public async Task A_look_up_by_many_ids_uses_the_unique_index()
    {
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(_database.Options, interceptors: plans.Interceptors);

        await worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == 1).WithIdIn(db, p => p.ReferenceId, ["a1", "a2"]).ToListAsync(Cancel));

        Assert.Equal(["CandidateProfile by INDEX IX_CandidateProfile_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)"], await plans.OfSentAsync(worker));
    }

    [Fact]
    public async Task What_became_of_a_record_is_found_by_indexes()
    {
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(_database.Options, interceptors: plans.Interceptors);
        var run = await worker.OpenAsync();
        await worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1")), Record.Rejected("a2")), Cancel);
        await worker.QueryAsync(db => db.Database.ExecuteSqlRawAsync("INSERT INTO ErasedKey VALUES (1, X'00', '2026-01-01')", Cancel));
        plans.Forget();

        foreach (var id in new[] { "a1", "a2" })
        {
            Assert.Single((await worker.Services.GetRequiredService<RecordTrails>().FollowAsync(new RecordQuestion(id), Cancel)).Found);
        }

        Assert.Empty((await worker.Services.GetRequiredService<RecordTrails>().FollowAsync(new RecordQuestion("nobody@example.at"), Cancel)).Found);

        // The scopes are few, and what else is gone through are the rows that were found, 21 at most, and all of one address.
        var ways = await plans.OfSentAsync(worker);
        Assert.Equal(["Scope by SCAN", "c1 by SCAN", "s0 by SCAN"], ways.Where(way => way.Contains("SCAN", StringComparison.Ordinal)));
        Assert.Contains(ways, way => way.EndsWith("INDEX IX_CandidateProfile_ScopeId_PersonKey (ScopeId=? AND PersonKey>? AND PersonKey<?)", StringComparison.Ordinal));
        Assert.Contains("ActivityLog by INDEX IX_ActivityLog_Ledger (ScopeId=? AND ReferenceId>? AND ReferenceId<?)", ways);
    }

    [Fact]
    public async Task How_scopes_stand_and_what_of_them_was_read_is_found_by_indexes_that_have_the_order()
    {
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(_database.Options, interceptors: plans.Interceptors);
        await worker.ConcludeAsync(await worker.OpenAsync());
        plans.Forget();

        await worker.Services.GetRequiredService<CoverageQueries>().OfAsync(1, Cancel);
        await worker.Services.GetRequiredService<ScopeQueries>().ListAsync(Cancel);
        await worker.Services.GetRequiredService<ScheduleQueries>().ListAsync(1, Cancel);

        var ways = await plans.OfSentAsync(worker);
        Assert.Contains("ImportRun by INDEX IX_ImportRun_ScopeId_CreatedAt (ScopeId=?)", ways);
        Assert.DoesNotContain(ways, way => way is "ImportRun by SCAN" or "ActivityLog by SCAN");
    }

    [Fact]
    public async Task A_lock_that_another_process_gives_back_is_waited_for()
    {
        await using var worker = Impatient();
        var run = await worker.OpenAsync();
        await using var other = await LockAsync();
        var begun = _faults.Begins;

        var writing = Task.Run(() => worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1"))), Cancel), Cancel);
        await Importing.ImportSetup.Until(() => _faults.Begins >= begun + 2);
        await other.DisposeAsync();
        await writing;

        Assert.Equal(1, run.Tally.Created[ElementNames.CandidateProfile]);
    }

    [Fact]
    public async Task A_lock_that_stays_ends_in_one_clear_sentence_as_soon_as_was_configured()
    {
        await using var worker = Impatient();
        var run = await worker.OpenAsync();
        await using var other = await LockAsync();
        worker.Clock.AutoAdvanceAmount = new ImportOptions().TransientRetryDuration / 4;
        var waited = Stopwatch.StartNew();

        var exception = await Assert.ThrowsAsync<StorageException>(
            () => worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1"))), Cancel));

        Assert.Equal("The database cannot take the batch of 1 record: the database file is locked by another process (SQLite error 5, extended 5).", exception.Message);
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(25), $"three tries of a second each took {waited.Elapsed}");
    }

    [Fact]
    public async Task Two_processes_write_one_after_the_other()
    {
        await using var second = new ImportWorker(_database.Options, scopeId: 2, clock: Worker.Clock);
        var (mine, theirs) = (await Worker.OpenAsync(), await second.OpenAsync());

        await Task.WhenAll(
            Task.Run(() => WriteAsync(Worker, mine), Cancel),
            Task.Run(() => WriteAsync(second, theirs), Cancel));

        Assert.Equal((50, 50), (mine.Tally.Created[ElementNames.CandidateProfile], theirs.Tally.Created[ElementNames.CandidateProfile]));

        static async Task WriteAsync(ImportWorker worker, HokifyMessaging.Runs.RunInProgress run)
        {
            for (var batch = 0; batch < 10; batch++)
            {
                await worker.Writer.WriteAsync(run, Record.Batch([.. Enumerable.Range(0, 5).Select(i => Record.Ready(Record.Application($"a{batch}-{i}")))]), Cancel);
            }
        }
    }

    [Fact]
    public async Task Nothing_of_an_erased_person_is_left_in_the_file()
    {
        const string Trace = "ganz.bestimmt.nur.hier@example.at";
        var run = await Worker.OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Copy(0)), Cancel);
        // The history keeps what the first copy said, and the ledger what could not be understood.
        await Worker.Writer.WriteAsync(run, Record.Batch(Copy(1), Record.Rejected("a2", Trace, Trace)), Cancel);
        Assert.Contains(Trace, await ContentAsync(), StringComparison.Ordinal);

        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application(Trace, Trace, version: 2, erased: true))), Cancel);

        Assert.DoesNotContain(Trace, await ContentAsync(), StringComparison.Ordinal);

        static SourceRecord Copy(int version)
        {
            var person = new CandidateColumns { Email = Trace, DisplayName = $"{Trace} {version}", Experiences = string.Concat(Enumerable.Repeat(Trace, 1000)) };
            var profile = new ProfileColumns { Name = $"{Trace} {version}" };
            return Record.Ready(Record.Application(Trace, Trace, version, person, profile) with { Payload = Trace });
        }

        async Task<string> ContentAsync()
        {
            // Without an open connection SQLite has moved its journal into the file.
            await run.EndSessionAsync();
            Assert.False(File.Exists(_database.File + "-wal"));
            return Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_database.File, Cancel));
        }
    }

    [Fact]
    public async Task A_host_that_may_not_migrate_refuses_a_schema_that_is_too_old()
    {
        await using var fresh = new SqliteTestDatabase();
        await using var strict = new ImportWorker(fresh.Options, settings: [new("Database:MigrateAtStartUp", "false")]);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => strict.Services.PrepareDatabaseAsync(Cancel));

        Assert.Equal($"The database file {fresh.File} does not exist; 'hokify serve' and 'hokify migrate' make it, and Database:ConnectionString can name another, from the current folder or by its full path.", exception.Message);
        Assert.False(File.Exists(fresh.File));
        await File.Create(fresh.File).DisposeAsync();
        exception = await Assert.ThrowsAsync<InvalidOperationException>(() => strict.Services.PrepareDatabaseAsync(Cancel));
        Assert.Equal($"The database file {fresh.File} has no tables of this program; run 'hokify migrate', which makes them, or name another in Database:ConnectionString.", exception.Message);
        await using var lenient = new ImportWorker(fresh.Options);
        await lenient.Services.PrepareDatabaseAsync(Cancel);
        await strict.Services.PrepareDatabaseAsync(Cancel);
    }

    [Fact]
    public async Task A_database_of_a_version_that_is_not_known_is_left_as_it_is()
    {
        await Worker.ExecuteAsync("INSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion) VALUES ('20991231235959_Tomorrow', '99.0.0')");
        await using var strict = new ImportWorker(_database.Options, settings: [new("Database:MigrateAtStartUp", "false")]);

        foreach (var worker in new[] { Worker, strict })
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => worker.Services.PrepareDatabaseAsync(Cancel));
            Assert.StartsWith($"The database file {_database.File} has migrations that this version does not know (20991231235959_Tomorrow): it is of a newer version,", exception.Message, StringComparison.Ordinal);
        }
    }

    private ImportWorker Impatient() => new(
        new DatabaseOptions { ConnectionString = _database.Options.ConnectionString, CommandTimeout = TimeSpan.FromSeconds(1) },
        clock: Worker.Clock,
        interceptors: _faults);

    private async Task<SqliteConnection> LockAsync()
    {
        var connection = new SqliteConnection(_database.Options.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE;";
        await command.ExecuteNonQueryAsync(Cancel);
        return connection;
    }

    private async Task SeedAsync()
    {
        await AddAsync(new ScopeState { ScopeId = 1 });
        await AddAsync(Run(RunId, "key"), new Candidate { Id = 1, ScopeId = 1, ReferenceId = "p1", ContentHash = [], Columns = new CandidateColumns() });
        await AddAsync(Profile("a1"), Log(ActivityStatus.Open), new RunBatch { RunId = RunId, Number = 1, RecordKeys = [] }, new ErasedKey { ScopeId = 1, Hash = [1] });
    }

    private static CandidateProfile Profile(string id) => new() { ScopeId = 1, ReferenceId = id, CandidateId = 1, ContentHash = [], Columns = new ProfileColumns() };

    private static ImportRun Run(Guid id, string key) => new() { Id = id, IdempotencyKey = key, ScopeId = 1, ImportMode = ImportMode.Full, Tally = "{}" };

    private static ActivityLog Log(ActivityStatus status) => new()
    {
        ScopeId = 1,
        RunId = RunId,
        Name = ActivityName.Failed,
        Status = status,
        ReferenceId = "a1",
        ElementName = ElementNames.CandidateProfile,
        Command = ActivityLog.Import,
    };

    private Task<int> AddAsync(params object[] rows) => Worker.QueryAsync(db =>
    {
        db.AddRange(rows);
        return db.SaveChangesAsync(Cancel);
    });

    private async Task RefusedAsync(string what, object row)
    {
        var exception = await Assert.ThrowsAsync<DbUpdateException>(() => AddAsync(row));
        Assert.StartsWith($"violates {what} (SQLite error 19, ", DatabaseFault.Of(exception)!.Description, StringComparison.Ordinal);
    }
}

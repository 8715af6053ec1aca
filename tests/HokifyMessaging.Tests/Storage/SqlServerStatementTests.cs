using HokifyMessaging.Applications;
using HokifyMessaging.Backups;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>Every statement for SQL Server, by SQL Server's own grammar: no server is needed to know that it can be read.</summary>
public sealed class SqlServerStatementTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_idempotent_script_is_one_that_SQL_Server_can_read_and_keeps_the_rules()
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);

        var script = db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);

        Assert.Contains("CREATE TABLE [CandidateProfile]", script, StringComparison.Ordinal);
        Assert.Contains("CREATE UNIQUE INDEX [IX_ActivityLog_Ledger]", script, StringComparison.Ordinal);
        Assert.Empty(SqlServerRules.Check(script).Violations);

        // What the script hands to EXEC is parsed as well.
        var inner = script.Split("EXEC(N'").Skip(1).Select(part => part[..part.IndexOf("');", StringComparison.Ordinal)].Replace("''", "'", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(inner);
        Assert.All(inner, statement => Assert.Empty(SqlServerRules.Check(statement).Violations));
    }

    [Fact]
    public async Task A_database_that_migrating_makes_lets_readers_and_writers_go_on_beside_each_other()
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);

        var commands = db.GetService<IMigrationsSqlGenerator>().Generate([new SqlServerCreateDatabaseOperation { Name = "Hokify" }]);

        Assert.Single(commands, command => command.CommandText.Contains("ALTER DATABASE [Hokify] SET READ_COMMITTED_SNAPSHOT ON", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MERGE INTO [A] USING [B] ON [A].[Id] = [B].[Id] WHEN MATCHED THEN DELETE;")]
    [InlineData("INSERT INTO [A] ([X]) OUTPUT INSERTED.[Id] VALUES (1);")]
    [InlineData("WAITFOR DELAY '00:00:01';")]
    [InlineData("CREATE OR ALTER VIEW [V] AS SELECT 1 AS [X];")]
    [InlineData("CREATE TABLE [A] ([Id] int, INDEX [I] ([Id]));")]
    [InlineData("EXEC sys.sp_sequence_get_range @sequence_name = N'S', @range_size = 5;")]
    [InlineData("SELECT 1 FROM [A] WHERE [A].[X] IN (SELECT [i].[value] FROM OPENJSON(@ids) WITH ([value] nvarchar(100) '$') AS [i])")]
    public void The_rules_see_what_breaks_them(string statement) => Assert.NotEmpty(SqlServerRules.Check(statement).Violations);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_statement_of_an_import_keeps_the_rules_and_stays_below_the_limit_of_parameters(bool bulkCopy)
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(
            new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" },
            rows: bulkCopy ? (db, scopeId) => new SqlServerRows(db, scopeId, server.BulkCopyAsync) : (db, scopeId) => new EfCoreRows(db, scopeId),
            interceptors: server);

        await OpenAsync(worker, server);
        var run = await server.OpenRunAsync(worker);
        await WriteAsync(worker, server, run);
        await EraseAsync(worker, server, run);
        await EraseWhomAnotherHasErasedAsync(worker, server);
        await EraseOnRequestAsync(worker, server);
        await DeleteAsync(worker, server, run);
        await EndAsync(worker, server, run);
        await DownloadAsync(worker, server, run);
        await AskAsync(worker, server, run);

        var touched = SqlServerRules.TouchedBy(server.Commands);

        Assert.Equal(bulkCopy ? ["SELECT #Candidate", "SELECT #CandidateProfile"] : [], touched.Where(t => t.Contains('#', StringComparison.Ordinal)));
        Assert.Equal(
            [
                "DELETE ActivityLog", "DELETE PendingEvent", "DELETE RunBatch",
                "INSERT ActivityLog", "INSERT Audit", "INSERT Candidate", "INSERT CandidateProfile", "INSERT ErasedKey", "INSERT ErasureRequest", "INSERT ImportRun", "INSERT PendingEvent", "INSERT RunBatch", "INSERT Scope",
                "SELECT ActivityLog", "SELECT Audit", "SELECT Candidate", "SELECT CandidateProfile", "SELECT ErasedKey", "SELECT ErasureRequest", "SELECT ImportRun", "SELECT LegalHold", "SELECT PendingEvent", "SELECT PlanEntry", "SELECT RunBatch", "SELECT Scope",
                "UPDATE ActivityLog", "UPDATE Candidate", "UPDATE CandidateProfile", "UPDATE ErasureRequest", "UPDATE ImportRun", "UPDATE PendingEvent", "UPDATE Scope",
            ],
            touched.Where(t => !t.Contains('#', StringComparison.Ordinal)));

        // Of 2,200 records: more rows in one statement, and the server would lock the table.
        Assert.True(server.CopySizes.TrueForAll(size => size <= 1_000) && server.CopySizes.Count(size => size == 1_000) == (bulkCopy ? 8 : 0), string.Join(' ', server.CopySizes));

        // Whoever writes has the scope's row first, so that no two wait for each other; what concerns a run alone has that only. Nobody waits for a row of the audit log.
        Assert.InRange(server.Transactions.Count, 10, 200);
        Assert.All(server.Transactions.Where(commands => commands.Count > 0), commands =>
        {
            var locked = commands.SelectMany(command => SqlServerRules.Check(command).Touched).Where(t => !t.StartsWith("SELECT", StringComparison.Ordinal)).ToList();
            Assert.True(
                locked[0] == "UPDATE Scope" || locked.TrueForAll(t => t is "UPDATE ImportRun" or "INSERT PendingEvent" or "INSERT Audit") || locked.TrueForAll(t => t == "UPDATE PendingEvent"),
                string.Join(", ", locked));
        });
    }

    [Fact]
    public async Task Every_statement_of_the_daily_job_and_of_a_hold_keeps_the_rules()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(
            new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" },
            settings:
            [
                new("Hokify:Retention:Enabled", "true"), new("Hokify:Scopes:1:Retention:Preset", "Germany"), new("Hokify:Scopes:1:Retention:RejectionStages:0", "rejected"),
                new("Hokify:Scopes:1:Retention:TalentPool:Months", "24"), new("Hokify:Scopes:1:Retention:TalentPool:Question", "pool"), new("Hokify:Scopes:1:Retention:ClaimMonths", "6"),
            ],
            interceptors: server);
        var profile = StoredProfile(1);
        (profile.ReceivedAt, profile.Columns) = (Record.Epoch, new ProfileColumns { Status = "rejected" });
        var key = worker.Services.GetRequiredService<ErasureKeys>().Present()!;
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        server.Rows["Candidate"] = [StoredCandidate(1)];
        server.Rows["CandidateProfile"] = [profile];
        server.Rows["ActivityLog"] = [];
        server.Rows["ImportRun"] = [];
        server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = Convert.FromHexString(key.Fingerprint), ErasedAt = Record.Epoch }];
        server.Rows["Retention"] = [new RetentionState { ScopeId = 1 }];
        server.Rows["LegalHold"] = [];
        server.Rows["ErasureRequest"] = [];
        server.Rows["RetryRamp"] = [];

        Assert.Empty(await worker.Services.GetRequiredService<RetentionJob>().RunDueAsync(Cancel));

        var found = await worker.Services.GetRequiredService<PeopleFinder>().FindAsync(1, new NamedPerson(NamedBy.Person, "p1"), Cancel);
        var holds = worker.Services.GetRequiredService<LegalHolds>();
        Assert.NotNull(await holds.PlaceAsync(found, new ErasureAsker("karin", "office", "file"), null, Cancel));
        server.Rows["LegalHold"] = [new LegalHold { Id = Guid.NewGuid(), ScopeId = 1, Who = "karin", Machine = "office", Reason = "file", Candidates = "[]", Profiles = "[]" }];
        Assert.NotNull(await holds.ReleaseAsync(Guid.NewGuid(), null, new ErasureAsker("karin", "office", null), Cancel));

        var touched = SqlServerRules.TouchedBy(server.Commands);

        Assert.Equal(
            ["INSERT Audit", "INSERT ErasedKey", "INSERT LegalHold", "UPDATE Candidate", "UPDATE CandidateProfile", "UPDATE ErasureRequest", "UPDATE ImportRun", "UPDATE LegalHold", "UPDATE Retention", "UPDATE Scope"],
            touched.Where(t => !t.StartsWith("SELECT", StringComparison.Ordinal)));
        Assert.All(server.Transactions.Where(commands => commands.Count > 0), commands =>
        {
            var locked = commands.SelectMany(command => SqlServerRules.Check(command).Touched).Where(t => !t.StartsWith("SELECT", StringComparison.Ordinal)).ToList();
            Assert.True(locked[0] == "UPDATE Scope" || locked.TrueForAll(t => t == "UPDATE Retention"), string.Join(", ", locked));
        });
    }

    [Fact]
    public void What_is_counted_for_whoever_watches_keeps_the_rules()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);

        foreach (var (statement, table) in new[] { (ScopeFigures.Kept(db).ToQueryString(), "ActivityLog"), (ScopeFigures.Open(db).ToQueryString(), "ImportRun") })
        {
            var (violations, tables) = SqlServerRules.Check(statement);
            Assert.Empty(violations);
            Assert.Equal([$"SELECT {table}"], tables);
        }
    }

    /// <summary>The recorded server does not remember what is inserted, so the opening ends where it reads its own rows back.</summary>
    private static async Task OpenAsync(ImportWorker worker, RecordedSqlServer server)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => worker.Runs.OpenAsync(worker.Request("new"), mayWork: true, Cancel));
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        await Assert.ThrowsAsync<InvalidOperationException>(() => worker.Runs.OpenAsync(worker.Request("new"), mayWork: true, Cancel));
        Assert.Contains(server.Commands, c => c.Text.Contains("INSERT INTO [ImportRun]", StringComparison.Ordinal));
    }

    private static async Task WriteAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        // More than one command of EF Core's, and more ids than a statement may have parameters.
        server.Rows["RunBatch"] = [];
        var many = Enumerable.Range(0, 2200).Select(i => Record.Ready(Record.Application($"new {i}", $"person {i}")));
        await worker.Writer.WriteAsync(run, Record.Batch([.. many, Record.Rejected("bad"), Record.Rejected(null)]), Cancel);

        server.Rows["Candidate"] = [StoredCandidate(1)];
        server.Rows["CandidateProfile"] = [StoredProfile(1)];
        server.Rows["ActivityLog"] = [Waiting("a1")];
        await worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1", version: 5).Named("other"))), Cancel);
        await using var db = await worker.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        Assert.Single(await worker.Ledger.DueAsync(db, run, 10, int.MaxValue, Cancel));
    }

    private static async Task EraseAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = 1, Hash = new byte[32], ErasedAt = Record.Epoch }];
        await worker.Writer.WriteAsync(
            run,
            Record.Batch([.. Enumerable.Range(0, 800).Select(i => Record.Ready(Record.Application($"more {i}")))]),
            Cancel);
        server.Rows["ErasedKey"] = [];
        await worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1", erased: true))), Cancel);
    }

    /// <summary>The list of the erased goes out, and into a database that still has one of them.</summary>
    private static async Task EraseOnRequestAsync(ImportWorker worker, RecordedSqlServer server)
    {
        var (finder, requests, erasure) = (
            worker.Services.GetRequiredService<PeopleFinder>(), worker.Services.GetRequiredService<ErasureRequests>(), worker.Services.GetRequiredService<PeopleErasure>());
        var (scope, key) = (server.Rows["Scope"], worker.Services.GetRequiredService<ErasureKeys>().Present()!);
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = Convert.FromHexString(key.Fingerprint), ErasedAt = Record.Epoch }];
        server.Rows["ErasureRequest"] = [];
        foreach (var asked in new[] { new NamedPerson(NamedBy.Application, "a1"), new NamedPerson(NamedBy.Person, "p1"), new NamedPerson(NamedBy.Address, "p1@example.at") })
        {
            var found = await finder.FindAsync(1, asked, Cancel);
            Assert.True((await requests.AskAsync(found, found.People, new ErasureAsker("karin", "office", null), Cancel)).IsNew);
        }

        foreach (var candidates in new[] { "[1]", "[]" })
        {
            var request = new ErasureRequest
            {
                Id = Guid.NewGuid(),
                ScopeId = 1,
                Who = "karin",
                Machine = "office",
                State = ErasureState.Waiting,
                Asked = new byte[32],
                Candidates = candidates,
                Entries = "[1]",
                Hashes = new byte[32],
            };
            server.Rows["ErasureRequest"] = [request];
            await erasure.CarryOutAsync(request.Id, Cancel);
        }

        Assert.Single(await requests.WaitingAsync(now: null, Cancel));
        server.Rows["Scope"] = scope;
        server.Rows["ErasedKey"] = [];
    }

    private static async Task EraseWhomAnotherHasErasedAsync(ImportWorker worker, RecordedSqlServer server)
    {
        var (lists, key) = (worker.Services.GetRequiredService<ErasureLists>(), worker.Services.GetRequiredService<ErasureKeys>().Present()!);
        var scope = server.Rows["Scope"];
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = Convert.FromHexString(key.Fingerprint), ErasedAt = Record.Epoch }];
        server.Rows["Candidate"] = [StoredCandidate(1)];
        server.Rows["CandidateProfile"] = [StoredProfile(1)];
        Assert.NotEmpty((await lists.ExportAsync(Cancel)).Erasures);
        var list = new ErasureList("list", key.Fingerprint, [.. Enumerable.Range(0, 1_200).Select(i => new RememberedErasure(1, key.Key.Hash(1, "person", $"p{i}"), Record.Epoch))]);

        Assert.Equal((1, 1), (await lists.ImportAsync(list, Cancel)).Select(told => (told.Erased.People, told.Erased.Applications)).Single());
        server.Rows["Scope"] = scope;
        server.Rows["ErasedKey"] = [];
    }

    private static async Task DeleteAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        server.Rows["CandidateProfile"] = [StoredProfile(2)];
        server.Rows["Candidate"] = [StoredCandidate(1)];
        Assert.True(await worker.DeleteMissingAsync(run));
    }

    private static async Task EndAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        await worker.Transactions.RenewAsync(run.Lease, Cancel);
        await worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel);
        await worker.Runs.FailAsync(run, new RunFailure("reason"), Cancel);
        await worker.ConcludeAsync(run);
        await worker.Runs.AnnouncedAsync([run.RunId], Cancel);
        Assert.NotNull(await worker.Turns.TakeAsync(1, Cancel));
        Assert.NotEmpty(await worker.Turns.ClaimStaleAsync(isQueueEmpty: true, Cancel).ToListAsync(Cancel));
        await worker.Turns.TakeBackAsync(new Nudge(run.Request, Record.Epoch), Cancel);
        await worker.Turns.NextResumeAsync(DateTimeOffset.UnixEpoch, Cancel);
        Assert.Null(await worker.Runs.TakeUnannouncedAsync(Assert.Single(await worker.Runs.UnannouncedAsync(Cancel)), Cancel));
        await worker.Runs.RefuseAsync(1, "known", Record.Epoch, new RequestRefusedException("ScopeId", "reason"), Cancel);
        Assert.NotEmpty(server.Commands);
        await TellAsync(worker, server);
    }

    private static async Task TellAsync(ImportWorker worker, RecordedSqlServer server)
    {
        var events = worker.Services.GetRequiredService<PendingEvents>();
        var failed = new HokifyImportFailed { Reason = "reason" };
        await events.StoreAsync(failed, Guid.NewGuid(), Cancel);
        var id = Guid.NewGuid();
        server.Rows["PendingEvent"] = [new PendingEvent { Id = id, Event = System.Text.Json.JsonSerializer.Serialize(failed), CreatedAt = Record.Epoch }];
        Assert.Equal([id], await events.WaitingAsync(Cancel));
        Assert.Equal(failed, (await events.TakeAsync(id, Cancel))?.Event);
        await events.ReturnAsync(id, Cancel);
        await events.PublishedAsync(id, Cancel);
    }

    private static async Task DownloadAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        server.Rows["CandidateProfile"] = [StoredProfile(2)];
        server.Rows["ActivityLog"] = [Results.CsvSetup.Touch(run.RunId, id: 5, profile: 2)];
        using var file = new MemoryStream();
        await worker.Services.GetRequiredService<RunCsv>().WriteAsync(run.RunId, PeopleValues.Shown, file, Cancel);
        // The scripted server answers the question for what was tried again with the same row.
        Assert.Equal(4, Results.CsvFile.Read(file.ToArray()).Rows.Count);
    }

    /// <summary>What callers over HTTP ask.</summary>
    private static async Task AskAsync(ImportWorker worker, RecordedSqlServer server, RunInProgress run)
    {
        ((ImportRun)server.Rows["ImportRun"].Single()).State = RunState.Failed;
        var control = worker.Services.GetRequiredService<RunControl>();
        Assert.True(await control.WakeAsync(run.RunId, place: null, Cancel));
        Assert.NotNull((await control.RequestCancellationAsync(run.RunId, Cancel, Actor.OfKey("crm"))).State);

        var queries = worker.Services.GetRequiredService<RunQueries>();
        Assert.NotNull(await queries.StatusAsync(run.RunId, Cancel));
        var runs = new RunFilter { ScopeId = 1, ScopeIds = [1, 2], State = RunState.Running, From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.MaxValue, Offset = 5 };
        Assert.NotEmpty(await queries.ListAsync(runs, Cancel));
        var records = new RecordFilter { After = 1, ElementName = "Candidate", ReferenceId = "a1", Outcome = RecordOutcome.Created };
        Assert.NotEmpty(await queries.RecordsAsync(run.RunId, records, Cancel));
    }

    private static Candidate StoredCandidate(long id) => new()
    {
        Id = id,
        ScopeId = 1,
        ReferenceId = "p1",
        ContentHash = new byte[16],
        Version = Record.Epoch,
        VersionReferenceId = "a1",
        Columns = new CandidateColumns { Email = "mizzi@example.at" },
    };

    private static CandidateProfile StoredProfile(long id) => new()
    {
        Id = id,
        ScopeId = 1,
        ReferenceId = "a1",
        CandidateId = 1,
        ContentHash = new byte[16],
        Version = Record.Epoch,
        Columns = new ProfileColumns(),
    };

    private static ActivityLog Waiting(string id) => new()
    {
        Id = 1,
        ScopeId = 1,
        Name = ActivityName.Failed,
        Status = ActivityStatus.Open,
        ReferenceId = id,
        ElementName = ElementNames.CandidateProfile,
        Command = ActivityLog.Import,
        Data = "{}",
        DueAt = Record.Epoch,
    };
}

using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>How what is old enough is found and forgotten: what SQL Server is asked, by its own grammar, and how SQLite finds it.</summary>
public sealed class AgedStatementTests : AgedSetup
{
    private static readonly string[] Kinds = ["Payloads", "LedgerEntries", "RunDetails", "Audit", "ErasureRequests"];

    [Fact]
    public async Task Every_statement_for_SQL_Server_keeps_the_rules_and_no_transaction_has_many_rows_or_another_order()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, settings: Ages(Kinds), interceptors: server);
        var clock = worker.Clock;
        var run = await server.OpenRunAsync(worker);
        var row = (ImportRun)server.Rows["ImportRun"].Single();
        (row.Sentences, row.CompletedEvent) = (1, RunStore.TextOf(new HokifyImportCompleted { IdempotencyKey = "known", Result = new ExportImportResult() }));
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        server.Rows["LegalHold"] = [new LegalHold { Id = Guid.NewGuid(), ScopeId = 1, Who = "karin", Machine = "office", Reason = "file 17", Candidates = "[7]", Profiles = "[8]" }];
        server.Rows["Candidate"] = [new Candidate { Id = 7, ScopeId = 1, ReferenceId = "p7", ContentHash = new byte[16], Columns = new CandidateColumns() }];
        server.Rows["CandidateProfile"] = [new CandidateProfile { Id = 9, ScopeId = 1, ReferenceId = "a9", CandidateId = 1, ContentHash = new byte[16], PayloadAt = Record.Epoch, Columns = new ProfileColumns() }];
        server.Rows["ActivityLog"] =
        [
            new ActivityLog
            {
                Id = 1, ScopeId = 1, Name = ActivityName.Failed, Status = ActivityStatus.Parked, ReferenceId = "a1", ElementName = ElementNames.CandidateProfile, Command = ActivityLog.Import,
                Date = Record.Epoch, DateExecuted = Record.Epoch, Data = "{}",
            },
        ];
        server.Rows["Audit"] = [AuditEntry.Of(new Actor("karin", "office"), Record.Epoch, new Deed(AuditAction.SetWatermark, null, "It was."))];
        server.Rows["RetryRamp"] = [new RetryRamp { Id = 1, ScopeId = 1, State = RampState.Ended, StartedBy = "karin", EndedAt = Record.Epoch }];
        server.Rows["ErasureRequest"] =
            [new ErasureRequest { Id = Guid.NewGuid(), ScopeId = 1, Who = "karin", Machine = "office", State = ErasureState.Done, CompletedAt = Record.Epoch, Asked = new byte[32], Candidates = "[]", Entries = "[]" }];
        server.Commands.Clear();
        server.Transactions.Clear();

        // The scripted server answers whatever is asked of a table with all of its rows, so a hold keeps the application as well.
        var holds = server.Rows["LegalHold"];
        foreach (var (scopeId, held) in new[] { (1, holds), (1, []), (RetentionRound.OfInstallation, []) })
        {
            server.Rows["LegalHold"] = held;
            foreach (var part in worker.Services.GetServices<IRetentionPart>().OfType<AgedPart>().Where(part => part.Concerns(scopeId)))
            {
                var errands = worker.Services.GetRequiredService<ScopeErrands>();
                await part.RunAsync(new RetentionRound(scopeId, clock.GetUtcNow(), IsDry: false, write => errands.BrieflyAsync(1, write, Cancel)), Cancel);
            }
        }

        Assert.Equal(run.RunId, row.Id);
        var touched = SqlServerRules.TouchedBy(server.Commands, mostParameters: 520);

        Assert.Equal(
            [
                "DELETE ActivityLog", "DELETE Audit", "DELETE ErasureRequest", "DELETE RetryRamp", "DELETE RetryRampStep", "SELECT ActivityLog", "SELECT Audit", "SELECT Candidate", "SELECT CandidateProfile", "SELECT ErasureRequest", "SELECT ImportRun",
                "SELECT LegalHold", "SELECT RetryRamp", "SELECT Scope", "UPDATE ActivityLog", "UPDATE CandidateProfile", "UPDATE ImportRun", "UPDATE Scope",
            ],
            touched.ToList());
        Assert.All(server.Transactions.Where(commands => commands.Count > 0), commands =>
            Assert.Equal("UPDATE Scope", commands.SelectMany(command => SqlServerRules.Check(command).Touched).First(t => !t.StartsWith("SELECT", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("payloads", "CandidateProfile by COVERING INDEX IX_CandidateProfile_Payload (ScopeId=? AND PayloadAt>? AND PayloadAt<?)", "CandidateProfile by INTEGER PRIMARY KEY (rowid=?)")]
    [InlineData("records that wait", "ActivityLog by INDEX IX_ActivityLog_Ledger (ScopeId=? AND ReferenceId>?)", "ActivityLog by INTEGER PRIMARY KEY (rowid=?)", "ImportRun by COVERING INDEX IX_ImportRun_Turn (ScopeId=? AND State=?)")]
    [InlineData(
        "details of imports", "ActivityLog by COVERING INDEX IX_ActivityLog_Dropped (ScopeId=? AND DateExecuted<?)", "ActivityLog by INDEX IX_ActivityLog_LastRunId (LastRunId=? AND rowid>?)", "ActivityLog by INDEX IX_ActivityLog_LastRunId (LastRunId=?)",
        "ActivityLog by INDEX IX_ActivityLog_RunId (RunId=? AND rowid>?)", "ActivityLog by INDEX IX_ActivityLog_RunId (RunId=?)",
        "ActivityLog by INTEGER PRIMARY KEY (rowid=?)", "ImportRun by INDEX IX_ImportRun_Details (ScopeId=? AND CompletedAt<?)", "ImportRun by INDEX IX_ImportRun_SourceSaid (ScopeId=?)", "ImportRun by INDEX sqlite_autoindex_ImportRun_1 (Id=?)")]
    public async Task What_is_due_is_found_by_an_index_however_much_there_is(string what, params string[] ways)
    {
        await Site.ImportAsync(Record.Application("a1"));
        await RejectAsync("r1");
        await ParkAsync("r1");
        Site.Worker.Clock.Advance(Age);
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(Site.Options, clock: Site.Worker.Clock, settings: Ages(Kinds), interceptors: plans.Interceptors);

        await new Beside(worker, () => Task.CompletedTask).RunAsync(what);

        Assert.Equal(ways, (await plans.OfSentAsync(worker)).Where(way => way[..way.IndexOf(' ', StringComparison.Ordinal)] is not ("Scope" or "LegalHold")));
    }
}

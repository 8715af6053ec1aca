using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Waiting;

/// <summary>The statements about what waits: that SQL Server can read them, and that an index answers however much there is.</summary>
public sealed class WaitingStatementTests : IAsyncLifetime
{
    private static readonly Actor Karin = new("karin", "office");

    private static readonly WaitingFilter Whole = new()
    {
        ScopeIds = [1],
        Status = ActivityStatus.Parked,
        Cause = FailureCause.TooLong,
        Field = "Comment",
        RunId = Guid.NewGuid(),
        Text = "longer",
    };

    private readonly SqliteTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.MigrateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Every_statement_for_SQL_Server_keeps_the_rules_and_whoever_writes_has_the_scope_first()
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
        server.Rows["LegalHold"] = [];
        server.Rows["Audit"] = [];
        server.Rows["RetryRamp"] = [];
        server.Rows["ImportRun"] = [];
        server.Rows["ActivityLog"] = [.. Enumerable.Range(1, 1_500).Select(Waiting)];
        var (changes, queries, book) = (Get<WaitingChanges>(worker), Get<WaitingQueries>(worker), Get<RampBook>(worker));

        await changes.TryNowAsync(Whole, Karin, Cancel);
        await changes.ParkAsync(Whole with { Ids = [.. Enumerable.Range(1, 1_500)] }, Karin, Cancel);
        await changes.DropAsync(Whole, "old", Karin, Cancel);
        await queries.CountAsync(Whole, Cancel);
        await queries.ListAsync(Whole, new WaitingPosition(Record.Epoch, 7), 100, Cancel);

        // The recorded server has no answer to what is grouped.
        await Assert.ThrowsAnyAsync<Exception>(() => queries.GroupsAsync(Whole, Cancel));
        server.Rows["ActivityLog"] = [Waiting(1)];
        Assert.IsType<RampStart.Started>(await book.StartAsync(1, Whole, Karin, Cancel));
        foreach (var state in new[] { RampState.Gathering, RampState.Climbing, RampState.Releasing })
        {
            server.Rows["RetryRamp"] = [new RetryRamp { Id = 1, ScopeId = 1, State = state, StartedBy = "karin", Step = 1, Size = 5, UpTo = 9 }];
            server.Rows["RetryRampStep"] = [new RetryRampStep { RampId = 1, Number = 1, Size = 1, RunId = Guid.NewGuid() }];
            await book.AdvanceAsync(1, Cancel);
            await book.StopAsync(1, Karin, Cancel);
            await book.RefusedAsync(1, 1, Record.Epoch, Cancel);
        }

        server.Rows["RetryRamp"] = [new RetryRamp { Id = 1, ScopeId = 1, State = RampState.Climbing, StartedBy = "karin", Size = 5, UpTo = 9 }];
        server.Rows["RetryRampStep"] = [];
        Assert.IsType<RampErrand.Ask>(await book.AdvanceAsync(1, Cancel));
        await book.AskedAsync(1, 1, Guid.NewGuid(), Cancel);
        await book.ActiveAsync(Cancel);
        await Get<RampQueries>(worker).ListAsync([1], 10, Cancel);
        await Get<RampQueries>(worker).FindAsync(1, Cancel);

        var touched = SqlServerRules.TouchedBy(server.Commands, mostParameters: 520);
        Assert.Equal(
            ["INSERT Audit", "INSERT RetryRamp", "INSERT RetryRampStep", "UPDATE ActivityLog", "UPDATE RetryRamp", "UPDATE RetryRampStep", "UPDATE Scope"],
            touched.Where(t => !t.StartsWith("SELECT", StringComparison.Ordinal)));
        Assert.All(server.Transactions.Where(commands => commands.Count > 0), commands =>
            Assert.Equal("UPDATE Scope", commands.SelectMany(command => SqlServerRules.Check(command).Touched).First(t => !t.StartsWith("SELECT", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Groups_and_pages_are_answered_by_the_index_of_what_waits_alone()
    {
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(_database.Options, interceptors: plans.Interceptors);
        var queries = Get<WaitingQueries>(worker);
        var group = new WaitingFilter { ScopeIds = [1], Cause = FailureCause.TooLong, Field = "Comment" };
        plans.Forget();

        await queries.GroupsAsync(new WaitingFilter { ScopeIds = [1] }, Cancel);
        await queries.GroupsAsync(new WaitingFilter { ScopeIds = [1, 2] }, Cancel);
        await queries.ListAsync(new WaitingFilter { ScopeIds = [1] }, behind: null, 100, Cancel);
        await queries.ListAsync(group with { Status = ActivityStatus.Parked }, new WaitingPosition(Record.Epoch, 7), 100, Cancel);
        await queries.CountAsync(group, Cancel);

        Assert.All(await plans.OfSentAsync(worker), way => Assert.Contains("COVERING INDEX IX_ActivityLog_Waiting (ScopeId=?", way, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ramp_finds_its_records_by_indexes()
    {
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(_database.Options, interceptors: plans.Interceptors);
        var run = await worker.OpenAsync();
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
        await worker.Writer.WriteAsync(run, Record.Batch([.. Enumerable.Range(1, 5).Select(i => Record.Rejected($"r{i}"))]), Cancel);
        await worker.ConcludeAsync(run);
        plans.Forget();
        var book = Get<RampBook>(worker);

        var ramp = Assert.IsType<RampStart.Started>(await book.StartAsync(1, new WaitingFilter { Cause = FailureCause.BadDate }, Karin, Cancel)).Ramp;
        while (await book.AdvanceAsync(ramp.Id, Cancel) is RampErrand.GoOn)
        {
        }

        var step = await worker.OpenAsync(ramp.KeyOf(1));
        await worker.QueryAsync(db => worker.Ledger.DueAsync(db, step, 100, int.MaxValue, Cancel));
        await worker.Writer.WriteAsync(step, ImportStep.To(RunPhase.Reading) with { Records = [Record.Rejected("r1") with { LedgerReference = "r1" }] }, Cancel);
        Assert.Empty(await worker.QueryAsync(db => worker.Ledger.DueAsync(db, step, 100, int.MaxValue, Cancel)));
        await book.AskedAsync(ramp.Id, 1, step.RunId, Cancel);
        await worker.ConcludeAsync(step);
        while (await book.AdvanceAsync(ramp.Id, Cancel) is RampErrand.GoOn)
        {
        }

        var ways = await plans.OfSentAsync(worker);
        Assert.DoesNotContain(ways, way => way.StartsWith("ActivityLog by SCAN", StringComparison.Ordinal));
        Assert.Contains(ways, way => way.Contains("IX_ActivityLog_Ramp (RampId=? AND RampStep=?", StringComparison.Ordinal));
        Assert.Contains(ways, way => way.Contains("IX_ActivityLog_Due (ScopeId=? AND RampId=? AND DueAt<?)", StringComparison.Ordinal));
    }

    private static T Get<T>(ImportWorker worker)
        where T : notnull => worker.Services.GetRequiredService<T>();

    private static ActivityLog Waiting(int id) => new()
    {
        Id = id,
        ScopeId = 1,
        Name = ActivityName.Rejected,
        Status = ActivityStatus.Open,
        ReferenceId = $"r{id}",
        ElementName = ElementNames.CandidateProfile,
        Command = ActivityLog.Import,
        Date = Record.Epoch,
        LastRunId = Guid.NewGuid(),
    };
}

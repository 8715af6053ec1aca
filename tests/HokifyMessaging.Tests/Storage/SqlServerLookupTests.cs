using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>How SQL Server can find the rows of what it is asked: no server is needed to compare a statement with the indexes of the model.</summary>
public sealed class SqlServerLookupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_of_an_erasure_fixes_all_columns_of_an_index_and_leaves_no_choice()
    {
        var lookups = await RecordAsync(async (worker, server) =>
        {
            server.Rows["ActivityLog"] = [Entry(3, ActivityStatus.Open, "a1"), Entry(4, ActivityStatus.Closed, "b1")];
            var run = await server.OpenRunAsync(worker);
            server.Rows["RunBatch"] = [];
            server.Rows["Candidate"] = [new Candidate { Id = 1, ScopeId = 1, ReferenceId = "p1", ContentHash = new byte[16], Columns = new CandidateColumns { Email = "mizzi@example.at", DisplayName = "Mizzi Muster" } }];
            server.Rows["CandidateProfile"] = [new CandidateProfile { Id = 2, ScopeId = 1, ReferenceId = "a1", CandidateId = 1, ContentHash = new byte[16], Columns = new ProfileColumns() }];
            server.Rows["ErasedKey"] = [new ErasedKey { ScopeId = 1, Hash = worker.Services.GetRequiredService<ErasureSecret>().Key.Check, ErasedAt = Record.Epoch }];
            server.Commands.Clear();
            await worker.Writer.WriteAsync(
                run,
                Record.Batch([.. Enumerable.Range(1, 600).Select(i => Record.Ready(Record.Application($"a{i}", $"p{i}", erased: true))), Record.Rejected("a3", "{}", "p9")]),
                Cancel);
            Assert.Equal(600, run.Tally.Stats[Stat.Erased] + run.Tally.Stats.GetValueOrDefault(Stat.ErasedWithheld));
        });

        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        Assert.All(lookups.Where(l => l.Table != "Scope"), lookup => Assert.False(lookup.HasChoice));
        Assert.All(lookups, lookup => Assert.True(lookup.Indexes(db).Count > 0, $"{lookup.Table} by {string.Join(", ", lookup.Fixed)}"));
        Assert.Equal(
            [
                "IX_ActivityLog_ElementId", "IX_ActivityLog_Ledger", "IX_ActivityLog_Person", "IX_ActivityLog_Tried",
                "IX_CandidateProfile_CandidateId", "IX_CandidateProfile_ScopeId_PersonKey", "IX_CandidateProfile_ScopeId_ReferenceId",
                "IX_Candidate_ScopeId_ReferenceId", "IX_ImportRun_Sentences", "IX_ImportRun_SourceSaid", "IX_LegalHold_Open", "IX_PlanEntry_Person", "IX_PlanEntry_ScopeId_ReferenceId",
                "the key of ActivityLog", "the key of Candidate", "the key of CandidateProfile", "the key of ErasedKey", "the key of ImportRun", "the key of Scope",
            ],
            lookups.SelectMany(l => l.Indexes(db)).Distinct().Order(StringComparer.Ordinal));

        static ActivityLog Entry(long id, ActivityStatus status, string reference) => new()
        {
            Id = id,
            ScopeId = 1,
            Name = ActivityName.Failed,
            Status = status,
            ReferenceId = reference,
            ElementName = ElementNames.CandidateProfile,
            Command = ActivityLog.Import,
        };
    }

    [Theory]
    [InlineData("SELECT [c].[Id] FROM [Candidate] AS [c] WHERE [c].[ScopeId] = @s")]
    [InlineData("SELECT [a].[Id] FROM [ActivityLog] AS [a] WHERE [a].[ScopeId] = @s AND [a].[ReferenceId] = @r")]
    [InlineData("SELECT [a].[Id] FROM [ActivityLog] AS [a] WHERE [a].[ScopeId] = @s AND [a].[ReferenceId] = @r AND [a].[Status] IN (N'Open', @p)")]
    [InlineData("DELETE FROM [a] FROM [ActivityLog] AS [a] WHERE [a].[ScopeId] = @s AND [a].[Data] IS NOT NULL AND [a].[ReferenceId] = @r")]
    [InlineData("UPDATE [a] SET [a].[ReferenceId] = N'erased' FROM [ActivityLog] AS [a] WHERE [a].[ElementId] = @c OR [a].[ElementId] = @p")]
    [InlineData("SELECT [i].[Id] FROM [ImportRun] AS [i] WHERE [i].[ScopeId] = @s AND [i].[Failure] IS NOT NULL")]
    public async Task A_condition_that_an_index_cannot_answer_is_seen(string statement)
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);

        Assert.Empty(Assert.Single(SqlServerLookup.Of(statement)).Indexes(db));
    }

    [Fact]
    public async Task The_look_at_completed_runs_reads_nothing_but_the_index_of_those_that_nobody_may_have_heard_of()
    {
        var lookups = await RecordAsync((worker, _) => worker.Runs.UnannouncedAsync(Cancel));

        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        Assert.True(Assert.Single(lookups).IsAnsweredBy(db, "IX_ImportRun_Unannounced"));
    }

    [Fact]
    public async Task The_search_for_what_the_source_no_longer_has_reads_nothing_but_the_unique_index()
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        var lookups = await RecordAsync((worker, _) => worker.QueryAsync(async context =>
        {
            await context.Database.OpenConnectionAsync(Cancel);
            using var rows = new EfCoreRows(context, 1);
            await rows.VisitActiveAsync((_, _) => { }, Cancel);
            return 0;
        }));

        Assert.True(Assert.Single(lookups).IsAnsweredBy(db, "IX_CandidateProfile_ScopeId_ReferenceId"));
    }

    [Fact]
    public async Task Scopes_in_which_a_run_is_to_be_resumed_are_found_by_the_index_of_turns_alone()
    {
        var lookups = await RecordAsync(async (worker, server) =>
        {
            server.Rows["Scope"] = [new ScopeState { ScopeId = 1 }];
            await worker.Turns.ClaimStaleAsync(isQueueEmpty: true, Cancel).ToListAsync(Cancel);
        });

        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        var runs = lookups.Where(l => l.Table == "ImportRun").ToList();
        Assert.Contains(runs, l => l.Columns.Contains("ResumeAt"));
        Assert.All(runs, lookup => Assert.True(lookup.IsAnsweredBy(db, "IX_ImportRun_Turn")));
    }

    private static async Task<List<SqlServerLookup>> RecordAsync(Func<ImportWorker, RecordedSqlServer, Task> ask)
    {
        var server = new RecordedSqlServer();
        await using var worker = new ImportWorker(new DatabaseOptions { Provider = DatabaseProvider.SqlServer, ConnectionString = "Server=recorded" }, interceptors: server);
        await ask(worker, server);
        return [.. server.Commands.Select(c => c.Text).Distinct().SelectMany(SqlServerLookup.Of)];
    }
}

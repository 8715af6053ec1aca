using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>
/// How SQLite finds the rows of each statement that an erasure executes. Nobody has analysed the database, so the plan is the
/// same for a million rows as for these few.
/// </summary>
public sealed class ErasurePlanTests
{
    private static readonly string[] ByAllColumns =
    [
        "ActivityLog by INDEX IX_ActivityLog_ElementId (ElementId=?)",
        "ActivityLog by INDEX IX_ActivityLog_Ledger (ScopeId=? AND ReferenceId=?)",
        "ActivityLog by INDEX IX_ActivityLog_Person (ScopeId=? AND PersonReferenceId=?)",
        "ActivityLog by INDEX IX_ActivityLog_Tried (ScopeId=? AND ReferenceId=?)",
        "ActivityLog by INTEGER PRIMARY KEY (rowid=?)",
        "Candidate by INDEX IX_Candidate_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)",
        "Candidate by INTEGER PRIMARY KEY (rowid=?)",
        "CandidateProfile by COVERING INDEX IX_CandidateProfile_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)",
        "CandidateProfile by INDEX IX_CandidateProfile_CandidateId (CandidateId=?)",
        "CandidateProfile by INDEX IX_CandidateProfile_ScopeId_PersonKey (ScopeId=? AND PersonKey=?)",
        "CandidateProfile by INDEX IX_CandidateProfile_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)",
        "CandidateProfile by INTEGER PRIMARY KEY (rowid=?)",
        "ErasedKey by COVERING INDEX sqlite_autoindex_ErasedKey_1 (ScopeId=? AND Hash=?)",
        "ErasedKey by INDEX sqlite_autoindex_ErasedKey_1 (ScopeId=? AND Hash=?)",
        "ImportRun by INDEX IX_ImportRun_Sentences (ScopeId=?)",
        "ImportRun by INDEX IX_ImportRun_SourceSaid (ScopeId=?)",
        "ImportRun by INDEX sqlite_autoindex_ImportRun_1 (Id=?)",
        "LegalHold by INDEX IX_LegalHold_Open (ScopeId=?)",
        "PlanEntry by INDEX IX_PlanEntry_Person (ScopeId=? AND PersonReferenceId=?)",
        "PlanEntry by INDEX IX_PlanEntry_ScopeId_ReferenceId (ScopeId=? AND ReferenceId=?)",
        "Scope by INTEGER PRIMARY KEY (rowid=?)",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Indexes =>
        [.. ByAllColumns.SelectMany(step => step.Split(' ')).Where(word => word.StartsWith("IX_", StringComparison.Ordinal)).Distinct()];

    /// <summary>One alone, two that follow each other, and more than a statement has room for.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(700)]
    public async Task Every_statement_of_an_erasure_finds_its_rows_by_all_columns_of_an_index(int erasures) =>
        Assert.Equal(ByAllColumns, await PlansAsync(erasures));

    [Theory]
    [MemberData(nameof(Indexes))]
    public async Task Without_one_of_its_indexes_a_statement_looks_at_other_rows(string index) =>
        Assert.NotEmpty((await PlansAsync(erasures: 2, without: index)).Except(ByAllColumns));

    private static async Task<List<string>> PlansAsync(int erasures, string? without = null)
    {
        await using var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        var plans = new SqlitePlans();
        await using var worker = new ImportWorker(database.Options, interceptors: plans.Interceptors);
        if (without is not null)
        {
            await worker.ExecuteAsync($"DROP INDEX {without};");
        }

        await worker.Services.GetRequiredService<ErasureKeys>().RequireAsync(Cancel);
        var people = Enumerable.Range(0, erasures).ToList();
        await worker.RunAsync(run => worker.Writer.WriteAsync(
            run,
            Record.Batch([
                .. people.Select(i => Record.Ready(Record.Application($"a{i}", $"p{i}"))),
                Record.Rejected("a0", "waits"),
                Record.Rejected("b0", "waits", "p0"),
                Record.Rejected("b1", "has left the ledger", "p0"),
            ]),
            Cancel));
        await worker.ExecuteAsync("UPDATE ActivityLog SET Status = 'Closed', Data = NULL WHERE ReferenceId = 'b1'; UPDATE ImportRun SET SourceSaid = 'words';");
        var erasing = await worker.OpenAsync();
        plans.Forget();
        await worker.Writer.WriteAsync(
            erasing,
            Record.Batch([
                Record.Ready(Record.Application("c1", "another")),
                .. people.Select(i => Record.Ready(Record.Application($"a{i}", $"p{i}", version: 1, erased: true))),
                Record.Rejected("b2", "is suppressed", "p0"),
            ]),
            Cancel);

        var found = await plans.OfSentAsync(worker, erasing);
        Assert.Equal((erasures, 1), (erasing.Tally.Stats[Stat.Erased], erasing.Tally.Stats[Stat.ErasedWithheld]));
        Assert.Equal(0, await worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Data != null || l.ReferenceId == "b1", Cancel)));
        Assert.Equal(0, await worker.QueryAsync(db => db.ImportRuns.CountAsync(r => r.SourceSaid != null, Cancel)));
        return found;
    }
}

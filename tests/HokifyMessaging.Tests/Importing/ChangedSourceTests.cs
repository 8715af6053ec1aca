using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Importing;

/// <summary>A scope that is read from somewhere else than before.</summary>
public sealed class ChangedSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_incremental_import_reads_all_of_a_source_that_the_scope_was_not_read_from_before()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 20, ofSecond: 30);
        await setup.ImportIncrementalAsync();
        await RestartAsync(setup, mandator: "other");

        Assert.Equal(30, (await setup.ImportIncrementalAsync()).Result.StatsCounter[Stat.Fetched]);
        Assert.True((await setup.ImportIncrementalAsync()).Result.StatsCounter[Stat.Fetched] < 30, "the second one begins where the first one ended");
    }

    [Fact]
    public async Task A_full_import_keeps_what_only_the_source_before_had_until_somebody_accepts_that_it_goes()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 5, ofSecond: 30);
        await setup.ImportFullAsync();
        var before = await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(p => !p.IsDeleted, Cancel));
        await RestartAsync(setup, mandator: "other");

        foreach (var _ in Enumerable.Range(1, 2))
        {
            var kept = (await setup.ImportFullAsync()).Result;
            Assert.Equal(0, kept.DeletedCounts["CandidateProfile"]);
            Assert.Contains(
                $"does not have {before} of {before + 30} active applications, and the scope was read from another source before",
                Assert.Single(kept.Exceptions["CandidateProfile"]).Message,
                StringComparison.Ordinal);
        }

        var accepted = await setup.ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, AllowDeletions = before });
        Assert.Equal((before, 0), (accepted.Result.DeletedCounts["CandidateProfile"], accepted.Result.ErrorCount));
        Assert.Null((await ScopeAsync(setup)).SourceChangedAt);
    }

    [Fact]
    public async Task Once_a_full_import_has_found_all_in_the_new_source_what_is_gone_is_deleted_as_ever()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 20);
        await setup.ImportFullAsync();
        await setup.QueryAsync(db => db.Scopes.ExecuteUpdateAsync(set => set.SetProperty(s => s.Source, ScopeSource.Files), Cancel));
        await setup.ImportIncrementalAsync();
        Assert.NotNull((await ScopeAsync(setup)).SourceChangedAt);

        await setup.ImportFullAsync();
        Assert.Null((await ScopeAsync(setup)).SourceChangedAt);

        setup.Sandbox.Advance(withdrawn: 3);
        Assert.Equal(3, (await setup.ImportFullAsync()).Result.DeletedCounts["CandidateProfile"]);
    }

    [Fact]
    public async Task A_dry_run_reads_the_new_source_from_its_beginning_and_leaves_the_scope_as_it_is()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 20, ofSecond: 30);
        await setup.ImportIncrementalAsync();
        var before = await ScopeAsync(setup);
        await RestartAsync(setup, mandator: "other");

        Assert.Equal(30, (await setup.ImportAsync(new HokifyImportRequested { DryRun = true })).Result.StatsCounter[Stat.Fetched]);

        var after = await ScopeAsync(setup);
        Assert.Equal((before.Source, before.Watermark, null), (after.Source, after.Watermark, after.SourceChangedAt));
    }

    [Fact]
    public async Task The_same_address_written_otherwise_is_no_other_source()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 20);
        await setup.ImportIncrementalAsync();
        var before = await ScopeAsync(setup);
        await setup.StopHostAsync();
        setup.Settings["Hokify:Scopes:1:AtsApi:BaseAddress"] += "/";
        await setup.StartHostAsync();
        await setup.ImportIncrementalAsync();

        var after = await ScopeAsync(setup);
        Assert.Equal(before.Source, after.Source);
        Assert.True(after.Watermark >= before.Watermark);
    }

    [Fact]
    public async Task A_run_that_had_begun_in_another_source_begins_anew()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 20);
        await setup.ImportIncrementalAsync();
        await setup.QueryAsync(async db =>
        {
            var longAgo = DateTimeOffset.UnixEpoch;
            db.ImportRuns.Add(new ImportRun
            {
                Id = Guid.NewGuid(),
                IdempotencyKey = "old",
                ScopeId = 1,
                State = RunState.Interrupted,
                Phase = RunPhase.Deleting,
                CreatedAt = longAgo,
                StartedAt = longAgo,
                WindowTo = longAgo,
                Checkpoint = "applications.csv",
                ImportMode = ImportMode.Full,
                Tally = ImportTally.ForNewRun().ToJson(),
            });
            await db.SaveChangesAsync(Cancel);
            return await db.Scopes.ExecuteUpdateAsync(set => set.SetProperty(s => s.Source, ScopeSource.Files), Cancel);
        });

        var result = (await setup.ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "old" })).Result;

        Assert.Equal((20, 20), (result.StatsCounter[Stat.Fetched], result.UnchangedCounts["CandidateProfile"]));
    }

    [Theory]
    [InlineData("AtsApi", "https://hokify.com/ats-api", "a", "AtsApi", "https://hokify.com/ats-api/", "a", true)]
    [InlineData("AtsApi", "https://hokify.com/ats-api", "a", "AtsApi", "https://hokify.com/ats-api", "b", false)]
    [InlineData("AtsApi", "https://hokify.com/ats-api", "a", "AtsApi", "http://127.0.0.1:5090/ats-api", "a", false)]
    [InlineData("AtsApi", "https://hokify.com/api", "a", "ExternApi", "https://hokify.com/api", "a", false)]
    [InlineData("CsvFiles", "https://hokify.com/api", "a", "CsvFiles", "https://hokify.com/ats-api", "b", true)]
    public void Kind_address_and_mandator_make_a_source(string kind, string address, string mandator, string otherKind, string otherAddress, string otherMandator, bool areSame)
    {
        var source = Of(kind, address, mandator);

        Assert.Equal(areSame, source == Of(otherKind, otherAddress, otherMandator));
        Assert.Equal(kind, ScopeSource.KindOf(source));
        Assert.InRange(source.Length, 1, HokifyDbContext.SourceLength);

        static string Of(string kind, string address, string mandator) => ScopeSource.Of(new ScopeOptions
        {
            Source = Enum.Parse<SourceKind>(kind),
            AtsApi = new AtsApiOptions { BaseAddress = new Uri(address), Mandator = mandator },
            ExternApi = new ExternApiOptions { BaseAddress = new Uri(address), Mandator = mandator },
        });
    }

    private static async Task RestartAsync(ImportSetup setup, string mandator)
    {
        await setup.StopHostAsync();
        (setup.Settings["Hokify:Scopes:1:AtsApi:Mandator"], setup.Settings["Hokify:Scopes:1:AtsApi:Token"]) = (mandator, $"{mandator}-token");
        await setup.StartHostAsync();
    }

    private static Task<ScopeState> ScopeAsync(ImportSetup setup) => setup.QueryAsync(db => db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == 1, Cancel));
}

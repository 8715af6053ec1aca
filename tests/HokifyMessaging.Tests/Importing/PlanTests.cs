using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using static HokifyMessaging.Tests.Importing.PlannedImports;

namespace HokifyMessaging.Tests.Importing;

public sealed class PlanTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "Full")]
    [InlineData(2, "Full")]
    [InlineData(3, "Incremental")]
    [InlineData(4, "Full")]
    public async Task What_a_plan_counts_and_shows_is_what_its_application_writes(int seed, string mode)
    {
        var random = new Random(seed);
        await using var setup = await ImportSetup.StartAsync(applications: 30 + random.Next(30));
        await setup.ImportFullAsync();
        for (var round = 0; round < 3; round++)
        {
            setup.Sandbox.Advance(@new: random.Next(12), changed: random.Next(12), withdrawn: mode == "Full" ? random.Next(5) : 0, erased: random.Next(2));

            var dry = await setup.ImportAsync(new HokifyImportRequested { ImportMode = Enum.Parse<ImportMode>(mode), DryRun = true });
            var planned = await ShownAsync(setup, dry.RunId);
            var done = await setup.ImportAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest });

            Assert.Equal((dry.PlanDigest, dry.ImportMode, false), (done.PlanDigest, done.ImportMode, done.DryRun));
            Assert.Equal(CountsOf(dry), CountsOf(done));
            Assert.Equal(planned, await ShownAsync(setup, done.RunId));
            await AssertWrittenAsync(setup, done.RunId);

            // And it is what an import does: one that follows finds nothing left to do.
            var rows = await setup.RowsAsync();
            var again = (await setup.ImportFullAsync()).Result;
            Assert.Equal((0, 0, 0), (again.CreatedCounts.Values.Sum(), again.UpdatedCounts.Values.Sum(), again.DeletedCounts.Values.Sum()));
            Assert.Equal(rows, await setup.RowsAsync());
        }
    }

    [Fact]
    public async Task The_plan_of_an_empty_database_creates_all_of_it_and_a_replay_changes_nothing()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 45);
        var dry = await setup.ImportAsync(FullDry);
        var request = new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "apply" };
        Assert.Equal(64, dry.PlanDigest!.Length);

        var done = await setup.ImportAsync(request);
        var rows = await setup.RowsAsync();
        var replayed = await setup.ImportAsync(request);

        Assert.Equal(CountsOf(dry), CountsOf(done));
        Assert.Equal(JsonSerializer.Serialize(done), JsonSerializer.Serialize(replayed));
        Assert.Equal(rows, await setup.RowsAsync());
        Assert.Equal(45, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
        Assert.True(await setup.QueryAsync(db => db.PlanEntries.AllAsync(e => e.Payload == null, Cancel)));
        Assert.Equal(rows, await RowsOfPlainImportAsync(setup));
    }

    [Fact]
    public async Task A_digest_depends_on_neither_pages_nor_batches()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 45);
        var first = (await setup.ImportAsync(FullDry)).PlanDigest;
        await setup.StopHostAsync();
        setup.Settings["Hokify:Scopes:1:AtsApi:PageSize"] = "7";
        setup.Settings["Hokify:Import:BatchSize"] = "3";
        await setup.StartHostAsync();

        Assert.Equal(first, (await setup.ImportAsync(FullDry)).PlanDigest);
        Assert.NotEqual(first, (await setup.ImportAsync(new HokifyImportRequested { DryRun = true })).PlanDigest);
    }

    [Fact]
    public async Task A_plan_that_failed_on_the_way_goes_on_and_is_the_same()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 60, [new("Hokify:Scopes:1:AtsApi:Http:Retries", "0")]);
        var whole = (await setup.ImportAsync(FullDry)).PlanDigest;
        setup.Sandbox.Faults.Add(SandboxFaultKind.ServiceUnavailable, after: 4);
        var request = FullDry with { IdempotencyKey = "in two parts" };

        await setup.FailedAsync(request);
        await setup.PublishAsync(request);
        await ImportSetup.Until(() => setup.Completions.Of("in two parts").Count > 0);

        Assert.Equal(whole, setup.Completions.Of("in two parts")[0].Event.PlanDigest);
    }

    [Fact]
    public async Task An_application_that_stops_in_the_middle_goes_on_and_writes_each_entry_once()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 60);
        var dry = await setup.ImportAsync(FullDry);
        await StopInTheMiddleAsync(setup, dry.PlanDigest!);
        var half = await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel));
        Assert.InRange(half, 1, 59);

        await setup.PublishAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "apply" });
        await ImportSetup.Until(() => setup.Completions.Of("apply").Count > 0);

        var done = setup.Completions.Of("apply")[0].Event;
        Assert.Equal(CountsOf(dry), CountsOf(done));
        await AssertWrittenAsync(setup, done.RunId);
        Assert.Equal(0, (await setup.ImportFullAsync()).Result.UpdatedCounts.Values.Sum());
    }

    [Fact]
    public async Task A_row_that_moves_between_the_check_and_the_write_is_left_and_named()
    {
        await using var setup = await ImportSetup.StartAsync(applications: 60);
        var dry = await setup.ImportAsync(FullDry);
        await StopInTheMiddleAsync(setup, dry.PlanDigest!);
        var run = await setup.RunAsync("apply");
        var left = await setup.QueryAsync(db => db.PlanEntries.AsNoTracking().Where(e => e.RunId == run.Id && !e.IsApplied && e.ElementName == "CandidateProfile").OrderBy(e => e.Number).LastAsync(Cancel));
        var columns = await setup.QueryAsync(db => db.CandidateProfiles.AsNoTracking().FirstAsync(Cancel));
        await setup.QueryAsync(async db =>
        {
            // Somebody else has stored the application by now, as something else.
            db.CandidateProfiles.Add(new CandidateProfile { ScopeId = 1, ReferenceId = left.ReferenceId, CandidateId = columns.CandidateId, ContentHash = new byte[16], Columns = columns.Columns });
            return await db.SaveChangesAsync(Cancel);
        });

        await setup.PublishAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "apply" });
        await ImportSetup.Until(() => setup.Completions.Of("apply").Count > 0);

        var result = setup.Completions.Of("apply")[0].Event.Result;
        Assert.Contains(result.Exceptions["CandidateProfile"], e => e.Message == $"The plan's change of application {left.ReferenceId} was not written, because it has changed since the plan was made.");
        Assert.Equal(dry.Result.CreatedCounts["CandidateProfile"] - 1, result.CreatedCounts["CandidateProfile"]);
        Assert.Equal(60, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
        Assert.Null(await setup.QueryAsync(db => db.Scopes.Select(s => s.Watermark).SingleAsync(Cancel)));
        Assert.Equal(PlanDifference.Moved, await setup.QueryAsync(db => db.PlanEntries.Where(e => e.RunId == run.Id && e.ReferenceId == left.ReferenceId).Select(e => e.Difference).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task A_record_that_cannot_be_stored_is_planned_as_refused_and_waits_when_the_plan_is_applied()
    {
        await using var setup = await ImportSetup.StartAsync();
        var broken = setup.Sandbox.ApplicationIds().First();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { ApplicationId = broken, Times = null });

        var dry = await setup.ImportAsync(FullDry);
        var refused = await setup.QueryAsync(db => db.PlanEntries.AsNoTracking().SingleAsync(e => e.RunId == dry.RunId && e.Kind == PlannedChange.Refused, Cancel));
        Assert.Equal(0, await setup.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel)));
        var done = await setup.ImportAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest });

        Assert.Equal(broken, refused.ReferenceId);
        Assert.Equal(JsonSerializer.Serialize(dry.Result.Exceptions), JsonSerializer.Serialize(done.Result.Exceptions));
        var waiting = await setup.QueryAsync(db => db.ActivityLogs.AsNoTracking().SingleAsync(l => l.Status == ActivityStatus.Open, Cancel));
        Assert.Equal((broken, refused.Sentence, true), (waiting.ReferenceId, waiting.ResultData, waiting.Data is not null));
        Assert.Equal(39, done.Result.CreatedCounts["CandidateProfile"]);
    }
}

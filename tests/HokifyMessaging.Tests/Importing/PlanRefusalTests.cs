using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using static HokifyMessaging.Tests.Importing.PlannedImports;

namespace HokifyMessaging.Tests.Importing;

public sealed class PlanRefusalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_is_refused_with_the_differences_when_hokify_has_moved()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Advance(@new: 3, changed: 2);
        var dry = await setup.ImportAsync(FullDry);
        var moved = setup.Sandbox.Advance(@new: 1);
        var rows = await setup.RowsAsync();
        var request = new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "apply" };

        var (_, failed) = await setup.FailedAsync(request);
        var (_, again) = await setup.FailedAsync(request);

        Assert.Equal((FailureKind.Refused, (DateTimeOffset?)null), (failed.Kind, failed.ResumesAt));
        Assert.Contains($"application {moved.New.Single()} would now be created, which the plan does not have", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(failed.Reason, again.Reason);
        Assert.Equal(rows, await setup.RowsAsync());
        var run = await setup.RunAsync("apply");
        Assert.Equal((RunState.Failed, (DateTimeOffset?)null), (run.State, run.ResumeAt));
        Assert.All(ImportTally.FromJson(run.Tally).Created, count => Assert.Equal(0, count.Value));
        var differing = await setup.QueryAsync(db => db.PlanEntries.Where(e => e.RunId == run.Id && e.Difference != null).Select(e => new { e.ReferenceId, e.Difference }).ToListAsync(Cancel));
        Assert.Contains(differing, d => d.ReferenceId == moved.New.Single() && d.Difference == PlanDifference.Added);
    }

    [Fact]
    public async Task A_plan_is_refused_when_the_database_has_moved_and_names_the_fields()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        var changed = setup.Sandbox.Advance(changed: 2).Changed;
        var dry = await setup.ImportAsync(FullDry);
        await setup.ExecuteAsync($"UPDATE CandidateProfile SET Name = 'another job', ContentHash = zeroblob(16) WHERE ReferenceId = '{changed[0]}'");
        var rows = await setup.RowsAsync();

        var (_, failed) = await setup.FailedAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest });

        Assert.Contains($"application {changed[0]} differs in Name", failed.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("another job", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(rows, await setup.RowsAsync());
    }

    [Fact]
    public async Task What_is_no_longer_planned_is_kept_as_a_difference()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Advance(@new: 2);
        var dry = await setup.ImportAsync(FullDry);
        await setup.ImportFullAsync();

        var (_, failed) = await setup.FailedAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "late" });

        Assert.Contains("would no longer be created", failed.Reason, StringComparison.Ordinal);
        var run = await setup.RunAsync("late");
        var planned = await setup.QueryAsync(db => db.PlanEntries.CountAsync(e => e.RunId == dry.RunId && e.Kind != PlannedChange.Confirmed, Cancel));
        Assert.Equal(planned, await setup.QueryAsync(db => db.PlanEntries.CountAsync(e => e.RunId == run.Id && e.Difference == PlanDifference.Gone, Cancel)));
    }

    [Fact]
    public async Task A_request_for_a_plan_that_there_is_not_is_refused_with_a_sentence()
    {
        await using var setup = await ImportSetup.StartAsync();
        var full = (await setup.ImportAsync(FullDry)).PlanDigest!;
        var incremental = (await setup.ImportAsync(new HokifyImportRequested { DryRun = true })).PlanDigest!;

        Assert.Equal("PlanDigest names no plan of scope 1; it must be the planDigest of a dry run of the scope that is completed.", await RefusedAsync(new() { PlanDigest = new string('0', 64) }));
        Assert.StartsWith("PlanDigest must be 64 hexadecimal digits in lower case", await RefusedAsync(new() { PlanDigest = "nightly" }), StringComparison.Ordinal);
        Assert.StartsWith("PlanDigest has a plan applied, and DryRun writes nothing", await RefusedAsync(new() { PlanDigest = full, DryRun = true }), StringComparison.Ordinal);
        Assert.StartsWith("ImportMode is not as it was when the plan was made, which had Incremental", await RefusedAsync(new() { PlanDigest = incremental, ImportMode = ImportMode.Full }), StringComparison.Ordinal);
        Assert.StartsWith("UnixSecondsFrom is not as it was when the plan was made, which had none", await RefusedAsync(new() { PlanDigest = full, UnixSecondsFrom = 1_700_000_000 }), StringComparison.Ordinal);
        Assert.Equal(2, await setup.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));

        async Task<string> RefusedAsync(HokifyImportRequested request)
        {
            var (_, failed) = await setup.FailedAsync(request);
            Assert.Equal(FailureKind.Refused, failed.Kind);
            return failed.Reason;
        }
    }

    [Fact]
    public async Task The_same_key_with_another_plan_is_another_request()
    {
        await using var setup = await ImportSetup.StartAsync();
        var dry = await setup.ImportAsync(FullDry);
        await setup.ImportAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest, IdempotencyKey = "apply" });

        Assert.Contains("differs: ImportMode (was Full, now Incremental), PlanDigest (was", await setup.FailureAsync(new HokifyImportRequested { IdempotencyKey = "apply" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_erased_person_goes_what_was_planned_of_them_and_the_plan_can_be_applied_no_more()
    {
        await using var setup = await ImportSetup.StartAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Advance(changed: 30);
        var dry = await setup.ImportAsync(FullDry);
        var erased = setup.Sandbox.Advance(erased: 1);
        await setup.ImportAsync(new HokifyImportRequested());
        var ids = erased.Erased.Concat(erased.ErasedPersons).ToList();

        var sentence = await setup.FailureAsync(new HokifyImportRequested { PlanDigest = dry.PlanDigest });

        Assert.Equal("The plan of this PlanDigest is no longer whole, because somebody in it was erased or it was kept long enough; make a new one with a dry run.", sentence);
        Assert.Equal(0, await setup.QueryAsync(db => db.PlanEntries.CountAsync(e => ids.Contains(e.ReferenceId) || ids.Contains(e.PersonReferenceId!), Cancel)));
        Assert.NotEqual(0, await setup.QueryAsync(db => db.PlanEntries.CountAsync(e => e.RunId == dry.RunId, Cancel)));
    }

    [Fact]
    public async Task A_plan_that_is_too_large_is_counted_whole_and_cannot_be_applied()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [new("Hokify:Import:LargestPlan", "10")]);

        var dry = await setup.ImportAsync(FullDry);

        Assert.Null(dry.PlanDigest);
        Assert.Equal(40, dry.Result.CreatedCounts["CandidateProfile"]);
        Assert.Equal(10, await setup.QueryAsync(db => db.PlanEntries.CountAsync(Cancel)));
    }
}

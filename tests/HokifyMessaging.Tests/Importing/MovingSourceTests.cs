using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Importing;

/// <summary>A hokify whose applications change, are withdrawn and come in while an import reads them.</summary>
public sealed class MovingSourceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SandboxOrder, SandboxShape, int> Habits()
    {
        var habits = new TheoryData<SandboxOrder, SandboxShape, int>();
        foreach (var order in Enum.GetValues<SandboxOrder>())
        {
            habits.Add(order, SandboxShape.ObjectPerItem, 10);
            habits.Add(order, SandboxShape.Grouped, 7);
        }

        return habits;
    }

    [Theory]
    [MemberData(nameof(Habits))]
    public async Task What_moves_under_every_page_of_a_full_import_is_stored_after_the_next_incremental_one_and_nothing_that_lives_is_deleted(
        SandboxOrder order, SandboxShape shape, int cap)
    {
        await using var setup = await ImportSetup.StartAsync(applications: 150, sandbox: options =>
            (options.Order, options.AllApplicationsShape, options.MaxLimit) = (order, shape, cap));
        await setup.ImportFullAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.MovingList) { Times = 12, Moves = new SandboxMove(New: 1, Changed: 4, Withdrawn: 1) });

        var full = await setup.ImportFullAsync();
        setup.Sandbox.Faults.Clear();
        var incremental = await setup.ImportIncrementalAsync();

        Assert.Empty(full.Result.Exceptions.Values.SelectMany(exceptions => exceptions).Select(exception => exception.Message));
        Assert.Equal(0, incremental.Result.ErrorCount);
        await HoldsAllThatLives(setup);
    }

    [Theory]
    [MemberData(nameof(Habits))]
    public async Task A_server_that_counts_groups_loses_none_while_they_come_and_go(SandboxOrder order, SandboxShape _, int cap)
    {
        await using var setup = await ImportSetup.StartAsync(
            applications: 100,
            settings: [new("Hokify:Scopes:1:AtsApi:OffsetCounts", "Groups")],
            sandbox: options => (options.Order, options.OffsetCounts, options.MaxLimit, options.Jobs) = (order, SandboxOffsetUnit.Groups, cap, 40));
        await setup.ImportFullAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.MovingList) { Times = 6, Moves = new SandboxMove(New: 2, Changed: 5, Withdrawn: 5) });

        await setup.ImportFullAsync();
        setup.Sandbox.Faults.Clear();
        await setup.ImportIncrementalAsync();

        await HoldsAllThatLives(setup);
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(4, 1)]
    [InlineData(6, 12)]
    [InlineData(3, 40)]
    public async Task A_run_that_is_resumed_over_a_list_that_has_moved_loses_none_of_those_behind_its_checkpoint(int pages, int changed)
    {
        await using var setup = await ImportSetup.StartAsync(
            applications: 120,
            settings: [new("Hokify:Import:SweepInterval", "00:00:00.100"), new("Hokify:Import:BatchSize", "8")],
            sandbox: options => options.Order = SandboxOrder.CreationAscending);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = pages, Times = 1, Delay = TimeSpan.FromSeconds(30) });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "k", ImportMode = ImportMode.Full });
        await ImportSetup.Until(() => setup.Sandbox.Faults.Active.Single().Hits == 1);

        await setup.StopHostAsync();
        setup.Sandbox.Faults.Clear();
        setup.Sandbox.Advance(changed: changed, withdrawn: 3);
        await setup.StartHostAsync();
        await ImportSetup.Until(() => setup.Completions.Of("k").Count > 0);
        await setup.ImportIncrementalAsync();

        Assert.Equal(0, setup.Completions.Of("k")[0].Event.Result.ErrorCount);
        await HoldsAllThatLives(setup);
    }

    [Theory]
    [InlineData("ExternApi", "ExternApi", SandboxOrder.LastUpdateAscending)]
    [InlineData("ExternApi", "ExternApi", SandboxOrder.LastUpdateDescending)]
    [InlineData("AtsApi", "AtsApiV1", SandboxOrder.LastUpdateAscending)]
    [InlineData("AtsApi", "AtsApiV1", SandboxOrder.LastUpdateDescending)]
    public async Task A_list_of_one_answer_that_is_asked_for_again_after_a_break_deletes_nothing_that_lives(string source, string api, SandboxOrder order)
    {
        var v1 = api == "AtsApiV1";
        await using var setup = await ImportSetup.StartAsync(applications: 1_200, settings:
        [
            new("Hokify:Import:BatchSize", "100"), new("Hokify:Import:SweepInterval", "00:00:00.100"),
        ], sandbox: options => options.Order = order);
        await setup.StopHostAsync();
        setup.Settings["Hokify:Scopes:1:Source"] = source;
        setup.Settings["Hokify:Scopes:1:AtsApi:Version"] = v1 ? "V1" : "Current";
        setup.Settings["Hokify:Scopes:1:AtsApi:BaseAddress"] = setup.Sandbox.AtsApiV1.ToString();
        setup.Settings["Hokify:Scopes:1:ExternApi:BaseAddress"] = setup.Sandbox.ExternApi.ToString();
        setup.Settings["Hokify:Scopes:1:ExternApi:Mandator"] = "demo";
        setup.Settings["Hokify:Scopes:1:ExternApi:Token"] = "demo-token";
        setup.Settings["Hokify:Scopes:1:ExternApi:Http:Delay"] = "00:00:00.010";
        await setup.StartHostAsync();
        await setup.ImportFullAsync();
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.CutConnection) { CutAfterBytes = v1 ? 3_000_000 : 300_000, Times = null });
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "k", ImportMode = ImportMode.Full });
        await ImportSetup.Until(async () => (await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel))).Exists(r => r.IdempotencyKey == "k" && r.Failures > 0));

        await setup.StopHostAsync();
        setup.Sandbox.Faults.Clear();
        setup.Sandbox.Advance(changed: 40, withdrawn: 7);
        await setup.StartHostAsync();
        await setup.PublishAsync(new HokifyImportRequested { IdempotencyKey = "k", ImportMode = ImportMode.Full });
        await ImportSetup.Until(() => setup.Completions.Of("k").Count > 0);
        await StoresAllThatLives(setup);
        await setup.ImportIncrementalAsync();

        await HoldsAllThatLives(setup);
        // What was withdrawn after the first part had brought it is the next full import's to delete.
        Assert.InRange(await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.IsDeleted, Cancel)), 1, 7);
    }

    [Theory]
    [InlineData(600, 50, 100)]
    [InlineData(45, 10, 10)]
    [InlineData(80, 7, 20)]
    [InlineData(33, 100, 12)]
    public async Task An_application_that_pages_have_twice_moves_nothing(int applications, int cap, int pageSize)
    {
        await using var setup = await ImportSetup.StartAsync(
            applications,
            settings: [new("Hokify:Scopes:1:AtsApi:PageSize", $"{pageSize}")],
            sandbox: options => (options.MaxLimit, options.AllApplicationsShape) = (cap, SandboxShape.ObjectPerItem));
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.RepeatedRecord) { Times = null });

        var first = await setup.ImportFullAsync();
        var second = await setup.ImportFullAsync();

        Assert.Equal((applications, 0, 0), (first.Result.CreatedCounts["CandidateProfile"], first.Result.ErrorCount, second.Result.DeletedCounts["CandidateProfile"]));
        await HoldsAllThatLives(setup);
    }

    [Theory]
    [InlineData(SandboxFaultKind.RepeatedLastPage, 40)]
    [InlineData(SandboxFaultKind.RepeatedLastPage, 33)]
    [InlineData(SandboxFaultKind.RepeatedLastPage, 7)]
    [InlineData(SandboxFaultKind.RepeatedPage, 40)]
    public async Task A_server_that_repeats_pages_loses_nothing_and_ends_the_read(SandboxFaultKind kind, int applications)
    {
        await using var setup = await ImportSetup.StartAsync(applications);
        setup.Sandbox.Faults.Add(new SandboxFault(kind) { After = kind == SandboxFaultKind.RepeatedPage ? 1 : 0, Times = null });

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal((applications, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(0.1)]
    [InlineData(30.0)]
    public async Task A_hokify_whose_clock_is_behind_ours_is_read_up_to_its_own_present(double hoursBehind)
    {
        var clock = new ShiftedClock(TimeSpan.FromHours(-hoursBehind));
        await using var setup = await ImportSetup.StartAsync(sandbox: options => options.Clock = clock);

        await setup.ImportFullAsync();
        setup.Sandbox.Advance(@new: 3, changed: 2);
        await setup.ImportIncrementalAsync();
        setup.Sandbox.Advance(@new: 2, changed: 4);
        await setup.ImportIncrementalAsync();

        await HoldsAllThatLives(setup);
        var watermark = await setup.QueryAsync(db => db.Scopes.Select(s => s.Watermark).SingleAsync(Cancel));
        Assert.InRange(watermark!.Value, clock.GetUtcNow().AddMinutes(-2), clock.GetUtcNow().AddSeconds(2));
    }

    /// <summary>Every application that hokify lists is stored with its newest state, and none of them is deleted.</summary>
    private static async Task HoldsAllThatLives(ImportSetup setup)
    {
        await StoresAllThatLives(setup);
        var again = await setup.ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, DryRun = true });
        Assert.Equal((0, 0), (again.Result.CreatedCounts["CandidateProfile"], again.Result.UpdatedCounts["CandidateProfile"]));
    }

    private static async Task StoresAllThatLives(ImportSetup setup)
    {
        var stored = await setup.QueryAsync(db => db.CandidateProfiles.AsNoTracking().Where(p => !p.IsDeleted).Select(p => p.ReferenceId).ToListAsync(Cancel));
        Assert.Empty(setup.Sandbox.ApplicationIds().Except(stored));
    }

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}

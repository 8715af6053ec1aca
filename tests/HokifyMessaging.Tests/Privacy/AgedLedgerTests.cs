using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Records that could not be stored, which wait for a time only.</summary>
public sealed class AgedLedgerTests : AgedSetup
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Site.ConfigureAsync(Ages("LedgerEntries"));
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    [InlineData(31, false)]
    public async Task A_parked_record_is_dropped_on_the_day_on_which_its_last_try_is_old_enough(int days, bool isKept)
    {
        await RejectAsync("r1");
        await ParkAsync("r1");
        Site.Worker.Clock.Advance(TimeSpan.FromDays(days));

        await RunAsync();

        var entry = await EntryAsync("r1");
        Assert.Equal(isKept ? ActivityStatus.Parked : ActivityStatus.Dropped, entry.Status);
        Assert.Equal(isKept, entry.Data is not null);
    }

    [Fact]
    public async Task What_remains_says_that_there_was_one_and_why_it_was_not_stored()
    {
        await RejectAsync("r1");
        var reason = (await EntryAsync("r1")).ResultData;
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("records that wait: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync());

        var entry = await EntryAsync("r1");
        Assert.Equal(($"It could not be stored for so long that it was dropped because of its age. {reason}", (string?)null, "p1"), (entry.ResultData, entry.Data, entry.PersonReferenceId));
        Assert.Equal(((DateTimeOffset?)Site.Worker.Clock.GetUtcNow(), (DateTimeOffset?)null), (entry.DateExecuted, entry.DueAt));
        var trail = await TrailAsync("r1");
        Assert.Equal((RecordFate.Dropped, entry.ResultData), (trail.Fate, trail.Reason));
        Assert.Equal(["dropped", "rejected"], trail.Events.Select(one => one.What));
    }

    [Fact]
    public async Task A_dropped_record_that_comes_again_is_stored()
    {
        await RejectAsync("r1");
        Site.Worker.Clock.Advance(Age);
        await RunAsync();

        Site.Worker.Clock.Advance(TimeSpan.FromDays(1));
        await Site.ImportAsync(Record.Application("r1"));

        Assert.Equal(RecordFate.Stored, (await TrailAsync("r1")).Fate);
        Assert.Null((await TrailAsync("r1")).Reason);
        Assert.Equal(ActivityStatus.Dropped, (await EntryAsync("r1")).Status);
    }

    [Fact]
    public async Task A_dropped_record_that_fails_again_waits_anew()
    {
        await RejectAsync("r1");
        Site.Worker.Clock.Advance(Age);
        await RunAsync();

        await RejectAsync("r1");

        Assert.Equal(ActivityStatus.Open, (await EntryAsync("r1")).Status);
        Assert.Equal("records that wait: 0 due, 0 forgotten, 1 soon, 0 held", await RunAsync());
    }

    [Fact]
    public async Task What_somebody_has_asked_to_be_tried_again_waits_for_the_next_import()
    {
        var run = await RejectAsync("r1");
        await ParkAsync("r1");
        Site.Worker.Clock.Advance(Age);
        Assert.Equal(1, (await Site.Worker.Services.GetRequiredService<WaitingChanges>().TryNowAsync(new WaitingFilter { RunId = run.RunId, Status = ActivityStatus.Parked }, Actor.OfUser(), Cancel)).Done);

        Assert.Equal("records that wait: 0 due, 0 forgotten, 1 soon, 0 held", await RunAsync());

        var next = await Site.Worker.OpenAsync();
        Assert.Single(await Site.Worker.QueryAsync(db => Site.Worker.Ledger.DueAsync(db, next, 10, int.MaxValue, Cancel)));
    }

    [Fact]
    public async Task What_a_run_has_tried_that_goes_on_waits_until_that_has_ended()
    {
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("r1")), Cancel);
        await Site.Worker.Runs.InterruptAsync(run, isSentAgain: false, Cancel);
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("", await RunAsync());

        var again = Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel)).Run;
        await Site.Worker.Writer.WriteAsync(again, Record.Batch(Record.Rejected("r1")), Cancel);
        await Site.Worker.ConcludeAsync(again);
        Assert.Equal(1, again.Tally.Stats[Stat.Rejected]);
        Assert.Equal("records that wait: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync());
    }

    [Fact]
    public async Task What_an_import_has_tried_meanwhile_is_looked_at_again()
    {
        await RejectAsync("r1", "r2");
        await ParkAsync("r1");
        await ParkAsync("r2");
        Site.Worker.Clock.Advance(Age);
        var beside = new Beside(Site, async () => await RejectAsync("r1"));

        var counts = await beside.RunAsync("records that wait");

        Assert.Equal((1, 1), (counts.Due, counts.Forgotten));
        Assert.Equal((ActivityStatus.Parked, ActivityStatus.Dropped), ((await EntryAsync("r1")).Status, (await EntryAsync("r2")).Status));
    }

    [Fact]
    public async Task A_held_persons_records_wait_on()
    {
        await Site.ImportAsync(Record.Application("a1"));
        await RejectAsync("a1", "r2");
        await HoldAsync("a1");
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("records that wait: 1 due, 1 forgotten, 0 soon, 1 held", await RunAsync());
        Assert.Equal((ActivityStatus.Open, ActivityStatus.Dropped), ((await EntryAsync("a1")).Status, (await EntryAsync("r2")).Status));
    }

    [Fact]
    public async Task More_than_one_transaction_holds_are_gone_through_to_the_end()
    {
        await RejectAsync([.. Enumerable.Range(0, 1_100).Select(i => $"r{i}")]);
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("records that wait: 1100 due, 1100 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Equal(0, await Site.Worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Data != null, Cancel)));
    }

    private async Task<FoundRecord> TrailAsync(string id) => Assert.Single((await new RecordTrails(
        Site.Worker.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>(), (_, _) => []).FollowAsync(new RecordQuestion(id) { ScopeIds = [1] }, Cancel)).Found, found => found.ReferenceId == id);
}

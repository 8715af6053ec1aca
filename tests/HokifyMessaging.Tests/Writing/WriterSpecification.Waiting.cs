using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>How somebody sees the records that wait, and what he decides on them.</summary>
public abstract partial class WriterSpecification
{
    private static readonly Actor Karin = new("karin", "office");

    private WaitingQueries Waiting => Worker.Services.GetRequiredService<WaitingQueries>();

    private WaitingChanges Changes => Worker.Services.GetRequiredService<WaitingChanges>();

    private WaitingFilter OfScope => new() { ScopeIds = [Worker.ScopeId] };

    private WaitingFilter Dates => OfScope with { Cause = FailureCause.BadDate };

    /// <summary>Has records wait, all for one reason.</summary>
    private Task<ImportTally> RejectAsync(params IEnumerable<string> ids) => RejectAsync(Worker, ids);

    private static Task<ImportTally> RejectAsync(ImportWorker worker, params IEnumerable<string> ids) => worker.RunAsync(async run =>
    {
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
        await worker.Writer.WriteAsync(run, Record.Batch([.. ids.Select(Bad)]), Cancel);
    });

    private static SourceRecord Bad(string id) => Record.Rejected(id, $$"""{"is":"{{id}}"}""");

    /// <summary>The same record, once its cause is gone.</summary>
    private static SourceRecord Good(string id) => Record.Ready(Record.Application(id) with { Payload = $$"""{"is":"{{id}}"}""" });

    private Task<string> LedgerAsync() => Worker.QueryAsync(async db =>
    {
        var entries = await db.ActivityLogs.AsNoTracking().Where(l => l.ScopeId == Worker.ScopeId && l.Status != ActivityStatus.Done).OrderBy(l => l.ReferenceId).ToListAsync(Cancel);
        return string.Join('\n', entries.Select(l => System.Text.Json.JsonSerializer.Serialize(l)));
    });

    [Fact]
    public async Task Records_wait_in_groups_of_one_cause_and_field()
    {
        await RejectAsync("r1", "r2", "r3");
        Worker.Clock.Advance(TimeSpan.FromMinutes(5));
        await FailAsync(Record.Application("a1"));
        await Changes.ParkAsync(Dates with { ReferenceId = "r3" }, Karin, Cancel);

        var groups = await Waiting.GroupsAsync(OfScope, Cancel);

        Assert.Equal(
            [
                (ActivityStatus.Open, FailureCause.BadDate, "datematch", 2, true),
                (ActivityStatus.Parked, FailureCause.BadDate, "datematch", 1, false),
                (ActivityStatus.Open, FailureCause.Trigger, null, 1, true),
            ],
            groups.Select(of => (of.Status, of.Cause!.Value, of.Field, of.Count, of.NextDue is not null)));
        Assert.Equal("page 1, item 1, application r1: datematch is not a date; expected is ISO 8601.", groups[0].Example);
        Assert.Equal(groups[0].Oldest.AddMinutes(5), groups[2].Oldest);
        foreach (var group in groups)
        {
            Assert.Equal(group.Count, (await Waiting.ListAsync(group.Filter, behind: null, 10, Cancel)).Total);
        }
    }

    [Fact]
    public async Task A_record_that_fails_again_for_another_reason_is_in_another_group_and_one_that_is_stored_in_none()
    {
        await RejectAsync("r1");
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        await Worker.RunAsync(run => RetryAsync(run, Record.Of(
            new Rejection(ElementNames.CandidateProfile, "kept record 1", new HokifyMessaging.Applications.ApplicationId("r1"), "user.extras[12].end", FailureCause.WrongType, "is a list", """{"is":"r1"}"""))));

        Assert.Equal((FailureCause.WrongType, "user.extras[].end"), Assert.Single((await Waiting.GroupsAsync(OfScope, Cancel)).Select(of => (of.Cause!.Value, of.Field))));
        await ImportAsync(Record.Application("r1"));
        Assert.Empty(await Waiting.GroupsAsync(OfScope, Cancel));
        Assert.Equal((ActivityStatus.Closed, null, null), ((await EntryAsync("r1")).Status, (await EntryAsync("r1")).Cause, (await EntryAsync("r1")).Field));
    }

    [Fact]
    public async Task What_waits_is_listed_page_by_page_and_counted_whatever_the_filter()
    {
        var ids = Enumerable.Range(1, 7).Select(i => $"r{i}").ToList();
        var first = await Worker.RunAsync(run => Worker.Writer.WriteAsync(run, Record.Batch([.. ids.Take(4).Select(Bad)]), Cancel));
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        await RejectAsync(ids.Skip(4));
        Assert.Equal(4, first.Stats[Stat.Rejected]);

        var (seen, next, total) = (new List<string>(), (WaitingPosition?)null, 0);
        do
        {
            var page = await Waiting.ListAsync(OfScope, WaitingPosition.Parse(next?.ToString()), 3, Cancel);
            seen.AddRange(page.Entries.Select(entry => entry.ReferenceId));
            (next, total) = (page.Next, page.Total);
        }
        while (next is not null);

        Assert.Equal((7, string.Join(' ', ids)), (total, string.Join(' ', seen)));
        var last = Assert.Single((await Waiting.ListAsync(OfScope with { ReferenceId = "r7" }, behind: null, 3, Cancel)).Entries);
        Assert.Equal(3, (await Waiting.ListAsync(OfScope with { RunId = last.LastRunId }, behind: null, 2, Cancel)).Total);
        Assert.Equal(1, await Waiting.CountAsync(OfScope with { Text = "APPLICATION r3:" }, Cancel));
        Assert.Equal(0, await Waiting.CountAsync(OfScope with { Text = "100% nothing" }, Cancel));
        Assert.Equal((7, 0, 0), (await Waiting.CountAsync(Dates with { Field = "datematch", Status = ActivityStatus.Open }, Cancel), await Waiting.CountAsync(Dates with { Field = "" }, Cancel), await Waiting.CountAsync(OfScope with { ScopeIds = [] }, Cancel)));
    }

    [Fact]
    public async Task All_that_meet_a_filter_are_tried_parked_or_dropped_however_many_and_audited_once()
    {
        await RejectAsync(Enumerable.Range(0, 2_300).Select(i => $"r{i}"));
        await FailAsync(Record.Application("a1"));

        Assert.Equal(new WaitingOutcome(2_300, 0, 0, 0), await Changes.ParkAsync(Dates, Karin, Cancel));
        Assert.Equal(new WaitingOutcome(0, 2_300, 0, 0), await Changes.ParkAsync(Dates, Karin, Cancel));
        Assert.Equal(2_300, (await Waiting.GroupsAsync(Dates, Cancel)).Single(of => of.Status == ActivityStatus.Parked).Count);
        Assert.Equal(new WaitingOutcome(2_300, 0, 0, 0), await Changes.TryNowAsync(Dates, Karin, Cancel));
        Assert.Equal((ActivityStatus.Open, Worker.Clock.GetUtcNow(), 0), ((await EntryAsync("r7")).Status, (await EntryAsync("r7")).DueAt, (await EntryAsync("r7")).RetryInterval));
        Assert.Equal(new WaitingOutcome(2_300, 0, 0, 0), await Changes.DropAsync(Dates, "hokify sends no dates for the old ones.", Karin, Cancel));

        var dropped = await EntryAsync("r7");
        Assert.Equal((ActivityStatus.Dropped, null, null), (dropped.Status, dropped.Data, dropped.DueAt));
        Assert.StartsWith("Dropped by karin at 2026-10-01", dropped.ResultData, StringComparison.Ordinal);
        Assert.EndsWith(": hokify sends no dates for the old ones. Before that: page 1, item 1, application r7: datematch is not a date; expected is ISO 8601.", dropped.ResultData, StringComparison.Ordinal);
        var found = Assert.Single((await Worker.Services.GetRequiredService<RecordTrails>().FollowAsync(new RecordQuestion("r7") { ScopeIds = [Worker.ScopeId] }, Cancel)).Found);
        Assert.Equal((RecordFate.Dropped, dropped.ResultData), (found.Fate, found.Reason));
        Assert.Equal("a1", Assert.Single((await Waiting.ListAsync(OfScope, behind: null, 10, Cancel)).Entries).ReferenceId);
        var audit = await Worker.QueryAsync(db => db.Audit.AsNoTracking().Where(a => a.ScopeId == Worker.ScopeId && a.Who == "karin").OrderBy(a => a.Id).ToListAsync(Cancel));
        Assert.Equal(
            [
                (AuditAction.ParkRecords, "Records that wait for an operator from now on (cause BadDate): 2300."),
                (AuditAction.RetryRecords, "Records that the next import tries again (cause BadDate): 2300."),
                (AuditAction.DropRecords, "Records that were dropped (cause BadDate): 2300. Reason: hokify sends no dates for the old ones."),
            ],
            audit.Select(a => (a.Action, a.Detail)));
    }

    [Fact]
    public async Task What_a_legal_hold_keeps_is_not_dropped_and_the_erased_wait_in_no_group()
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("a2", "p2"));
        await Worker.RunAsync(run => Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("r1", "of the one", "p1"), Record.Rejected("r2", "of the other", "p2"), Record.Rejected("r3")), Cancel));
        var found = await Worker.Services.GetRequiredService<PeopleFinder>().FindAsync(Worker.ScopeId, new NamedPerson(NamedBy.Person, "p1"), Cancel);
        await Worker.Services.GetRequiredService<LegalHolds>().PlaceAsync(found, new ErasureAsker("karin", "office", "file"), null, Cancel);
        await ImportAsync(Record.Application("a2", "p2", version: 1, erased: true));

        Assert.Equal(2, Assert.Single(await Waiting.GroupsAsync(OfScope, Cancel)).Count);
        Assert.Equal(new WaitingOutcome(1, 0, 1, 0), await Changes.DropAsync(OfScope, "old", Karin, Cancel));
        Assert.Equal("r1", Assert.Single((await Waiting.ListAsync(OfScope, behind: null, 10, Cancel)).Entries).ReferenceId);
    }

    [Fact]
    public async Task What_changed_since_somebody_looked_is_let_be_and_said()
    {
        await RejectAsync("r1", "r2", "r3");
        var picked = (await Waiting.ListAsync(OfScope, behind: null, 10, Cancel)).Entries.Select(entry => entry.Id).ToList();
        await ImportAsync(Record.Application("r2"));

        Assert.Equal(new WaitingOutcome(2, 1, 0, 0), await Changes.TryNowAsync(OfScope with { Ids = picked }, Karin, Cancel));
        Assert.Equal(new WaitingOutcome(0, 3, 0, 0), await Changes.TryNowAsync(OfScope with { ScopeIds = [Worker.ScopeId + 1], Ids = picked }, Karin, Cancel));
        Assert.Equal(ActivityStatus.Closed, (await EntryAsync("r2")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" . ")]
    [InlineData("\u202Egone")]
    public async Task Nothing_is_dropped_for_no_reason(string reason)
    {
        await RejectAsync("r1");

        await Assert.ThrowsAsync<ArgumentException>(() => Changes.DropAsync(OfScope, reason, Karin, Cancel));
        Assert.Equal(ActivityStatus.Open, (await EntryAsync("r1")).Status);
    }

    [Fact]
    public async Task A_decision_whose_commit_landed_unheard_is_counted_and_audited_once()
    {
        await RejectAsync("r1", "r2");
        Faults.AfterCommit(new TimeoutException());

        Assert.Equal(new WaitingOutcome(2, 0, 0, 0), await Changes.ParkAsync(Dates, Karin, Cancel));
        Assert.Equal(1, await Worker.QueryAsync(db => db.Audit.CountAsync(a => a.ScopeId == Worker.ScopeId && a.Action == AuditAction.ParkRecords, Cancel)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_parked_or_dropped_between_look_up_and_try_is_not_tried(bool drop)
    {
        await FailAsync(Record.Application("a1"), Record.Application("a2"));
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Worker.OpenAsync();
        var due = await Worker.QueryAsync(db => Worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
        _ = drop ? await Changes.DropAsync(OfScope with { ReferenceId = "a1" }, "wrong", Karin, Cancel) : await Changes.ParkAsync(OfScope with { ReferenceId = "a1" }, Karin, Cancel);

        var records = due.Select(entry => Record.Ready(Record.Application(entry.ReferenceId)) with { LedgerReference = entry.ReferenceId });
        await Worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading) with { Records = [.. records] }, Cancel);
        await Worker.ConcludeAsync(run);

        Assert.Equal((1, 1, RunPhase.Reading), (run.Tally.Stats[Stat.Retried], run.Tally.Stats[Stat.RetriesSucceeded], run.Phase));
        Assert.Equal((drop ? ActivityStatus.Dropped : ActivityStatus.Parked, ActivityStatus.Closed), ((await EntryAsync("a1")).Status, (await EntryAsync("a2")).Status));
        Assert.Contains("a2", await RowsAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("a1", await RowsAsync(), StringComparison.Ordinal);
    }
}

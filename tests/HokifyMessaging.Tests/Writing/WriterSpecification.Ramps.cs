using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>How records that wait are tried step by step.</summary>
public abstract partial class WriterSpecification
{
    private static RampBook BookOf(ImportWorker worker) => worker.Services.GetRequiredService<RampBook>();

    private Task<RetryRamp> RampAsync(long id) => Worker.QueryAsync(db => db.Ramps.AsNoTracking().SingleAsync(r => r.Id == id, Cancel));

    private async Task<RetryRamp> StartAsync(WaitingFilter filter) => Assert.IsType<RampStart.Started>(await BookOf(Worker).StartAsync(Worker.ScopeId, filter, Karin, Cancel)).Ramp;

    /// <summary>Does what a service does with a ramp, until its next import is to be asked for or nothing can be done.</summary>
    private static async Task<RampErrand> AdvanceAsync(ImportWorker worker, long ramp)
    {
        RampErrand errand;
        while ((errand = await BookOf(worker).AdvanceAsync(ramp, Cancel)) is RampErrand.GoOn)
        {
        }

        return errand;
    }

    /// <summary>Goes on with a ramp until it waits or has ended, or for some steps.</summary>
    private async Task<RetryRamp> ClimbAsync(long ramp, Func<string, SourceRecord> record, IReadOnlyList<string> ids, int steps = int.MaxValue)
    {
        var kept = ids.Select(record).ToArray();
        for (; steps > 0 && await AdvanceAsync(Worker, ramp) is RampErrand.Ask(var asked); steps--)
        {
            var run = await Worker.OpenAsync(asked.KeyOf(asked.Step), ImportMode.Incremental);
            await BookOf(Worker).AskedAsync(asked.Id, asked.Step, run.RunId, Cancel);
            while (await RetryAsync(run, kept) > 0)
            {
            }

            await Worker.ConcludeAsync(run);
        }

        return await RampAsync(ramp);
    }

    private static string[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => $"r{i:0000}")];

    [Fact]
    public async Task A_ramp_goes_through_where_the_cause_is_gone()
    {
        var ids = Many(200);
        await RejectAsync(ids);
        await Changes.ParkAsync(Dates with { ReferenceId = "r0150" }, Karin, Cancel);

        var ramp = await StartAsync(Dates);
        var ended = await ClimbAsync(ramp.Id, id => id == "r0003" ? Bad(id) : Good(id), ids);

        Assert.Equal((RampState.Ended, RampEnd.Through, 200, 199, 1, 0), (ended.State, ended.End, ended.Size, ended.Done, ended.Failed, ended.Ignored));
        var left = Assert.Single((await Waiting.ListAsync(OfScope, behind: null, 10, Cancel)).Entries);
        Assert.Equal(("r0003", 1, (long?)null), (left.ReferenceId, left.RetryCount, left.RampId));
        var view = await Worker.Services.GetRequiredService<RampQueries>().FindAsync(ramp.Id, Cancel);
        Assert.Equal([1, 2, 5, 20, 50, 100, 22], view!.Steps.Select(step => step.Size));
        Assert.All(view.Steps, step => Assert.NotNull(step.RunId));
    }

    [Fact]
    public async Task A_ramp_stops_where_the_cause_is_still_there_and_the_rest_is_as_it_was()
    {
        await using var worker = NewWorker(settings: [("Hokify:Ledger:MaximumRetries", "1")]);
        var ids = Many(40);
        await RejectAsync(ids);
        await Changes.ParkAsync(Dates with { Ids = [.. (await Waiting.ListAsync(OfScope, behind: null, 200, Cancel)).Entries.Where(e => e.ReferenceId[^1] is '1' or '2').Select(e => e.Id)] }, Karin, Cancel);
        var before = (await LedgerAsync()).Split('\n');

        var ramp = await StartAsync(Dates);
        var ended = await ClimbAsync(ramp.Id, Bad, ids);

        Assert.Equal((RampState.Ended, RampEnd.CauseIsThere, 40, 0, 3, 0), (ended.State, ended.End, ended.Size, ended.Done, ended.Failed, ended.Ignored));
        Assert.Equal(before[3..], (await LedgerAsync()).Split('\n')[3..]);
        Assert.Equal((1, 1, 1), ((await EntryAsync("r0000")).RetryCount, (await EntryAsync("r0001")).RetryCount, (await EntryAsync("r0002")).RetryCount));
        Assert.Equal((ActivityStatus.Open, ActivityStatus.Parked), ((await EntryAsync("r0000")).Status, (await EntryAsync("r0001")).Status));
    }

    [Fact]
    public async Task What_a_ramp_holds_back_no_run_tries_and_nobody_changes()
    {
        var ids = Many(10);
        await RejectAsync(ids);
        await RejectAsync("other");
        Worker.Clock.Advance(TimeSpan.FromDays(1));
        var ramp = await StartAsync(Dates with { RunId = (await EntryAsync("r0000")).RunId });
        Assert.Equal(1, Assert.IsType<RampErrand.Ask>(await AdvanceAsync(Worker, ramp.Id)).Ramp.Step);

        var run = await Worker.OpenAsync(mode: ImportMode.Incremental);
        var due = await Worker.QueryAsync(db => Worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
        Assert.Equal(["other"], due.Select(entry => entry.ReferenceId));
        await Worker.ConcludeAsync(run);
        Assert.Equal(new WaitingOutcome(1, 0, 0, 10), await Changes.TryNowAsync(Dates, Karin, Cancel));
        Assert.Equal(new WaitingOutcome(1, 0, 0, 10), await Changes.DropAsync(Dates, "old", Karin, Cancel));
        Assert.Equal(10, Assert.Single(await Waiting.GroupsAsync(Dates, Cancel)).InRamp);
    }

    [Fact]
    public async Task A_record_that_is_stored_or_goes_meanwhile_is_ignored_and_said()
    {
        var ids = Many(10);
        await RejectAsync(ids);
        var ramp = await StartAsync(Dates);
        await ClimbAsync(ramp.Id, Good, ids, steps: 1);
        await ImportAsync(Record.Application("r0007"));
        await Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.ScopeId == Worker.ScopeId && l.ReferenceId == "r0008").ExecuteDeleteAsync(Cancel));

        var ended = await ClimbAsync(ramp.Id, Good, ids);

        Assert.Equal((RampEnd.Through, 10, 8, 0, 2), (ended.End, ended.Size, ended.Done, ended.Failed, ended.Ignored));
        Assert.Equal(0, await Worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.RampId != null, Cancel)));
    }

    [Fact]
    public async Task Whoever_starts_what_another_has_started_is_told_who_did_it_and_when()
    {
        await RejectAsync(Many(5));
        var first = await StartAsync(Dates);
        Worker.Clock.Advance(TimeSpan.FromMinutes(3));
        var (book, sepp) = (BookOf(Worker), new Actor("sepp", "office"));

        var again = Assert.IsType<RampStart.UnderWay>(await book.StartAsync(Worker.ScopeId, Dates, sepp, Cancel)).Ramp;
        await AdvanceAsync(Worker, first.Id);
        var overlapping = Assert.IsType<RampStart.UnderWay>(await book.StartAsync(Worker.ScopeId, OfScope with { Text = "datematch" }, sepp, Cancel)).Ramp;

        Assert.Equal((first.Id, "karin", first.StartedAt, first.Id), (again.Id, again.StartedBy, again.StartedAt, overlapping.Id));
        Assert.IsType<RampStart.Nothing>(await book.StartAsync(Worker.ScopeId, OfScope with { Field = "nothing" }, sepp, Cancel));
        Assert.Equal(1, await Worker.QueryAsync(db => db.Audit.CountAsync(a => a.ScopeId == Worker.ScopeId && a.Action == AuditAction.StartRamp, Cancel)));
    }

    [Fact]
    public async Task Of_any_number_of_services_each_step_is_started_once_and_one_that_dies_leaves_it_to_another()
    {
        var ids = Many(12);
        await RejectAsync(ids);
        var ramp = await StartAsync(Dates);
        await using var other = NewWorker();

        // All of them ask for the same, and none of them has come to say so.
        var asked = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => AdvanceAsync(i % 2 == 0 ? Worker : other, ramp.Id), Cancel)));
        Assert.Equal((1, 1), (asked.Cast<RampErrand.Ask>().Select(errand => errand.Ramp.KeyOf(errand.Ramp.Step)).Distinct().Count(), (await RampAsync(ramp.Id)).Step));
        var key = ((RampErrand.Ask)asked[0]).Ramp.KeyOf(1);
        var run = await Worker.OpenAsync(key, ImportMode.Incremental);
        await RetryAsync(run, Good("r0000"));

        // Who did has died before it was written down, and its import is known by its key.
        await BookOf(other).AskedAsync(ramp.Id, 1, run.RunId, Cancel);
        Assert.IsType<RampErrand.Wait>(await AdvanceAsync(other, ramp.Id));
        await Worker.ConcludeAsync(run);
        Assert.Equal(2, Assert.IsType<RampErrand.Ask>(await AdvanceAsync(other, ramp.Id)).Ramp.Step);
        var ended = await ClimbAsync(ramp.Id, Good, ids);
        Assert.Equal((RampEnd.Through, 12), (ended.End, ended.Done));
    }

    [Fact]
    public async Task A_ramp_that_is_stopped_by_hand_gives_back_what_it_has_not_tried()
    {
        var ids = Many(20);
        await RejectAsync(ids);
        var before = (await LedgerAsync()).Split('\n');
        var ramp = await StartAsync(Dates);
        await ClimbAsync(ramp.Id, Good, ids, steps: 2);
        var third = Assert.IsType<RampErrand.Ask>(await AdvanceAsync(Worker, ramp.Id)).Ramp;
        var run = await Worker.OpenAsync(third.KeyOf(3), ImportMode.Incremental);
        var due = await Worker.QueryAsync(db => Worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
        Assert.Equal(5, due.Count);

        var stopped = await BookOf(Worker).StopAsync(ramp.Id, new Actor("sepp", "office"), Cancel);
        await AdvanceAsync(Worker, ramp.Id);

        // What was looked up before is not tried any more.
        await Worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading) with { Records = [.. due.Select(e => Good(e.ReferenceId) with { LedgerReference = e.ReferenceId })] }, Cancel);
        await Worker.ConcludeAsync(run);
        var ended = await RampAsync(ramp.Id);
        Assert.Equal((RampEnd.ByHand, "sepp", RampState.Ended, 3, 0, 0), (stopped!.End, stopped.StoppedBy, ended.State, ended.Done, ended.Failed, ended.Ignored));
        Assert.Equal(before[3..], (await LedgerAsync()).Split('\n')[3..]);
        Assert.Equal("sepp", (await BookOf(Worker).StopAsync(ramp.Id, Karin, Cancel))!.StoppedBy);
        Assert.Null(await BookOf(Worker).StopAsync(ramp.Id + 1_000, Karin, Cancel));
    }

    [Fact]
    public async Task A_step_whose_import_is_cancelled_before_it_tries_anything_ends_the_ramp()
    {
        var ids = Many(5);
        await RejectAsync(ids);
        var before = await LedgerAsync();
        var ramp = await StartAsync(Dates);
        var asked = Assert.IsType<RampErrand.Ask>(await AdvanceAsync(Worker, ramp.Id)).Ramp;
        var (run, _) = await Worker.Runs.RegisterAsync(Worker.Request(asked.KeyOf(1), ImportMode.Incremental), place: null, Cancel);
        await BookOf(Worker).AskedAsync(ramp.Id, 1, run.Id, Cancel);
        await Worker.Services.GetRequiredService<RunControl>().RequestCancellationAsync(run.Id, Cancel);

        Assert.IsType<RampErrand.Wait>(await AdvanceAsync(Worker, ramp.Id));

        var ended = await RampAsync(ramp.Id);
        Assert.Equal((RampState.Ended, RampEnd.NotTried, 0, 0, 0), (ended.State, ended.End, ended.Done, ended.Failed, ended.Ignored));
        Assert.Equal(before, await LedgerAsync());
    }
}

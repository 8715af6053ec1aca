using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Whose turn it is in a scope, and that at most one request is on its way to say so.</summary>
public abstract partial class WriterSpecification
{
    private static readonly TimeSpan Settled = new ImportOptions().SweepInterval * 2;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Runs_start_in_the_order_in_which_they_were_asked_for(int secondsApart)
    {
        var busy = await OpenAsync();
        var asked = await AskAsync(6, TimeSpan.FromSeconds(secondsApart));
        var order = await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == Worker.ScopeId && r.State == RunState.Queued)
            .OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).Select(r => r.IdempotencyKey).ToListAsync(Cancel));
        await Worker.ConcludeAsync(busy);

        var started = new List<string>();
        while (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel) is { } nudge)
        {
            Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
            var run = Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(nudge)).Run;
            started.Add(run.Request.IdempotencyKey);
            Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
            await Worker.ConcludeAsync(run);
        }

        Assert.Equal(order, started);
        if (secondsApart > 0)
        {
            Assert.Equal(asked.Select(r => r.IdempotencyKey), started);
        }
    }

    [Fact]
    public async Task A_request_that_comes_to_a_free_scope_does_not_overtake_those_that_wait_and_wakes_the_first_of_them()
    {
        var busy = await OpenAsync();
        var asked = await AskAsync(2, TimeSpan.FromSeconds(1));
        await Worker.ConcludeAsync(busy);

        var late = Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(Worker.Request(), mayWork: true, Cancel));
        var later = Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(Worker.Request(), mayWork: true, Cancel));

        Assert.Equal(asked[0], late.Next?.Request);
        Assert.Null(later.Next);
        Assert.Equal(asked[0].IdempotencyKey, Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(late.Next!)).Run.Request.IdempotencyKey);
    }

    [Fact]
    public async Task A_nudge_of_a_run_that_is_completed_and_announced_does_nothing()
    {
        var run = await OpenAsync();
        await Worker.ConcludeAsync(run);
        var nudge = run.Request with { IsNudge = true };

        Assert.IsType<ImportOutcome.WasCompleted>(await Worker.Runs.OpenAsync(nudge, mayWork: true, Cancel));
        await Worker.Runs.AnnouncedAsync([run.RunId], Cancel);

        Assert.Equal(new ImportOutcome.NothingToDo(), await Worker.Runs.OpenAsync(nudge, mayWork: true, Cancel));
        Assert.Equal(new ImportOutcome.NothingToDo(), await Worker.Runs.OpenAsync(nudge with { NudgedAt = Worker.Clock.GetUtcNow() }, mayWork: true, Cancel));

        // An operator's replay announces, and passes no turn to the one that waits.
        await AskWhileBusyAsync();
        var replayed = Assert.IsType<ImportOutcome.WasCompleted>(await Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel));
        Assert.Null(replayed.Next);
        Assert.Equal(new ImportOutcome.NothingToDo(), await Worker.Runs.OpenAsync(nudge, mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_request_whose_run_another_worker_carries_out_before_it_can_start_it_itself_announces_nothing()
    {
        await Worker.RunAsync(_ => Task.CompletedTask);
        var request = Worker.Request();
        await using var another = NewWorker();
        Faults.AfterCommit(async () =>
        {
            var other = Assert.IsType<ImportOutcome.Claimed>(await another.Runs.OpenAsync(request with { IsNudge = true }, mayWork: true, Cancel)).Run;
            await another.ConcludeAsync(other);
        });

        Assert.Equal(new ImportOutcome.NothingToDo(), await Worker.Runs.OpenAsync(request, mayWork: true, Cancel));
        Assert.IsType<ImportOutcome.WasCompleted>(await Worker.Runs.OpenAsync(request, mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_nudge_whose_run_has_gone_another_way_brings_the_turn_to_the_next_one()
    {
        var (nudge, second) = await NudgeOfOneReplayedAsync();

        // Whoever leaves the scope sees that a nudge is on its way, and does not send another.
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
        var brought = Assert.IsType<ImportOutcome.NothingToDo>(await ReceiveAsync(nudge));

        Assert.Equal(second, brought.Next?.Request);
        Assert.Equal(new ImportOutcome.NothingToDo(), await ReceiveAsync(nudge));
        Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(brought.Next!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_nudge_wakes_neither_a_run_that_failed_meanwhile_nor_one_that_was_cancelled(bool cancelled)
    {
        var run = await OpenAsync();
        await (cancelled ? Worker.Runs.CancelAsync(run, Cancel) : Worker.Runs.FailAsync(run, new RunFailure("hokify is away"), Cancel));
        var before = await RunRowAsync(run.RunId);

        Assert.Equal(new ImportOutcome.NothingToDo(), await Worker.Runs.OpenAsync(run.Request with { IsNudge = true }, mayWork: true, Cancel));

        Assert.Equal((before.State, before.ResumeAt), ((await RunRowAsync(run.RunId)).State, (await RunRowAsync(run.RunId)).ResumeAt));
        Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_failed_run_blocks_nobody_during_its_pause_and_goes_before_all_asked_for_later_when_it_is_over()
    {
        var failed = await OpenAsync();
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        var asked = await AskAsync(3, TimeSpan.FromSeconds(1));
        await Worker.Runs.FailAsync(failed, new RunFailure("hokify is away"), Cancel);

        var between = Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync((await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))!)).Run;
        Worker.Clock.Advance(TimeSpan.FromSeconds(30));
        await Worker.Runs.InterruptAsync(between, isSentAgain: true, Cancel);

        // The one under way keeps the scope; then comes the one whose pause is over.
        between = Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync((await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))!)).Run;
        await Worker.ConcludeAsync(between);
        var resumed = Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync((await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))!)).Run;
        await Worker.ConcludeAsync(resumed);

        Assert.Equal((asked[0], failed.RunId), (between.Request with { IsNudge = false, NudgedAt = null }, resumed.RunId));
        Assert.Equal(asked[1], (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))?.Request);
    }

    [Fact]
    public async Task A_nudge_that_was_lost_is_sent_again_once_nothing_can_be_in_the_queue_any_more()
    {
        var (first, _) = await AskWhileBusyAsync();
        Worker.Clock.Advance(Settled);
        Assert.NotNull(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
        Assert.Empty(await SweepAsync());

        Worker.Clock.Advance(Settled + TimeSpan.FromSeconds(1));

        Assert.Empty(await SweepAsync(isQueueEmpty: false));
        Assert.Equal(first, Assert.Single(await SweepAsync()).Request);
        Assert.Empty(await SweepAsync());
        Worker.Clock.Advance(Settled * 30);
        Assert.Equal(first, Assert.Single(await SweepAsync(isQueueEmpty: false)).Request);
    }

    [Fact]
    public async Task A_sweep_takes_one_run_of_a_scope_however_many_wait_and_none_where_somebody_works()
    {
        var busy = await OpenAsync();
        var asked = await AskAsync(20, TimeSpan.FromSeconds(1));
        Worker.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await SweepAsync());

        await Worker.ConcludeAsync(busy);
        Worker.Clock.Advance(Settled);

        Assert.Equal(asked[0], Assert.Single(await SweepAsync()).Request);
    }

    [Fact]
    public async Task A_nudge_that_could_not_be_sent_is_left_to_the_next_sweep()
    {
        var (first, _) = await AskWhileBusyAsync();

        await Worker.Turns.TakeBackAsync((await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))!, Cancel);

        Assert.Equal(first, Assert.Single(await SweepAsync()).Request);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_seemed_dead_has_lost_the_scope_when_its_run_was_cancelled_or_refused_meanwhile(bool refused)
    {
        var silent = await OpenAsync();
        await Worker.Services.GetRequiredService<RunControl>().RequestCancellationAsync(silent.RunId, Cancel);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        if (refused)
        {
            await Worker.Runs.RefuseAsync(Worker.ScopeId, silent.Request.IdempotencyKey, null, new RequestRefusedException(nameof(ImportRequest.ScopeId), "The scope is gone."), Cancel);
        }
        else
        {
            Assert.IsType<ImportOutcome.NothingToDo>(await Worker.Runs.OpenAsync(silent.Request with { IsNudge = true }, mayWork: true, Cancel));
        }

        Assert.Null(await Worker.QueryAsync(db => db.Scopes.Where(s => s.ScopeId == Worker.ScopeId).Select(s => s.LeaseOwner).SingleAsync(Cancel)));
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(silent, Record.Application("a1")));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.ConcludeAsync(silent));
    }

    [Fact]
    public async Task A_worker_that_died_leaves_the_scope_to_its_own_run()
    {
        var died = await OpenAsync();
        Worker.Clock.Advance(LeaseDuration + TimeSpan.FromSeconds(1));

        var other = Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(Worker.Request(), mayWork: true, Cancel));

        Assert.Equal(died.Request, other.Next?.Request);
        Assert.Equal(died.RunId, Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(other.Next!)).Run.RunId);
    }

    /// <summary>A nudge that is under way for a run that was replayed meanwhile and has ended, and the request behind it.</summary>
    private async Task<(Nudge Nudge, ImportRequest Next)> NudgeOfOneReplayedAsync()
    {
        var (first, second) = await AskWhileBusyAsync();
        var nudge = (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))!;
        var replayed = Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(first, mayWork: true, Cancel)).Run;
        await Worker.ConcludeAsync(replayed);
        await Worker.Runs.AnnouncedAsync([replayed.RunId], Cancel);
        return (nudge, second);
    }

    /// <summary>Two requests that came while another was worked on, which has ended by now.</summary>
    private async Task<(ImportRequest First, ImportRequest Second)> AskWhileBusyAsync()
    {
        var busy = await OpenAsync();
        var asked = await AskAsync(2, TimeSpan.FromSeconds(1));
        await Worker.ConcludeAsync(busy);
        return (asked[0], asked[1]);
    }

    private async Task<List<ImportRequest>> AskAsync(int count, TimeSpan apart)
    {
        var asked = new List<ImportRequest>();
        for (var index = 0; index < count; index++)
        {
            asked.Add(Worker.Request());
            Assert.Null(Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(asked[^1], mayWork: true, Cancel)).Next);
            Worker.Clock.Advance(apart);
        }

        return asked;
    }

    private Task<ImportOutcome> ReceiveAsync(Nudge nudge) => Worker.Runs.OpenAsync(ImportWorker.Received(nudge), mayWork: true, Cancel);

    private async Task<List<Nudge>> SweepAsync(bool isQueueEmpty = true) =>
        [.. (await Worker.Turns.ClaimStaleAsync(isQueueEmpty, Cancel).ToListAsync(Cancel)).Where(n => n.Request.ScopeId == Worker.ScopeId)];
}

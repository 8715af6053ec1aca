using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>
/// Nothing is decided by how many rows a statement says it has changed: SQL Server says -1 under NOCOUNT, and a trigger of somebody's
/// adds what it has done, for a statement that has changed nothing, too.
/// </summary>
public abstract partial class WriterSpecification
{
    private const int UnderNoCount = -1;
    private const int WithTriggers = 3;

    [Theory]
    [InlineData(UnderNoCount)]
    [InlineData(WithTriggers)]
    public async Task A_scope_is_one_workers_whatever_counts_say(int count)
    {
        await using var other = NewWorker(Faults);
        Faults.FalseCount = count;
        var run = await OpenAsync();

        Assert.IsType<ImportOutcome.Waiting>(await other.Runs.OpenAsync(run.Request, mayWork: true, Cancel));
        Assert.IsType<ImportOutcome.Waiting>(await other.Runs.OpenAsync(other.Request(), mayWork: true, Cancel));
        await Worker.Transactions.RenewAsync(run.Lease, Cancel);
        await WriteAsync(run, Record.Application("a1"));

        Worker.Clock.Advance(LeaseDuration + TimeSpan.FromSeconds(1));
        var successor = await other.OpenAsync(run.Request.IdempotencyKey);
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Transactions.RenewAsync(run.Lease, Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(run, Record.Application("a2")));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Runs.CancelAsync(run, Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.ConcludeAsync(run));
        Assert.Equal(successor.Lease.Owner, (await ScopeAsync()).LeaseOwner);

        await other.Writer.WriteAsync(successor, Record.Batch(Record.Ready(Record.Application("a3"))), Cancel);
        await other.ConcludeAsync(successor);
        Assert.Equal((RunState.Completed, null), ((await RunRowAsync(run.RunId)).State, (await ScopeAsync()).LeaseOwner));
        Assert.Equal(["a1", "a3"], (await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).Select(p => p.ReferenceId).ToListAsync(Cancel))).Order());
    }

    [Theory]
    [InlineData(UnderNoCount)]
    [InlineData(WithTriggers)]
    public async Task A_turn_is_taken_and_received_once_whatever_counts_say(int count)
    {
        var (first, second) = await AskWhileBusyAsync();
        Faults.FalseCount = count;

        var nudge = await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel);
        Assert.Equal(first, nudge?.Request);
        Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
        Assert.Empty(await SweepAsync());
        var run = Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(nudge!)).Run;
        Assert.Null(Assert.IsType<ImportOutcome.Waiting>(await ReceiveAsync(nudge!)).Next);
        Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));
        await Worker.ConcludeAsync(run);

        Worker.Clock.Advance(Settled + TimeSpan.FromSeconds(1));
        Assert.Equal(second, Assert.Single(await SweepAsync()).Request);
        Assert.Empty(await SweepAsync());
    }

    [Theory]
    [InlineData(UnderNoCount)]
    [InlineData(WithTriggers)]
    public async Task A_run_is_cancelled_and_woken_as_it_stands_whatever_counts_say(int count)
    {
        var control = Worker.Services.GetRequiredService<RunControl>();
        var (first, _) = await AskWhileBusyAsync();
        var waiting = await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.IdempotencyKey == first.IdempotencyKey).Select(r => r.Id).SingleAsync(Cancel));
        Faults.FalseCount = count;

        Assert.Equal((null, null), await control.RequestCancellationAsync(Guid.NewGuid(), Cancel));
        Assert.False(await control.WakeAsync(waiting, place: null, Cancel));
        Assert.Equal((RunState.Cancelled, Worker.ScopeId), await control.RequestCancellationAsync(waiting, Cancel));
        Assert.Equal((RunState.Cancelled, null), await control.RequestCancellationAsync(waiting, Cancel));
        Assert.True(await control.WakeAsync(waiting, place: null, Cancel));
        Assert.False(await control.WakeAsync(waiting, place: null, Cancel));

        var run = Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(first, mayWork: true, Cancel)).Run;
        Assert.Equal((RunState.Running, null), await control.RequestCancellationAsync(run.RunId, Cancel));
        await WriteAsync(run, Record.Application("a1"));
        Assert.True(run.Progress.IsCancelled);
        await Worker.Runs.CancelAsync(run, Cancel);
        Assert.Equal(RunState.Cancelled, (await RunRowAsync(run.RunId)).State);
    }

    [Theory]
    [InlineData(UnderNoCount)]
    [InlineData(WithTriggers)]
    public async Task An_event_is_announced_again_by_one_process_whatever_counts_say(int count)
    {
        var run = await OpenAsync();
        await Worker.ConcludeAsync(run);
        Worker.Clock.Advance(Settled + TimeSpan.FromSeconds(1));
        Faults.FalseCount = count;

        Assert.NotNull(await Worker.Runs.TakeUnannouncedAsync(run.RunId, Cancel));
        Assert.Null(await Worker.Runs.TakeUnannouncedAsync(run.RunId, Cancel));
        await Worker.Runs.AnnouncedAsync([run.RunId], Cancel);
        Worker.Clock.Advance(Settled + TimeSpan.FromSeconds(1));
        Assert.Null(await Worker.Runs.TakeUnannouncedAsync(run.RunId, Cancel));
        Assert.Null(await Worker.Runs.TakeUnannouncedAsync(Guid.NewGuid(), Cancel));
    }

    [Theory]
    [InlineData(UnderNoCount)]
    [InlineData(WithTriggers)]
    public async Task Parked_records_are_counted_as_they_are_whatever_counts_say(int count)
    {
        await using var worker = NewWorker(Faults);
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("r1"), Record.Rejected("r2")), Cancel);
        await Worker.ConcludeAsync(run);
        await Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.RunId == run.RunId).ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Parked), Cancel));
        var records = worker.Services.GetRequiredService<WaitingChanges>();
        Faults.FalseCount = count;

        Assert.Equal((0, 2, 0), (await ReopenAsync(records, Guid.NewGuid()), await ReopenAsync(records, run.RunId), await ReopenAsync(records, run.RunId)));
    }

    [Fact]
    public async Task What_an_operator_asked_for_is_answered_as_done_when_only_the_answer_of_its_commit_was_lost()
    {
        var control = Worker.Services.GetRequiredService<RunControl>();
        var request = Worker.Request();

        var (registered, isNew) = await LosingAsync(() => Worker.Runs.RegisterAsync(request, place: null, Cancel));
        Assert.True(isNew);
        Assert.Equal((RunState.Cancelled, Worker.ScopeId), await LosingAsync(() => control.RequestCancellationAsync(registered.Id, Cancel)));
        Assert.True(await LosingAsync(() => control.WakeAsync(registered.Id, place: null, Cancel)));
        Assert.Equal(request, (await LosingAsync(() => Worker.Turns.TakeAsync(Worker.ScopeId, Cancel)))?.Request);
        Assert.Null(await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel));

        async Task<T> LosingAsync<T>(Func<Task<T>> ask)
        {
            Worker.Clock.Advance(TimeSpan.FromSeconds(1));
            Faults.AfterCommit(new TimeoutException());
            return await ask();
        }
    }

    [Fact]
    public async Task A_turn_that_is_sent_on_with_a_commit_whose_answer_was_lost_is_sent_all_the_same()
    {
        var (nudge, second) = await NudgeOfOneReplayedAsync();
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        Faults.AfterCommit(new TimeoutException());

        var brought = Assert.IsType<ImportOutcome.NothingToDo>(await ReceiveAsync(nudge));

        Assert.Equal(second, brought.Next?.Request);
        Assert.IsType<ImportOutcome.Claimed>(await ReceiveAsync(brought.Next!));
    }
}

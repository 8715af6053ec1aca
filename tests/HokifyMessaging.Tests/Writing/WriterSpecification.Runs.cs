using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Who may work on a scope, and what a request leads to whose key is known.</summary>
public abstract partial class WriterSpecification
{
    private static readonly TimeSpan LeaseDuration = new ImportOptions().LeaseDuration;

    [Fact]
    public async Task A_new_key_creates_a_run_and_claims_the_scope()
    {
        var run = await Worker.OpenAsync("new " + Worker.ScopeId);

        var row = await RunRowAsync(run.RunId);
        Assert.Equal((RunState.Running, RunPhase.Retrying, run.Lease.Fence), (row.State, row.Phase, row.Fence));
        Assert.Equal((null, Worker.Clock.GetUtcNow(), Worker.Clock.GetUtcNow()), (row.WindowFrom, row.WindowTo, row.StartedAt));
        var scope = await ScopeAsync();
        Assert.Equal((run.Lease.Owner, run.RunId, Worker.Clock.GetUtcNow() + LeaseDuration), (scope.LeaseOwner, scope.LeaseRunId, scope.LeaseExpiresAt));
    }

    [Fact]
    public async Task A_known_key_with_another_request_is_refused_with_the_members_that_differ()
    {
        var request = Worker.Request("reused " + Worker.ScopeId);
        var run = await Worker.OpenAsync(request.IdempotencyKey);

        var exception = await Assert.ThrowsAsync<IdempotencyKeyReusedException>(
            () => Worker.Runs.OpenAsync(request with { ImportMode = ImportMode.Incremental, UnixSecondsFrom = 1_760_000_000m, RequestedBy = "another" }, mayWork: true, Cancel));

        Assert.Equal(
            $"The idempotency key '{request.IdempotencyKey}' belongs to run {run.RunId}, whose request differs: ImportMode (was Full, now Incremental), UnixSecondsFrom (was nothing, now 1760000000). Use a new key for a new request.",
            exception.Message);
        Assert.Equal(RunState.Running, (await RunRowAsync(run.RunId)).State);
    }

    [Fact]
    public async Task A_request_is_equal_to_itself_with_as_many_digits_as_it_may_have()
    {
        var message = new HokifyImportRequested { ScopeId = Worker.ScopeId, UnixSecondsFrom = 1_760_000_000.123456789123m };
        var request = ImportRequest.From(message, "digits " + Worker.ScopeId, [Worker.ScopeId], Worker.Clock.GetUtcNow());
        Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(request, mayWork: true, Cancel));

        Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(request, mayWork: true, Cancel));

        // What a database with nine digits gives back is what was asked for.
        Assert.Equal(decimal.Round(request.UnixSecondsFrom!.Value, 9), request.UnixSecondsFrom);
    }

    [Fact]
    public async Task A_completed_run_answers_with_its_stored_event()
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1"));
        var completed = await Worker.ConcludeAsync(run);
        Worker.Clock.Advance(TimeSpan.FromDays(1));

        var again = Assert.IsType<ImportOutcome.WasCompleted>(await Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel));

        Assert.Equal(JsonSerializer.Serialize(completed), JsonSerializer.Serialize(again.Event));
        Assert.Null((await ScopeAsync()).LeaseOwner);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_or_interrupted_run_goes_on_at_its_checkpoint_with_what_it_has_counted(bool failed)
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1"));
        await (failed ? Worker.Runs.FailAsync(run, new RunFailure("hokify is away"), Cancel) : Worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel));
        var stopped = await RunRowAsync(run.RunId);
        Assert.Equal(failed ? (RunState.Failed, "hokify is away", 1) : (RunState.Interrupted, null, 0), (stopped.State, stopped.Failure, stopped.Failures));
        Worker.Clock.Advance(TimeSpan.FromMinutes(30));

        await using var other = NewWorker();
        var resumed = await other.OpenAsync(run.Request.IdempotencyKey);

        Assert.Equal((run.RunId, RunPhase.Reading, "behind 1", run.Progress.Steps), (resumed.RunId, resumed.Phase, resumed.Progress.Position.Checkpoint, resumed.Progress.Steps));
        Assert.Equal((run.Progress.Window, run.StartedAt, run.Tally.ToJson()), (resumed.Progress.Window, resumed.StartedAt, resumed.Tally.ToJson()));
        Assert.True(resumed.Lease.Fence > run.Lease.Fence);
        await other.Writer.WriteAsync(resumed, Record.Batch(Record.Ready(Record.Application("a1")), Record.Ready(Record.Application("a2"))), Cancel);
        Assert.Equal("Candidate created 1, Candidate unchanged 1, CandidateProfile created 2", Counts(resumed.Tally));
    }

    [Fact]
    public async Task A_run_that_is_being_worked_on_waits_and_so_does_another_of_its_scope()
    {
        var run = await Worker.OpenAsync();

        Assert.Equal(new ImportOutcome.Waiting(run.RunId), await Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel));
        var second = Worker.Request("second " + Worker.ScopeId);
        var waiting = Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(second, mayWork: true, Cancel));

        Assert.Equal((RunState.Running, RunState.Queued), ((await RunRowAsync(run.RunId)).State, (await RunRowAsync(waiting.RunId)).State));
        await Worker.ConcludeAsync(run);
        Assert.Equal(second, (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))?.Request);
        Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(second, mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_failed_run_that_an_operator_sends_again_while_its_scope_is_busy_gets_its_turn()
    {
        await using var impatient = NewWorker(settings: ("Hokify:Import:FailedRunRetries", "0"));
        var failed = await impatient.OpenAsync();
        await impatient.Runs.FailAsync(failed, new RunFailure("hokify is away"), Cancel);
        Assert.Null((await RunRowAsync(failed.RunId)).ResumeAt);
        var busy = await Worker.OpenAsync();

        Assert.Equal(new ImportOutcome.Waiting(failed.RunId), await Worker.Runs.OpenAsync(failed.Request, mayWork: true, Cancel));

        await Worker.ConcludeAsync(busy);
        Assert.Equal(failed.Request, (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))?.Request);
    }

    [Fact]
    public async Task A_worker_whose_lease_ran_out_is_replaced_and_can_neither_write_nor_end_the_run()
    {
        await ImportAsync(Record.Application("missing"));
        var slow = await OpenAsync();
        await WriteAsync(slow, Record.Application("a1"));
        Worker.Clock.Advance(LeaseDuration + TimeSpan.FromSeconds(1));
        await using var other = NewWorker();
        var successor = await other.OpenAsync(slow.Request.IdempotencyKey);
        var before = (await RowsAsync(), JsonSerializer.Serialize(await RunRowAsync(slow.RunId)), JsonSerializer.Serialize(await ScopeAsync()));

        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(slow, Record.Application("a2")));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.ConcludeAsync(slow));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Runs.InterruptAsync(slow, isSentAgain: true, Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Runs.FailAsync(slow, new RunFailure("reason"), Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.Transactions.RenewAsync(slow.Lease, Cancel));
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.DeleteMissingAsync(slow));

        Assert.Equal(before, (await RowsAsync(), JsonSerializer.Serialize(await RunRowAsync(slow.RunId)), JsonSerializer.Serialize(await ScopeAsync())));
        await other.ConcludeAsync(successor);
        await Assert.ThrowsAsync<LeaseLostException>(() => Worker.ConcludeAsync(slow));
    }

    [Fact]
    public async Task A_lease_that_is_renewed_is_not_taken_over()
    {
        var run = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            Worker.Clock.Advance(LeaseDuration - TimeSpan.FromSeconds(1));
            await WriteAsync(run, Record.Application($"a{i}"));
        }

        Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(Worker.Request(), mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_step_that_landed_before_the_worker_was_replaced_does_not_let_it_go_on()
    {
        var slow = await OpenAsync();
        await using var other = NewWorker();
        Faults.AfterCommit(new TimeoutException());
        Faults.BeforeCommand = command =>
        {
            if (command.CommandText.Contains("RunBatch", StringComparison.Ordinal) && command.CommandText.Contains("SELECT", StringComparison.Ordinal))
            {
                Faults.BeforeCommand = null;
                Worker.Clock.Advance(LeaseDuration + TimeSpan.FromSeconds(1));
                other.OpenAsync(slow.Request.IdempotencyKey).GetAwaiter().GetResult();
            }

            return null;
        };

        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(slow, Record.Application("a1")));

        Assert.Equal("", Counts(slow.Tally));
    }

    [Fact]
    public async Task A_conclusion_that_landed_although_its_client_saw_an_error_is_the_conclusion()
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1"));
        Faults.AfterCommit(new TimeoutException());

        var completed = await Worker.ConcludeAsync(run);

        Assert.Equal(1, completed.Result.CreatedCounts[ElementNames.CandidateProfile]);
        Assert.Equal(JsonSerializer.Serialize(completed), (await RunRowAsync(run.RunId)).CompletedEvent);
    }

    [Fact]
    public async Task A_request_that_meets_a_transient_failure_is_opened_all_the_same()
    {
        Faults.AtCommand("ImportRun", () => new TimeoutException());
        Faults.AtCommand("UPDATE", () => new TimeoutException());

        Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(Worker.Request(), mayWork: true, Cancel));
    }

    [Fact]
    public async Task A_conclusion_moves_the_watermark_gives_the_lease_back_and_forgets_the_steps()
    {
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1"));
        Worker.Clock.Advance(TimeSpan.FromSeconds(10));
        await Worker.ConcludeAsync(run);

        var (scope, row) = (await ScopeAsync(), await RunRowAsync(run.RunId));
        Assert.Equal((run.Progress.Window.To, null, null, null), (scope.Watermark, scope.LeaseOwner, scope.LeaseRunId, scope.LeaseExpiresAt));
        Assert.Equal((RunState.Completed, Worker.Clock.GetUtcNow(), null), (row.State, row.CompletedAt, row.AnnouncedAt));
        Assert.Equal(0, await Worker.QueryAsync(db => db.RunBatches.CountAsync(b => b.RunId == run.RunId, Cancel)));
        await Worker.Runs.AnnouncedAsync([run.RunId], Cancel);
        Assert.Equal(Worker.Clock.GetUtcNow(), (await RunRowAsync(run.RunId)).AnnouncedAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_workers_that_open_at_once_one_claims_and_the_others_wait(bool sameKey)
    {
        var workers = Enumerable.Range(0, 6).Select(_ => NewWorker()).ToList();
        var request = Worker.Request("at once " + Worker.ScopeId);
        using var start = new Barrier(workers.Count);

        var openings = await Task.WhenAll(workers.Select((worker, i) => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Cancel);
                return worker.Runs.OpenAsync(sameKey ? request : request with { IdempotencyKey = $"{request.IdempotencyKey} {i}" }, mayWork: true, Cancel);
            },
            Cancel,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));

        var claimed = Assert.Single(openings.OfType<ImportOutcome.Claimed>());
        Assert.Equal(workers.Count - 1, openings.OfType<ImportOutcome.Waiting>().Count());
        Assert.Equal(sameKey ? 1 : workers.Count, await Worker.QueryAsync(db => db.ImportRuns.CountAsync(r => r.ScopeId == Worker.ScopeId, Cancel)));
        Assert.Equal((1, claimed.Run.RunId), ((await ScopeAsync()).Fence, (await ScopeAsync()).LeaseRunId));
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_a_full_read_did_not_find_is_deleted_with_the_people_who_have_nothing_left()
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("a2", "p1"), Record.Application("b1", "p2"), Record.Application("c1", "p3"));
        var run = await OpenAsync();
        await WriteAsync(run, Record.Application("a1", "p1"), Record.Application("c1", "p3"));

        Assert.True(await Worker.Missing.AnyAsync(run, Cancel));
        Assert.True(await Worker.DeleteMissingAsync(run));
        Assert.False(await Worker.Missing.AnyAsync(run, Cancel));
        await Worker.ConcludeAsync(run);

        Assert.Equal("Candidate deleted 1, Candidate unchanged 2, CandidateProfile deleted 2, CandidateProfile unchanged 2", Counts(run.Tally));
        Assert.True((await ProfileAsync("b1")) is { IsDeleted: true, Candidate.IsDeleted: true });
        Assert.True((await ProfileAsync("a2")) is { IsDeleted: true, Candidate.IsDeleted: false });
        Assert.Equal("Candidate unchanged 1, CandidateProfile updated 1", Counts(await ImportAsync(Record.Application("a2", "p1"))));
    }

    [Fact]
    public async Task A_run_that_has_begun_keeps_the_scope_between_two_slices()
    {
        var between = await OpenAsync();
        await Worker.Runs.InterruptAsync(between, isSentAgain: true, Cancel);

        Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(Worker.Request("newer" + Worker.ScopeId), mayWork: true, Cancel));

        Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(between.Request, mayWork: true, Cancel));
    }

    [Fact]
    public async Task Of_two_runs_that_have_begun_the_one_under_way_goes_on_and_neither_blocks_the_other_for_good()
    {
        var earlier = await OpenAsync();
        await Worker.Runs.FailAsync(earlier, new RunFailure("hokify is away"), Cancel);
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        var later = await OpenAsync();
        await Worker.Runs.InterruptAsync(later, isSentAgain: true, Cancel);

        // A run that failed, and is asked for while another is between two slices, has left the scope to it.
        var waiting = Assert.IsType<ImportOutcome.Waiting>(await Worker.Runs.OpenAsync(earlier.Request, mayWork: true, Cancel));
        Assert.Equal(later.Request, waiting.Next?.Request);
        later = Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(ImportWorker.Received(waiting.Next!), mayWork: true, Cancel)).Run;
        await Worker.ConcludeAsync(later);

        Assert.Equal(earlier.Request, (await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel))?.Request);
        await Worker.ConcludeAsync(Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(earlier.Request, mayWork: true, Cancel)).Run);
    }

    [Fact]
    public async Task What_another_run_wrote_while_a_full_one_had_failed_is_not_deleted_by_it()
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("b1", "p2"));
        var full = await OpenAsync();
        await WriteAsync(full, Record.Application("a1", "p1"));
        await Worker.Runs.FailAsync(full, new RunFailure("hokify is away"), Cancel);
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        await ImportAsync(Record.Application("new", "p3"));

        var resumed = Assert.IsType<ImportOutcome.Claimed>(await Worker.Runs.OpenAsync(full.Request, mayWork: true, Cancel)).Run;
        Assert.True(await Worker.DeleteMissingAsync(resumed));

        Assert.False((await ProfileAsync("new")).IsDeleted);
        Assert.True((await ProfileAsync("b1")).IsDeleted);
    }

    [Fact]
    public async Task What_the_ledger_alone_still_has_is_deleted_by_the_run_that_wrote_it()
    {
        var gone = Record.Application("gone");
        await ImportAsync(Record.Application("a1", "p1"));
        await FailAsync(gone);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var full = await Worker.OpenAsync();
        Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        await RetryAsync(full, Record.Ready(gone));
        await WriteAsync(full, Record.Application("a1", "p1"));

        Assert.True(await Worker.DeleteMissingAsync(full));

        Assert.True((await ProfileAsync("gone")).IsDeleted);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("b1")]
    public async Task A_record_without_an_id_may_be_any_application_so_none_is_deleted(string? id)
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("b1", "p2"), Record.Application("c1", "p3"));
        var full = await OpenAsync();
        await Worker.Writer.WriteAsync(full, Record.Batch(Record.Ready(Record.Application("a1", "p1")), Record.Rejected(id)), Cancel);

        // A record that has its id is there, however broken it is; what is missing is known.
        Assert.True(await Worker.DeleteMissingAsync(full));

        Assert.Equal((false, id is not null), ((await ProfileAsync("b1")).IsDeleted, (await ProfileAsync("c1")).IsDeleted));
        Assert.Equal(id is null ? 2 : 1, full.Tally.Failed.Values.Sum());
    }

    [Fact]
    public async Task A_dry_run_counts_what_it_would_delete_once_however_short_its_slices_are()
    {
        await ImportAsync(Record.Application("a1", "p1"), Record.Application("b1", "p2"), Record.Application("c1", "p3"), Record.Application("d1", "p4"));
        await using var worker = NewWorker(settings: ("Hokify:Import:BatchSize", "1"));
        var dry = await OpenAsync(worker, dryRun: true);
        await worker.Writer.WriteAsync(dry, Record.Batch(Record.Ready(Record.Application("d1", "p4"))), Cancel);
        var slice = new Queue<bool>([true, false]);

        while (!await worker.DeleteMissingAsync(dry, () => slice.TryDequeue(out var more) && more))
        {
            Assert.True(dry.Tally.Deleted[ElementNames.CandidateProfile] <= 3, "it counts without end");
            slice = new Queue<bool>([true, false]);
        }

        Assert.Equal(3, dry.Tally.Deleted[ElementNames.CandidateProfile]);
        Assert.DoesNotContain("deleted", await RowsAsync(), StringComparison.Ordinal);
    }

    private Task<ScopeState> ScopeAsync() => Worker.QueryAsync(db => db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == Worker.ScopeId, Cancel));
}

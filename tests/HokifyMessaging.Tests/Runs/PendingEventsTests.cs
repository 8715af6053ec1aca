using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Runs;

/// <summary>Events that wait to be published: stored with what they tell of, once, and for one process at a time.</summary>
public sealed class PendingEventsTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly Faults _faults = new();
    private ImportWorker? _worker;

    private ImportWorker Worker => _worker!;

    private PendingEvents Events => Worker.Services.GetRequiredService<PendingEvents>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.MigrateAsync();
        _worker = new ImportWorker(_database.Options, interceptors: _faults);
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_whose_commit_landed_although_its_client_saw_an_error_is_stored_once()
    {
        await using var run = await Worker.OpenAsync();
        _faults.AfterCommit(new TimeoutException());

        await Worker.Runs.FailAsync(run, new RunFailure("hokify is away."), Cancel);

        var (id, failed) = Assert.Single(await StoredAsync());
        Assert.Equal((FailureKind.Failed, run.RunId, run.Request.IdempotencyKey, "hokify is away."), (failed.Kind, failed.RunId, failed.IdempotencyKey, failed.Reason));
        Assert.Equal(7, id.Version);
        Assert.NotNull(failed.ResumesAt);
    }

    [Fact]
    public async Task A_cancellation_whose_commit_landed_although_its_client_saw_an_error_is_stored_once()
    {
        var (run, _) = await Worker.Runs.RegisterAsync(Worker.Request(), place: null, Cancel);
        _faults.AfterCommit(new TimeoutException());

        await Worker.Services.GetRequiredService<RunControl>().RequestCancellationAsync(run.Id, Cancel);

        Assert.Equal(FailureKind.Cancelled, Assert.Single(await StoredAsync()).Event.Kind);
    }

    [Fact]
    public async Task A_run_that_was_to_stop_and_whose_worker_died_is_told_as_cancelled_by_whoever_finds_it()
    {
        var request = Worker.Request();
        await using var run = await Worker.OpenAsync(request.IdempotencyKey);
        Assert.Equal(RunState.Running, (await Worker.Services.GetRequiredService<RunControl>().RequestCancellationAsync(run.RunId, Cancel)).State);
        Assert.Empty(await StoredAsync());
        Worker.Clock.Advance(TimeSpan.FromHours(1));

        var nudge = await Worker.Turns.TakeAsync(Worker.ScopeId, Cancel);
        await Worker.Runs.OpenAsync(ImportWorker.Received(nudge!), mayWork: true, Cancel);

        Assert.Equal((FailureKind.Cancelled, run.RunId), (Assert.Single(await StoredAsync()).Event.Kind, Assert.Single(await StoredAsync()).Event.RunId));
    }

    [Fact]
    public async Task What_the_source_said_stays_out_and_a_long_reason_is_cut()
    {
        await using var run = await Worker.OpenAsync();

        await Worker.Runs.FailAsync(run, new RunFailure(new string('r', 5_000)) { SourceSaid = "Erika Mustermann" }, Cancel);

        var failed = Assert.Single(await StoredAsync()).Event;
        Assert.Equal(1_000, failed.Reason.Length);
        Assert.DoesNotContain("Mustermann", await Worker.QueryAsync(db => db.PendingEvents.Select(e => e.Event).SingleAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_interrupted_or_goes_on_is_no_failure()
    {
        await using var run = await Worker.OpenAsync();

        await Worker.Runs.InterruptAsync(run, isSentAgain: true, Cancel);

        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task Of_two_processes_one_takes_an_event_and_the_other_gets_it_when_the_first_has_been_silent_for_two_sweeps()
    {
        await using var other = new ImportWorker(_database.Options, clock: Worker.Clock);
        var others = other.Services.GetRequiredService<PendingEvents>();
        var id = Guid.NewGuid();
        await Events.StoreAsync(new HokifyImportFailed { Reason = "reason" }, id, Cancel);

        var taken = await Task.WhenAll(Events.TakeAsync(id, Cancel), others.TakeAsync(id, Cancel));
        var meanwhile = (await Events.WaitingAsync(Cancel), await others.TakeAsync(id, Cancel));
        Worker.Clock.Advance(new ImportOptions().SweepInterval * 2.1);
        var later = (await others.WaitingAsync(Cancel), await others.TakeAsync(id, Cancel));
        await others.ReturnAsync(id, Cancel);
        var returned = await Events.TakeAsync(id, Cancel);
        await Events.PublishedAsync(id, Cancel);

        Assert.Single(taken, one => one is not null);
        Assert.Empty(meanwhile.Item1);
        Assert.Null(meanwhile.Item2);
        Assert.Equal([id], later.Item1);
        Assert.NotNull(later.Item2);
        Assert.NotNull(returned);
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task An_event_that_is_stored_again_while_it_waits_waits_once()
    {
        var id = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Events.StoreAsync(new HokifyImportFailed { Reason = "reason" }, id, Cancel)));

        Assert.Equal(id, Assert.Single(await StoredAsync()).Id);
    }

    [Fact]
    public async Task Whoever_waits_is_woken_once_by_all_that_was_stored_meanwhile()
    {
        Events.Ring();
        Events.Ring();

        await Events.WaitAsync(TimeSpan.FromHours(1), Cancel);
        var second = Events.WaitAsync(TimeSpan.FromHours(1), Cancel);
        Assert.False(second.IsCompleted);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        await second;
    }

    [Fact]
    public void The_id_of_a_refusal_is_a_version_5_uuid_of_scope_key_and_reason()
    {
        var refused = new HokifyImportFailed { ScopeId = 1, IdempotencyKey = "k", Reason = "r" };
        Guid[] ids =
        [
            FailureId.Of(refused, null), FailureId.Of(refused with { ScopeId = 2 }, null), FailureId.Of(refused with { ScopeId = null }, null),
            FailureId.Of(refused with { IdempotencyKey = "k/r" }, null), FailureId.Of(refused with { Reason = "s" }, null), FailureId.Of(refused with { IdempotencyKey = null }, "m"),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((5, 0x8), (id.Version, id.Variant & 0xC)));
        Assert.Equal(ids[0], FailureId.Of(refused with { At = TimeProvider.System.GetUtcNow() }, "another"));
        Assert.NotEqual(FailureId.Of(refused with { IdempotencyKey = null }, null), FailureId.Of(refused with { IdempotencyKey = null }, null));
    }

    private Task<List<(Guid Id, HokifyImportFailed Event)>> StoredAsync() => Worker.QueryAsync(async db =>
        (await db.PendingEvents.AsNoTracking().OrderBy(e => e.CreatedAt).ToListAsync(Cancel)).ConvertAll(e => (e.Id, PendingEvents.EventOf(e.Event))));
}

using CsCheck;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>
/// The lives of a few runs of one scope, in which two processes do at random, and at the same time, what workers, publishers, operators and
/// the sweeper do. Whatever they do, one worker at most has the scope, and in the end every run can be brought to its own.
/// </summary>
public sealed class RunLivesTests : IAsyncLifetime
{
    private const int Keys = 3;

    private readonly SqliteTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>One thing that somebody does.</summary>
    private enum Deed
    {
        Ask,
        Claim,
        Interrupt,
        Fail,
        StopCancelled,
        Conclude,
        Cancel,
        Wake,
        Sweep,
        Wait,
    }

    private static Gen<(Deed Deed, int Key)> Step => Gen.Select(Gen.Enum<Deed>(), Gen.Int[0, Keys - 1]);

    public async ValueTask InitializeAsync() => await _database.MigrateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_scope_has_one_worker_and_every_run_can_come_to_its_end_whatever_two_processes_do()
    {
        var lives = 0;
        await Gen.Select(Step.Array[1, 25], Step.Array[1, 25]).SampleAsync(
            async (first, second) =>
            {
                var name = $"life {Interlocked.Increment(ref lives)}";
                await using var one = new Process(_database, name);
                await using var other = new Process(_database, name, one.Worker.Clock);
                await Task.WhenAll(Task.Run(() => one.DoAllAsync(first), Cancel), Task.Run(() => other.DoAllAsync(second), Cancel));

                Assert.InRange((one.Holds ? 1 : 0) + (other.Holds ? 1 : 0), 0, 1);
                await EndAsync(one, name);
            },
            iter: Examples.Of(8),
            threads: 1);
    }

    /// <summary>Brings what is left to its end, as the sweeper and a worker would.</summary>
    private static async Task EndAsync(Process process, string name)
    {
        for (var rounds = 0; rounds < 40; rounds++)
        {
            process.Worker.Clock.Advance(TimeSpan.FromHours(2));
            await process.DoAsync(Deed.Sweep, 0);
            await process.DoAsync(Deed.Conclude, 0);
        }

        var left = await process.Worker.QueryAsync(db => db.ImportRuns
            .Where(r => r.IdempotencyKey.StartsWith(name + "/") && r.State != RunState.Completed && r.State != RunState.Cancelled && !(r.State == RunState.Failed && r.ResumeAt == null))
            .Select(r => $"{r.IdempotencyKey} {r.State}").ToListAsync(Cancel));
        Assert.Empty(left);
        Assert.Null(await process.Worker.QueryAsync(db => db.Scopes.Select(s => s.LeaseOwner).SingleOrDefaultAsync(Cancel)));
    }

    /// <summary>One process: it works on one run at a time, and does not know what the other does.</summary>
    private sealed class Process(SqliteTestDatabase database, string name, Microsoft.Extensions.Time.Testing.FakeTimeProvider? clock = null) : IAsyncDisposable
    {
        private RunInProgress? _run;

        public ImportWorker Worker { get; } = new(database.Options, clock: clock);

        /// <summary>Whether this process believes that it has the scope, and has it.</summary>
        public bool Holds => _run is not null && Worker.QueryAsync(db => db.Scopes.AnyAsync(s => s.Fence == _run.Lease.Fence && s.LeaseOwner == _run.Lease.Owner, Cancel)).GetAwaiter().GetResult();

        public async Task DoAllAsync((Deed Deed, int Key)[] steps)
        {
            foreach (var (deed, key) in steps)
            {
                await DoAsync(deed, key);
            }
        }

        public async Task DoAsync(Deed deed, int key)
        {
            var request = Worker.Request($"{name}/{key}");
            var control = Worker.Services.GetRequiredService<RunControl>();
            switch (deed)
            {
                case Deed.Ask:
                    await Worker.Runs.RegisterAsync(request, place: null, Cancel);
                    break;
                case Deed.Claim:
                    await ReceiveAsync(request);
                    break;
                case Deed.Interrupt:
                    await LeaveAsync(run => Worker.Runs.InterruptAsync(run, isSentAgain: key == 0, Cancel));
                    break;
                case Deed.Fail:
                    await LeaveAsync(run => Worker.Runs.FailAsync(run, new RunFailure("hokify is away"), Cancel));
                    break;
                case Deed.StopCancelled:
                    await LeaveAsync(run => Worker.Runs.CancelAsync(run, Cancel));
                    break;
                case Deed.Conclude:
                    await LeaveAsync(run => Worker.ConcludeAsync(run));
                    break;
                case Deed.Cancel:
                    await control.RequestCancellationAsync((await Worker.Runs.RegisterAsync(request, place: null, Cancel)).Run.Id, Cancel);
                    break;
                case Deed.Wake:
                    await control.WakeAsync((await Worker.Runs.RegisterAsync(request, place: null, Cancel)).Run.Id, place: null, Cancel);
                    break;
                case Deed.Sweep:
                    await foreach (var nudge in Worker.Turns.ClaimStaleAsync(isQueueEmpty: true, Cancel))
                    {
                        await ReceiveAsync(ImportWorker.Received(nudge));
                    }

                    break;
                case Deed.Wait:
                    Worker.Clock.Advance(TimeSpan.FromSeconds(40));
                    break;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await (_run?.DisposeAsync() ?? ValueTask.CompletedTask);
            await Worker.DisposeAsync();
        }

        private async Task ReceiveAsync(ImportRequest? request)
        {
            while (request is not null && _run is null)
            {
                switch (await Worker.Runs.OpenAsync(request, mayWork: true, Cancel))
                {
                    case ImportOutcome.Claimed(var run):
                        _run = run;
                        return;
                    case ImportOutcome.Waiting(_, var next):
                        request = Next(next);
                        break;
                    case ImportOutcome.NothingToDo(var next):
                        request = Next(next);
                        break;
                    case ImportOutcome.WasCompleted(_, var next):
                        request = Next(next);
                        break;
                }
            }

            static ImportRequest? Next(Nudge? nudge) => nudge is null ? null : ImportWorker.Received(nudge);
        }

        private async Task LeaveAsync(Func<RunInProgress, Task> leave)
        {
            if (_run is not { } run)
            {
                return;
            }

            try
            {
                await leave(run);
            }
            catch (LeaseLostException)
            {
                // The other has taken over.
            }

            await run.DisposeAsync();
            _run = null;
        }
    }
}

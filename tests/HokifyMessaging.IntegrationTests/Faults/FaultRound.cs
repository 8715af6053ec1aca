using System.Collections.Concurrent;
using System.Diagnostics;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>One round: everything goes wrong at once, then nothing does, and then everything must be as if nothing ever had.</summary>
internal sealed class FaultRound : IDisposable
{
    private readonly FaultPlan _plan;
    private readonly Installation _site;
    private readonly FaultBroker _broker;
    private readonly FaultLog _log;
    private readonly Worker[] _workers;
    private readonly ConcurrentDictionary<string, HokifyImportRequested> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _askedOtherwise = new();

    private FaultRound(FaultPlan plan, Installation site, FaultBroker broker, FaultLog log)
    {
        (_plan, _site, _broker, _log) = (plan, site, broker, log);
        _workers = [new Worker(site, log, "first process"), new Worker(site, log, "second process")];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="plan">What is done.</param>
    /// <param name="node">The broker that it is done with.</param>
    /// <param name="plant">What a test of the round itself spoils before all is looked at.</param>
    /// <returns>What went wrong, with all that is needed to see it again; null where nothing did.</returns>
    public static async Task<string?> RunAsync(FaultPlan plan, RabbitMqNode node, Func<HokifyDatabase, Task>? plant = null)
    {
        var log = new FaultLog();
        await using var host = await node.Broker.CreateVirtualHostAsync(Cancel);
        await using var site = await StartSiteAsync(plan, host);
        try
        {
            using var round = new FaultRound(plan, site, new FaultBroker(node, host), log);
            await round.DisturbAsync();
            await round.SettleAsync();
            await (plant?.Invoke(site.Database) ?? Task.CompletedTask);
            await round.JudgeAsync();
            return null;
        }
        catch (Exception fault) when (!Cancel.IsCancellationRequested)
        {
            return $"{fault.Message}\n\nThe plan, {plan}\n\nWhat was done:\n{log}\n\nWhat the processes printed last:\n"
                + string.Join("\n--\n", site.Processes.Select(process => $"{process.Id}: " + string.Join('\n', process.Lines.TakeLast(60))));
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }

    private static async Task<Installation> StartSiteAsync(FaultPlan plan, BrokerVirtualHost host)
    {
        var site = await Installation.StartAsync(plan.Applications, options =>
        {
            options.Seed = plan.Seed;
            // What moves must move past the watermarks, which are real.
            options.Clock = TimeProvider.System;
            options.MaxLimit = plan.PageLimit;
            options.Order = plan.Order;
            options.DeadToken = plan.DeadToken;
            options.Mandators.Add(new SandboxMandator(Mandator(2), "demo-token") { Applications = plan.Applications / 2 });
        });
        site.AddScope(2, Mandator(2), "demo-token");
        site.Use(host);
        site.LeaseFor(Installation.Short);
        // Batches, slices and waits are short, so that there is a lot to interrupt.
        site.Settings["Hokify:Import:SliceDuration"] = "00:00:01";
        site.Settings["Hokify:Import:SweepInterval"] = "00:00:00.500";
        site.Settings["Database:CommandTimeout"] = "00:00:03";
        site.Settings["Transport:PublishTimeout"] = "00:00:03";
        site.Settings["Transport:StopTimeout"] = "00:00:05";
        return site;
    }

    private static string Mandator(int scopeId) => scopeId == 1 ? "demo" : $"demo{scopeId}";

    private async Task DisturbAsync()
    {
        await _broker.SubscribeAsync();
        foreach (var worker in _workers)
        {
            await worker.KeepAsync();
        }

        await _broker.AwaitConsumerAsync();
        var disturbing = Task.WhenAll(_plan.Lanes.Select(lane => Task.Run(
            async () =>
            {
                foreach (var deed in lane.Deeds)
                {
                    await Task.Delay(deed.After, Cancel);
                    _log.Note(lane.Name, $"{deed}");
                    await DoAsync(deed, lane.Name);
                }
            },
            Cancel)));
        await Task.WhenAll([disturbing, .. _workers.Select(worker => SuperviseAsync(worker, disturbing))]);
    }

    /// <summary>A process that ends because it cannot start, for example while the database is locked, is started again as in any place where it serves.</summary>
    private static async Task SuperviseAsync(Worker worker, Task disturbing)
    {
        while (!disturbing.IsCompleted)
        {
            await worker.KeepAsync();
            await Task.WhenAny(disturbing, Task.Delay(TimeSpan.FromMilliseconds(500), Cancel));
        }
    }

    private Task DoAsync(Deed deed, string lane)
    {
        var worker = _workers[lane == "second process" ? 1 : 0];
        return deed switch
        {
            Deed.Ask ask => AskAsync(ask, lane),
            Deed.AskAgain(_, var choice) => AskAgainAsync(choice, lane),
            Deed.AskOtherwise(_, var choice) => AskOtherwiseAsync(choice, lane),
            Deed.Kill(_, var away) => worker.KillAsync(away),
            Deed.Pause(_, var length) => worker.PauseAsync(length),
            Deed.Terminate(_, var away) => worker.TerminateAsync(away),
            Deed.TerminateYoung(_, var age) => worker.TerminateYoungAsync(age),
            Deed.StopBroker => _broker.StopAndStartAsync(),
            Deed.KillBroker => _broker.KillAndStartAsync(),
            Deed.PauseBroker(_, var length) => _broker.PauseAsync(length),
            Deed.CutConnections => CutAsync(lane),
            Deed.FailHokify(_, var kind, var times, var before) => Do(() => _site.Sandbox.Faults.Add(new SandboxFault(kind)
            {
                Times = times,
                After = before,
                Delay = TimeSpan.FromMilliseconds(700),
                RetryAfterSeconds = times % 3 - 1,
            })),
            Deed.MoveHokify(_, var scope, var added, var changed, var withdrawn, var erased) =>
                Do(() => _site.Sandbox.Advance(added, changed, withdrawn, erased, Mandator(scope))),
            Deed.LockDatabase(_, var length) => LockAsync(length, lane),
            _ => throw new UnreachableException(),
        };

        static Task Do(Action act)
        {
            act();
            return Task.CompletedTask;
        }
    }

    private async Task AskAsync(Deed.Ask ask, string lane)
    {
        var request = new HokifyImportRequested
        {
            IdempotencyKey = $"request {ask.Number}",
            ScopeId = ask.ScopeId,
            ImportMode = ask.Mode,
            UnixSecondsFrom = ask.DaysBack is { } days ? TimeProvider.System.GetUtcNow().AddDays(-days).ToUnixTimeSeconds() : null,
            DryRun = ask.DryRun,
        };
        await _broker.PublishAsync(request, _log, lane);
        _asked[request.IdempotencyKey] = request;
    }

    private Task AskAgainAsync(int choice, string lane) =>
        _asked.IsEmpty ? Task.CompletedTask : _broker.PublishAsync(Chosen(choice), _log, lane);

    private async Task AskOtherwiseAsync(int choice, string lane)
    {
        // Before the run is stored, the other content could become the run, and the first be refused.
        if (_asked.IsEmpty || !await _site.Database.IsAsync(Chosen(choice).IdempotencyKey!, _ => true))
        {
            return;
        }

        var request = Chosen(choice);
        _askedOtherwise[request.IdempotencyKey!] = true;
        await _broker.PublishAsync(request with { DryRun = !request.DryRun }, _log, lane);
    }

    private HokifyImportRequested Chosen(int choice)
    {
        var keys = _asked.Keys.Order(StringComparer.Ordinal).ToList();
        return _asked[keys[choice % keys.Count]];
    }

    private async Task CutAsync(string lane)
    {
        try
        {
            _log.Note(lane, $"{await _broker.CutConnectionsAsync()} connections cut");
        }
        catch (HttpRequestException)
        {
            _log.Note(lane, "the management API does not answer");
        }
    }

    private async Task LockAsync(int milliseconds, string lane)
    {
        await using var connection = new SqliteConnection($"{_site.Database.ConnectionString};Pooling=False;Default Timeout=60");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync(Cancel);
        _log.Note(lane, "locked");
        await Task.Delay(milliseconds, Cancel);
        command.CommandText = "ROLLBACK";
        await command.ExecuteNonQueryAsync(Cancel);
        _log.Note(lane, "unlocked");
    }

    /// <summary>Nothing disturbs any more: all that was asked for comes to its end, and one more incremental import brings what is still missing.</summary>
    private async Task SettleAsync()
    {
        _site.SpeedUp();
        foreach (var worker in _workers)
        {
            await worker.KeepAsync();
            await worker.UntilStartedAsync();
        }

        await UntilAllHaveEndedAsync();
        foreach (var scope in Enumerable.Range(1, FaultPlan.Scopes))
        {
            _site.Sandbox.Advance(@new: 2, changed: 3, mandator: Mandator(scope));
            var last = new HokifyImportRequested { IdempotencyKey = $"last of scope {scope}", ScopeId = scope };
            await _broker.PublishAsync(last, _log, "publisher");
            _asked[last.IdempotencyKey] = last;
        }

        await UntilAllHaveEndedAsync();
    }

    /// <summary>An operator watches: what has failed as a whole is asked for again, by what the error queue tells too.</summary>
    private async Task UntilAllHaveEndedAsync()
    {
        var waited = Stopwatch.StartNew();
        var askedAgain = new Dictionary<string, TimeSpan>();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var runs = await _site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel));
            var open = _asked.Keys.Where(key => runs.SingleOrDefault(run => run.IdempotencyKey == key) is not { State: RunState.Completed, AnnouncedAt: not null }).ToList();
            if (open.Count == 0)
            {
                return;
            }

            Assert.True(waited.Elapsed < HokifyProcess.Patience, "stuck: " + string.Join(", ", open.Select(key => $"{key} is {Words(runs.SingleOrDefault(run => run.IdempotencyKey == key))}")));
            var failed = runs.Where(run => run.State == RunState.Failed).Select(run => run.IdempotencyKey);
            var toldInErrors = waited.Elapsed < TimeSpan.FromSeconds(5) ? [] : open.Where(key => runs.All(run => run.IdempotencyKey != key)).Intersect(await KeysInErrorsAsync());
            foreach (var key in failed.Concat(toldInErrors))
            {
                if (!askedAgain.TryGetValue(key, out var before) || waited.Elapsed - before > TimeSpan.FromSeconds(10))
                {
                    askedAgain[key] = waited.Elapsed;
                    _log.Note("operator", $"asks for {key} again, which is {Words(runs.SingleOrDefault(run => run.IdempotencyKey == key))}");
                    await _broker.PublishAsync(_asked[key], _log, "operator");
                }
            }

            await look.WaitForNextTickAsync(Cancel);
        }
    }

    private async Task<List<string>> KeysInErrorsAsync() => [.. (await _broker.ErrorsAsync()).Select(Aftermath.KeyOf).OfType<string>()];

    private static string Words(ImportRun? run) => run is null ? "not stored" : $"{run.State} in {run.Phase} ({run.Failures} failures, {(run.AnnouncedAt is null ? "not " : "")}announced) {run.Failure}";

    private async Task JudgeAsync()
    {
        var aftermath = new Aftermath(_site, _broker, [.. _asked.Values], [.. _askedOtherwise.Keys], Mandator);
        var problems = await aftermath.ProblemsAsync();
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        foreach (var worker in _workers)
        {
            await worker.EndAsync();
        }
    }
}

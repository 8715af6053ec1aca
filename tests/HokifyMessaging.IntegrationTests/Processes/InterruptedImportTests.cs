using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>Whatever happens to the process that works on a run: it ends like one that nobody disturbed.</summary>
public sealed class InterruptedImportTests(UndisturbedImport undisturbed)
{
    private const int Applications = UndisturbedImport.Applications;
    private const string Key = UndisturbedImport.Key;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_whose_worker_is_killed_three_times_goes_on_from_its_checkpoint_and_ends_as_if_undisturbed()
    {
        var expected = await undisturbed.OutcomeAsync();
        await using var site = await Installation.StartAsync(Applications);
        site.LeaseFor(Installation.Short);
        site.SlowDown(milliseconds: 200);
        await site.Database.QueueFullAsync(Key);

        var resumedAt = new List<int>();
        foreach (var (records, inTransaction) in new[] { (10, false), (35, true), (60, true) })
        {
            var worker = await site.ServeAsync();
            await worker.UntilAsync(() => site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= records), $"{records} records are committed");
            if (inTransaction)
            {
                await UntilWritesAsync(site.Database, worker);
            }

            await worker.KillAsync();

            var left = await site.Database.RunAsync(Key);
            Assert.Equal(RunState.Running, left.State);
            Assert.InRange(HokifyDatabase.Fetched(left), records, Applications - 5);
            resumedAt.Add(site.PageRequests().Count);
            resumedAt.Add(HokifyDatabase.Fetched(left));
        }

        site.SpeedUp();
        var last = await site.ServeAsync();
        await last.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");

        Assert.Equal(expected, await site.Database.OutcomeAsync(Key));
        var requests = site.PageRequests();
        foreach (var resumed in resumedAt.Chunk(2))
        {
            AssertGoesOn(requests[resumed[0]].Query, resumed[1]);
        }

        Assert.Single(site.Processes.SelectMany(p => p.Lines), line => line.Contains("completed:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_whose_worker_is_killed_while_it_looks_for_what_is_gone_deletes_neither_more_nor_less()
    {
        await using var twin = await Installation.StartAsync(applications: 45);
        await using var site = await Installation.StartAsync(applications: 45);
        site.LeaseFor(Installation.Short);
        await site.CompleteAsync("before");
        site.Database.CopyTo(twin.Database);
        // Its hokify has another port, and is the same one all the same.
        await twin.Database.QueryAsync(db => db.Scopes.ExecuteUpdateAsync(set => set.SetProperty(s => s.Source, (string?)null), Cancel));
        foreach (var installation in new[] { twin, site })
        {
            installation.Settings["Hokify:Import:BatchSize"] = "3";
            installation.Sandbox.Advance(@new: 2, changed: 4, withdrawn: 8, erased: 1);
        }

        await twin.CompleteAsync(Key);
        site.SlowDown(milliseconds: 200);
        await site.Database.QueueFullAsync(Key);
        var first = await site.ServeAsync();
        await first.UntilAsync(() => site.Database.IsAsync(Key, run => run is { Phase: RunPhase.Confirming, Checkpoint: not null }), "the second read has begun");
        await first.KillAsync();
        Assert.Equal(RunPhase.Confirming, (await site.Database.RunAsync(Key)).Phase);

        site.SpeedUp();
        var second = await site.ServeAsync();
        await second.UntilAsync(() => site.Database.IsAsync(Key, run => run.Phase == RunPhase.Deleting), "it deletes");
        await second.KillAsync();
        var third = await site.ServeAsync();
        await third.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");

        Assert.Equal(await twin.Database.OutcomeAsync(Key), await site.Database.OutcomeAsync(Key));
        Assert.Equal(8, await site.Database.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Name == ActivityName.Deleted && l.ElementName == "CandidateProfile", Cancel)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_wakes_up_after_another_took_over_neither_writes_nor_announces(bool afterTheOtherHasFinished)
    {
        var expected = await undisturbed.OutcomeAsync();
        await using var site = await Installation.StartAsync(Applications);
        site.LeaseFor(Installation.Short);

        // On a busy machine an announcement takes longer than two of the shortest intervals; then it is made again, and noted later.
        site.Settings["Hokify:Import:SweepInterval"] = "00:00:02";
        site.SlowDown(milliseconds: 200);
        await site.Database.QueueFullAsync(Key);
        var paused = await site.ServeAsync();
        await paused.UntilAsync(() => site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= 20), "20 records are committed");
        await PauseBetweenTransactionsAsync(paused, site.Database);
        var left = await site.Database.RunAsync(Key);
        Assert.Equal(RunState.Running, left.State);

        var other = await site.ServeAsync();
        await other.UntilAsync(() => site.Database.IsAsync(Key, run => run.Fence > left.Fence && HokifyDatabase.Fetched(run) > HokifyDatabase.Fetched(left)), "the other has taken over");
        site.SpeedUp();
        if (afterTheOtherHasFinished)
        {
            await other.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");
        }
        else
        {
            site.SlowDown(milliseconds: 1000);
        }

        var before = afterTheOtherHasFinished ? await site.Database.DumpAsync() : null;

        await paused.ContinueAsync();
        await paused.UntilLineAsync($"Run {left.Id}: another worker has taken the scope over, and this one stops");
        if (!afterTheOtherHasFinished)
        {
            Assert.Equal(RunState.Running, (await site.Database.RunAsync(Key)).State);
        }

        site.SpeedUp();
        Assert.Equal(0, await paused.TerminateAsync());
        await other.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");

        if (before is not null)
        {
            Assert.Equal(before, await site.Database.DumpAsync());
        }

        Assert.Equal(expected, await site.Database.OutcomeAsync(Key));
        Assert.DoesNotContain(paused.Lines, line => line.Contains("completed:", StringComparison.Ordinal) || line.Contains("fail:", StringComparison.Ordinal));
        Assert.Single(other.Lines, line => line.Contains("completed:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_end_leaves_its_run_at_a_checkpoint_and_gives_the_lease_back()
    {
        var expected = await undisturbed.OutcomeAsync();
        await using var site = await Installation.StartAsync(Applications);
        site.SlowDown(milliseconds: 200);
        // Whoever waits for the lease to run out waits for longer than the test does.
        site.LeaseFor("01:00:00");
        await site.Database.QueueFullAsync(Key);
        var first = await site.ServeAsync();
        await first.UntilAsync(() => site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= 20), "20 records are committed");

        Assert.Equal(0, await first.TerminateAsync());

        var left = await site.Database.RunAsync(Key);
        Assert.Equal(RunState.Interrupted, left.State);
        Assert.InRange(HokifyDatabase.Fetched(left), 20, Applications - 5);
        Assert.StartsWith($"offset:{HokifyDatabase.Fetched(left)}:", left.Checkpoint, StringComparison.Ordinal);
        Assert.Equal(1, left.Fence);
        var scope = await site.Database.QueryAsync(db => db.Scopes.AsNoTracking().SingleAsync(Cancel));
        Assert.Equal((null, null, null), (scope.LeaseOwner, scope.LeaseRunId, scope.LeaseExpiresAt));
        Assert.DoesNotContain(first.Lines, line => line.Contains("fail:", StringComparison.Ordinal));

        site.SpeedUp();
        var requests = site.PageRequests().Count;
        var second = await site.ServeAsync();
        await second.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");
        Assert.Equal(expected, await site.Database.OutcomeAsync(Key));
        AssertGoesOn(site.PageRequests()[requests].Query, HokifyDatabase.Fetched(left));
    }

    /// <summary>A page that goes on begins with a few records that were read before.</summary>
    internal static void AssertGoesOn(string query, int fetched)
    {
        var offset = int.Parse(query.Split("offset=")[1].Split('&')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(offset, fetched - 5, fetched);
    }

    /// <summary>Returns while the worker is inside a transaction.</summary>
    private static async Task UntilWritesAsync(HokifyDatabase database, HokifyProcess worker) =>
        // Between two polls of an ordinary wait a transaction begins and ends.
        await worker.UntilAsync(() => Task.FromResult(Enumerable.Range(0, 200).Any(_ => database.IsBeingWritten())), "it writes");

    /// <summary>A process that is stopped inside a transaction blocks the file for all: that is SQLite's nature, and another test.</summary>
    private static async Task PauseBetweenTransactionsAsync(HokifyProcess worker, HokifyDatabase database)
    {
        await worker.PauseAsync();
        while (database.IsBeingWritten())
        {
            await worker.ContinueAsync();
            await worker.PauseAsync();
        }
    }
}

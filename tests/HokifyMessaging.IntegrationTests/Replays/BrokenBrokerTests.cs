using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>
/// Imports that outlast their broker's patience, brokers that go away and workers that end, each in the middle of an
/// import: it leaves the rows of an undisturbed one, one completion, and nothing in the queues for what went wrong.
/// </summary>
public sealed class BrokenBrokerTests(SharedBroker shared, UndisturbedImport undisturbed)
{
    private const int Applications = UndisturbedImport.Applications;
    private const string Key = UndisturbedImport.Key;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_longer_than_the_consumer_timeout_is_processed_once_in_slices()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel, "consumer_timeout = 60000");
        await using var way = await StartAsync(node.Broker, site => site.Settings["Hokify:Import:SliceDuration"] = "00:00:10");
        way.Site.SlowDown(milliseconds: 4_000);

        await RequestAsync(way);

        await IsAsUndisturbedAsync(way);
        var run = await way.Site.Database.RunAsync(Key);
        Assert.True(run.CompletedAt - run.StartedAt > TimeSpan.FromMinutes(1), $"it took only {run.CompletedAt - run.StartedAt}, which the broker would have waited for");
        Assert.True(run.Fence >= 4, $"{run.Fence} slices");
        Assert.Single(way.Outsider.Completions);
        Assert.DoesNotContain("timed out", await node.LogAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_stopped_and_started_in_the_middle_costs_nothing_but_time()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await StartAsync(node.Broker, Sweeping);
        await UntilInTheMiddleAsync(way);

        await node.StopAppAsync(Cancel);
        await node.StartAppAsync(Cancel);
        way.Site.SpeedUp();

        await IsAsUndisturbedAsync(way);
    }

    [Fact]
    public async Task A_connection_that_is_closed_by_force_in_the_middle_is_resumed_at_the_checkpoint()
    {
        await using var way = await StartAsync(await shared.RequireAsync(Cancel), Sweeping);
        var left = await UntilInTheMiddleAsync(way);

        await way.Operator.CloseServiceConnectionsAsync(Assert.Single(way.Site.Processes));
        await way.Site.UntilAsync(() => way.Site.Database.IsAsync(Key, run => run.Fence > left.Fence), "the run is taken up again");
        way.Site.SpeedUp();

        await IsAsUndisturbedAsync(way);
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_end_in_the_middle_ends_in_time_and_another_goes_on_from_its_checkpoint()
    {
        // Whoever waits for the lease to run out waits for longer than the test does.
        await using var way = await StartAsync(await shared.RequireAsync(Cancel), site => site.LeaseFor("01:00:00"));
        await UntilInTheMiddleAsync(way);
        var first = Assert.Single(way.Site.Processes);

        // Past its limit the host gives up, and the exit code is another one.
        Assert.Equal(0, await first.TerminateAsync());

        Assert.DoesNotContain(first.Lines, line => line.Contains("fail:", StringComparison.Ordinal));
        var left = await way.Site.Database.RunAsync(Key);
        Assert.Equal((RunState.Interrupted, 1), (left.State, left.Fence));
        Assert.InRange(HokifyDatabase.Fetched(left), 20, Applications - 5);
        Assert.Empty(way.Outsider.Completions);
        way.Site.SpeedUp();
        var requests = way.Site.PageRequests().Count;
        var second = await way.Site.ServeAsync();

        await IsAsUndisturbedAsync(way);
        InterruptedImportTests.AssertGoesOn(way.Site.PageRequests()[requests].Query, HokifyDatabase.Fetched(left));
        Assert.Single(second.Lines, line => line.Contains("completed:", StringComparison.Ordinal));
        Assert.Equal(0, await second.TerminateAsync());
    }

    [Fact]
    public async Task A_worker_that_is_killed_in_the_middle_is_replaced_by_another_that_goes_on_from_its_checkpoint()
    {
        await using var way = await StartAsync(
            await shared.RequireAsync(Cancel),
            site =>
            {
                site.LeaseFor("00:00:05");
                Sweeping(site);
            },
            processes: 2);
        await UntilInTheMiddleAsync(way);

        var owner = await way.Site.Database.QueryAsync(db => db.Scopes.Select(s => s.LeaseOwner).SingleAsync(Cancel));
        await way.Site.Processes.Single(p => owner!.Contains($"/{p.Id}/", StringComparison.Ordinal)).KillAsync();
        var left = await way.Site.Database.RunAsync(Key);
        var requests = way.Site.PageRequests().Count;
        way.Site.SpeedUp();

        await IsAsUndisturbedAsync(way);
        Assert.InRange(HokifyDatabase.Fetched(left), 20, Applications - 5);
        InterruptedImportTests.AssertGoesOn(way.Site.PageRequests()[requests].Query, HokifyDatabase.Fetched(left));
    }

    [Fact]
    public async Task An_event_that_the_broker_does_not_take_waits_a_bounded_time_and_is_announced_when_it_is_back()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await StartAsync(node.Broker, site =>
        {
            Sweeping(site);
            // Before the connection misses the broker.
            site.Settings["Transport:PublishTimeout"] = "00:00:01";
        });
        await UntilInTheMiddleAsync(way);
        var service = Assert.Single(way.Site.Processes);

        await node.PauseAsync(Cancel);
        way.Site.SpeedUp();
        await service.UntilLineAsync("is completed but could not be announced, and the sweeper tries again");

        Assert.True(await way.Site.Database.IsAsync(Key, run => run is { State: RunState.Completed, AnnouncedAt: null }));
        Assert.Empty(way.Outsider.Completions);
        await node.ContinueAsync(Cancel);

        await IsAsUndisturbedAsync(way);
    }

    private static Task<Way> StartAsync(RabbitMqBroker broker, Action<Installation> configure, int processes = 1) =>
        Way.StartAsync(broker.CreateVirtualHostAsync, Applications, processes, configure);

    /// <summary>Often enough to be waited for.</summary>
    private static void Sweeping(Installation site) => site.Settings["Hokify:Import:SweepInterval"] = "00:00:00.500";

    private static Task RequestAsync(Way way) => way.Outsider.PublishAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = Key });

    private static async Task<ImportRun> UntilInTheMiddleAsync(Way way)
    {
        way.Site.SlowDown(milliseconds: 300);
        await RequestAsync(way);
        await way.Site.UntilAsync(() => way.Site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= 20), "20 records are committed");
        var run = await way.Site.Database.RunAsync(Key);
        Assert.Equal(RunState.Running, run.State);
        return run;
    }

    private async Task IsAsUndisturbedAsync(Way way)
    {
        await way.Site.UntilAsync(() => way.Site.Database.IsAnnouncedAsync(Key), "the run is announced");
        await way.UntilCompletionsAsync(1);

        Assert.Equal(await undisturbed.OutcomeAsync(), await way.Site.Database.OutcomeAsync(Key));
        Assert.All(way.Outsider.Completions, completion => Assert.Equal(CompletionId.Of(1, Key), completion.MessageId));
        Assert.Empty(way.Outsider.Failures);
        Assert.Empty(await way.Operator.ErrorsAsync());
        Assert.Empty(await way.Operator.DeadLettersAsync());
    }
}

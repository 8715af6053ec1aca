
namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A consumer that the broker takes away is told at once, with the broker's reason; a broker that is away, once.</summary>
public sealed class LostConsumerTests
{
    /// <summary>Half a sentence, as brokers before 4.3 have it, which close the channel, and as those have it that cancel the consumer.</summary>
    internal const string LateAcknowledgement =
        "it has (closed the channel: 'PRECONDITION_FAILED - delivery acknowledgement on channel .*'|cancelled the consumer, as it does when an acknowledgement is late, and one message was in hand for [0-9]+ seconds); "
        + "keep Hokify:Import:SliceDuration \\(00:05:00\\) well below the broker's consumer_timeout, or make that longer";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_consumer_whose_queue_is_deleted_is_told_and_comes_back()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 1);
        var service = Assert.Single(way.Site.Processes);

        await way.Operator.DeleteQueueAsync("hokify-import");

        await service.UntilLineAsync("it has cancelled the consumer, as it does when the queue is deleted or moved. The consumer is made again");
        await service.UntilLineAsync("is back");
        Assert.Equal(0, await service.TerminateAsync());
    }

    [Fact]
    public async Task A_consumer_that_is_taken_away_for_a_late_acknowledgement_is_told_with_what_to_change()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel, "consumer_timeout = 3000");
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 30, configure: site =>
        {
            site.SlowDown(milliseconds: 2000);
            site.Settings["Hokify:Import:SliceDuration"] = "00:05:00";
        });
        var service = Assert.Single(way.Site.Processes);
        await way.Operator.PublishAsync("""{"idempotencyKey": "slow", "importMode": "Full"}""");

        var line = await service.UntilLineAsync("is not consumed for a moment");

        Assert.Matches(LateAcknowledgement, line);
        way.Site.SpeedUp();
        await service.UntilLineAsync("is back");

        // It is the same connection, and nobody is told of what is only the aftermath.
        Assert.DoesNotContain(service.Lines, other => other.Contains("cannot be used", StringComparison.Ordinal) || other.Contains("disposed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_an_operator_closes_is_told_with_his_words()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 1);
        var service = Assert.Single(way.Site.Processes);

        await way.Operator.CloseServiceConnectionsAsync(service);

        await service.UntilLineAsync("it has closed the channel: 'CONNECTION_FORCED");
        await service.UntilLineAsync("is back");
    }

    [Fact]
    public async Task A_broker_that_is_away_is_told_once_and_not_by_every_sweep()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 1, configure: site =>
        {
            site.Settings["Hokify:Import:SweepInterval"] = "00:00:00.200";
            site.Settings["Transport:PublishTimeout"] = "00:00:01";
        });
        var service = Assert.Single(way.Site.Processes);
        await node.StopAppAsync(Cancel);
        await way.Site.Database.QueueFullAsync("waits");

        await service.UntilLineAsync("Sweeps fail and are repeated until one succeeds: the broker did not take it within Transport:PublishTimeout");
        await Task.Delay(TimeSpan.FromSeconds(5), Cancel);
        Assert.Single(service.Lines, line => line.Contains("Sweeps fail", StringComparison.Ordinal));
        Assert.Single(service.Lines, line => line.Contains("cannot be used", StringComparison.Ordinal));

        await node.StartAppAsync(Cancel);
        await service.UntilAsync(() => way.Site.Database.IsAnnouncedAsync("waits"), "the run is completed when the broker is back");
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A message that comes back again and again ends where an operator finds it, with the last reason that anybody knows.</summary>
public sealed class DeliveryLimitTests(SharedBroker shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Classic")]
    [InlineData("Quorum")]
    public async Task What_can_be_put_nowhere_else_is_put_aside_with_the_brokers_words_and_can_be_moved_back(string queueType)
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 3, configure: site => Limit(site, queueType));
        var service = Assert.Single(way.Site.Processes);
        // Somebody has made the error queue, and made it otherwise than the service does.
        await way.Operator.MakeQueueAsync("hokify-import_error", "quorum");

        await way.Operator.PublishAsync("""{"idempotencyKey": "refused", "scopeId": 7}""");

        await service.UntilLineAsync("A message goes to hokify-import_dead");
        var dead = Assert.Single(await way.Operator.DeadLettersAsync());
        var sentence = dead.Header("MT-Fault-Message")!;
        Assert.StartsWith("It was delivered 2 times (Transport:RabbitMq:DeliveryLimit) and never came to an end. The last reason that is known: it has closed the channel: 'PRECONDITION_FAILED", sentence, StringComparison.Ordinal);
        Assert.EndsWith("It has no run yet.", sentence, StringComparison.Ordinal);
        await service.UntilAsync(
            () => Task.FromResult(way.Outsider.Failures.Any(f => f.Event is { Kind: FailureKind.GaveUp, IdempotencyKey: "refused", ScopeId: 7, RunId: null } && f.Event.Reason == sentence)),
            "that nobody goes on is told");
        await way.Operator.PublishAsync("""{"idempotencyKey": "good"}""");
        await way.UntilCompletionsAsync(1);

        await way.Operator.DeleteQueueAsync("hokify-import_error");
        await way.Operator.MoveBackAsync("hokify-import_dead");
        Assert.Equal("ScopeId 7 is not configured; the configured scopes are 1.", Assert.Single(await way.Operator.UntilErrorsAsync(1)).Header("MT-Fault-Message"));
    }

    [Fact]
    public async Task What_lost_its_consumer_each_time_is_put_aside_with_what_to_change_and_the_bus_is_unhealthy_meanwhile()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel, "consumer_timeout = 3000");
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 30, configure: site =>
        {
            Limit(site, "Quorum");
            site.Settings["Hokify:Import:SliceDuration"] = "00:05:00";
        });
        var service = Assert.Single(way.Site.Processes);
        using var http = new HttpClient { BaseAddress = await service.AddressAsync() };
        await service.UntilAsync(async () => await BusAsync(http) == "Healthy", "the bus is healthy");
        way.Site.SlowDown(milliseconds: 60_000);

        await way.Operator.PublishAsync("""{"idempotencyKey": "slow", "importMode": "Full"}""");

        await service.UntilAsync(async () => await BusAsync(http) == "Unhealthy", "a queue without a consumer makes the bus unhealthy");
        var line = await service.UntilLineAsync("A message goes to hokify-import_dead");
        Assert.Matches($"The last reason that is known: {LostConsumerTests.LateAcknowledgement}", line);
        Assert.Contains(await way.Operator.DeadLettersAsync(), dead => line.EndsWith(dead.Header("MT-Fault-Message")!, StringComparison.Ordinal));
        way.Site.SpeedUp();
        await service.UntilAsync(async () => await BusAsync(http) == "Healthy", "the bus is healthy again");
    }

    [Fact]
    public async Task What_took_each_worker_with_it_is_put_aside_by_one_that_knows_nothing_of_it()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 1, settings: [new("Transport:RabbitMq:DeliveryLimit", "2")]);
        await import.StopHostAsync();
        await import.PublishAsync("""{"idempotencyKey": "deadly"}""", exchange: ImportQueues.Requests);
        await import.DieWithAsync(ImportQueues.Requests);
        await import.DieWithAsync(ImportQueues.Requests);

        await import.StartHostAsync();

        var headers = (await import.MessageInAsync(ImportQueues.Dead))["properties"]!["headers"]!.AsObject();
        Assert.Equal(
            "It was delivered 2 times (Transport:RabbitMq:DeliveryLimit) and never came to an end. Nobody knows why: each process that had it ended, or lost the broker, before it could say so. It has no run yet.",
            headers["MT-Fault-Message"]!.GetValue<string>());
        Assert.DoesNotContain(headers, header => header.Key is "x-delivery-count" or "x-acquired-count");
        Assert.Null(await import.FindRunAsync("deadly"));
    }

    [Fact]
    public async Task A_count_that_a_publisher_wrote_counts_nothing_and_what_waits_for_an_operator_does_not_expire()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 3, configure: site => Limit(site, "Quorum"));

        await way.Operator.PublishAsync("""{"idempotencyKey": "counted"}""", new { headers = new Dictionary<string, object> { ["x-delivery-count"] = 99, ["x-acquired-count"] = 99 } });
        await way.UntilCompletionsAsync(1);
        await way.Operator.PublishAsync("[]", new { expiration = "300000" });
        var error = Assert.Single(await way.Operator.UntilErrorsAsync(1));

        Assert.False(error.Properties.TryGetProperty("expiration", out _));
        Assert.Empty(await way.Operator.DeadLettersAsync());
    }

    private static void Limit(Installation site, string queueType)
    {
        site.Settings["Transport:RabbitMq:QueueType"] = queueType;
        site.Settings["Transport:RabbitMq:DeliveryLimit"] = "2";
    }

    private static async Task<string?> BusAsync(HttpClient http)
    {
        using var ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancel);
        return (await ready.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("checks").GetProperty("bus").GetProperty("status").GetString();
    }
}

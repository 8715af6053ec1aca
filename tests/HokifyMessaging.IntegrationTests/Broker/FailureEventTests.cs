using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>Failures are told whatever the broker does, and whoever has stored them.</summary>
public sealed class FailureEventTests(SharedBroker shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failure_while_the_broker_is_away_is_told_when_it_is_back_and_that_it_waits_is_logged_once()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var way = await Way.StartAsync(node.Broker.CreateVirtualHostAsync, applications: 1, configure: site =>
        {
            site.Settings["Hokify:Import:SweepInterval"] = "00:00:00.500";
            site.Settings["Transport:PublishTimeout"] = "00:00:01";
        });
        var service = Assert.Single(way.Site.Processes);
        await node.StopAppAsync(Cancel);

        // As another process leaves it that has no broker, either.
        await way.Site.Database.QueryAsync(async db =>
        {
            var now = TimeProvider.System.GetUtcNow();
            Runs.PendingEvents.Add(db, new HokifyImportFailed { IdempotencyKey = "left", ScopeId = 1, Kind = FailureKind.Cancelled, Reason = "reason", At = now }, Guid.NewGuid(), now);
            return await db.SaveChangesAsync(Cancel);
        });
        await service.UntilLineAsync("Events that tell of failed imports wait in the database and are published when they can be: ");
        await Task.Delay(TimeSpan.FromSeconds(4), Cancel);
        Assert.Single(service.Lines, line => line.Contains("Events that tell of failed imports wait", StringComparison.Ordinal));

        await node.StartAppAsync(Cancel);
        await service.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count > 0), "the failure is told");
        Assert.Equal("left", way.Outsider.Failures.First().Event.IdempotencyKey);
        await NothingWaitsAsync(way);
    }

    [Fact]
    public async Task Two_services_tell_of_each_failure_under_one_message_id()
    {
        await using var way = await Way.StartAsync(
            shared.CreateVirtualHostAsync, applications: 1, processes: 2, configure: site => site.Settings["Hokify:Import:SweepInterval"] = "00:00:00.200");
        var keys = Enumerable.Range(0, 20).Select(number => $"refused {number}").ToList();

        foreach (var key in keys)
        {
            await way.Outsider.PublishAsync(new HokifyImportRequested { ScopeId = 7, IdempotencyKey = key });
        }

        await way.Site.UntilAsync(() => Task.FromResult(keys.TrueForAll(key => way.Outsider.Failures.Any(f => f.Event.IdempotencyKey == key))), "each is told");
        await NothingWaitsAsync(way);
        Assert.All(keys, key => Assert.Single(way.Outsider.Failures.Where(f => f.Event.IdempotencyKey == key).Select(f => f.MessageId).Distinct()));
    }

    [Fact]
    public async Task A_message_that_is_moved_back_and_refused_again_is_told_under_the_same_message_id()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 1);
        await way.Operator.PublishAsync("""{"dry_run": true}""", new { message_id = "order-17" });
        await way.Operator.UntilErrorsAsync(1);
        await NothingWaitsAsync(way);

        await way.Operator.ReplayErrorAsync();
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count == 2), "it is told twice");

        Assert.All(way.Outsider.Failures, f => Assert.Equal((FailureKind.Refused, "order-17", 1), (f.Event.Kind, f.Event.IdempotencyKey, f.Event.ScopeId)));
        Assert.Single(way.Outsider.Failures.Select(f => f.MessageId).Distinct());
    }

    [Fact]
    public async Task An_importer_declares_both_exchanges_when_it_starts_and_none_of_the_bus_own()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 1);
        await import.PublishAsync("[]");
        await import.MessageInAsync(ImportQueues.Error);

        var exchanges = (await import.GetNodeAsync($"exchanges/{virtualHost.Name}"))!.AsArray().Select(exchange => exchange!["name"]!.GetValue<string>()).ToList();

        Assert.Superset(new HashSet<string> { "hokify.import-completed", "hokify.import-failed" }, exchanges.ToHashSet());
        Assert.DoesNotContain(exchanges, name => name.StartsWith("MassTransit", StringComparison.Ordinal));
    }

    private static Task NothingWaitsAsync(Way way) =>
        way.Site.UntilAsync(async () => !await way.Site.Database.QueryAsync(db => db.PendingEvents.AnyAsync(Cancel)), "nothing waits any more");
}

using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>Imports that outlast their broker's patience, and brokers that go away.</summary>
public sealed class BrokenBrokerTests(BrokenBrokerTests.ImpatientBroker broker) : IClassFixture<BrokenBrokerTests.ImpatientBroker>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_longer_than_the_consumer_timeout_is_processed_once_in_slices()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync();
        await using var import = await BrokerImport.StartAsync(
            virtualHost,
            applications: 90,
            settings: [new("Hokify:Import:SliceDuration", "00:00:10")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromSeconds(8) });

        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "long"}""");

        var completed = Assert.Single(await import.CompletionsAsync(1, TimeSpan.FromMinutes(4))).Event;
        var run = (await import.RunAsync("long"))!;
        Assert.True(run.CompletedAt - run.StartedAt > TimeSpan.FromMinutes(1), $"it took only {run.CompletedAt - run.StartedAt}, which the broker would have waited for");
        Assert.True(run.Fence >= 4, $"{run.Fence} slices");
        await IsRightAsync(import, completed, 90);
    }

    [Fact]
    public async Task A_broker_that_is_stopped_and_started_in_the_middle_costs_nothing_but_time()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var virtualHost = await node.Broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, settings: [new("Hokify:Import:SweepInterval", "00:00:01")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = 1, Delay = TimeSpan.FromSeconds(5) });
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "k"}""");
        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.Checkpoint == "offset:20");

        await node.StopAppAsync(Cancel);
        await node.StartAppAsync(Cancel);

        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.AnnouncedAt is not null);
        var received = await import.AllCompletionsAsync();
        Assert.Single(received.Select(completion => completion.MessageId).Distinct());
        await IsRightAsync(import, received[0].Event, 30);
    }

    [Fact]
    public async Task A_connection_that_is_closed_by_force_in_the_middle_is_resumed_at_the_checkpoint()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync();
        await using var import = await BrokerImport.StartAsync(virtualHost, settings: [new("Hokify:Import:SweepInterval", "00:00:01")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = 1, Delay = TimeSpan.FromSeconds(10) });
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "k"}""");
        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.Checkpoint == "offset:20"
            && (await import.GetNodeAsync($"vhosts/{import.VirtualHost}/connections"))!.AsArray().Count > 0);

        await import.CloseConnectionsAsync();

        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.AnnouncedAt is not null);
        var received = await import.AllCompletionsAsync();
        Assert.Single(received.Select(completion => completion.MessageId).Distinct());
        Assert.True((await import.RunAsync("k"))!.Fence > 1);
        await IsRightAsync(import, received[0].Event, 30);
    }

    [Fact]
    public async Task An_event_that_cannot_be_published_waits_a_bounded_time_and_is_announced_when_the_broker_is_back()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel);
        await using var virtualHost = await node.Broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(
            virtualHost, settings: [new("Transport:PublishTimeout", "00:00:02"), new("Hokify:Import:SweepInterval", "00:00:01")]);
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "k"}""");
        var first = Assert.Single(await import.CompletionsAsync(1));
        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.AnnouncedAt is not null);
        await node.StopAppAsync(Cancel);

        // As a worker does that has just stored the event when the broker goes away.
        await import.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.AnnouncedAt, (DateTimeOffset?)null), Cancel));
        var stored = System.Text.Json.JsonSerializer.Deserialize<Contracts.HokifyImportCompleted>((await import.RunAsync("k"))!.CompletedEvent!)!;
        await import.Service<CompletionAnnouncer>().AnnounceAsync(import.Service<IBus>(), stored, Cancel);

        Assert.Null((await import.RunAsync("k"))!.AnnouncedAt);
        await node.StartAppAsync(Cancel);
        await BrokerImport.Until(async () => (await import.RunAsync("k"))?.AnnouncedAt is not null);
        var again = await import.AllCompletionsAsync();
        Assert.All(again, completion => Assert.Equal((first.MessageId, first.Event.ToJsonString()), (completion.MessageId, completion.Event.ToJsonString())));
        Assert.NotEmpty(again);
    }

    private static async Task IsRightAsync(BrokerImport import, JsonObject completed, int applications)
    {
        var result = completed["result"]!;
        Assert.Equal(
            (applications, applications, 0),
            (result["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>(), result["StatsCounter"]!["Fetched"]!.GetValue<int>(), result["ErrorCount"]!.GetValue<int>()));
        Assert.Equal(applications, await import.ProfilesAsync());
        Assert.Empty(await import.GetAsync("hokify-import_error"));
        Assert.Empty(await import.GetAsync("hokify-import_dead"));
    }

    /// <summary>A broker that closes the channel of a consumer that holds a message for longer than a minute.</summary>
    public sealed class ImpatientBroker : IAsyncLifetime
    {
        private RabbitMqNode? _node;

        public async ValueTask InitializeAsync() => _node = await RabbitMqNode.RequireAsync(CancellationToken.None, "consumer_timeout = 60000");

        public Task<BrokerVirtualHost> CreateVirtualHostAsync() => _node!.Broker.CreateVirtualHostAsync(Cancel);

        public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

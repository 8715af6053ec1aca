using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>What operators do by hand in the management UI, and what becomes of it.</summary>
public sealed class ReplayTests(SharedBroker broker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Ways => new()
    {
        { "hokify-import", false },
        { "hokify-import", true },
        { "hokify.import-requested", false },
        { "hokify.import-requested", true },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_request_published_by_hand_to_the_queue_or_the_exchange_is_carried_out_with_and_without_properties(string where, bool withProperties)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        object? properties = withProperties
            ? new { content_type = "application/json", message_id = "order-7", headers = new Dictionary<string, object> { ["Idempotency-Key"] = "by-hand" } }
            : null;

        await import.PublishAsync("""{"scopeId": 1, "importMode": "Full"}""", properties, where);

        var (messageId, completed) = Assert.Single(await import.CompletionsAsync(1));
        Assert.Equal(30, completed["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>());
        Assert.Equal(5, Guid.Parse(messageId).Version);
        if (withProperties)
        {
            Assert.Equal("by-hand", completed["idempotencyKey"]!.GetValue<string>());
        }

        Assert.Equal(30, await import.ProfilesAsync());
    }

    [Fact]
    public async Task The_same_body_again_with_a_key_is_a_replay()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        const string Body = """{"importMode": "Full", "idempotencyKey": "nightly"}""";

        await import.PublishAsync(Body);
        var first = Assert.Single(await import.CompletionsAsync(1));
        var requests = import.Sandbox.Requests.Count;
        await import.PublishAsync(Body);
        var second = Assert.Single(await import.CompletionsAsync(1));

        Assert.Equal(first.MessageId, second.MessageId);
        Assert.Equal(first.Event.ToJsonString(), second.Event.ToJsonString());
        Assert.Equal(requests, import.Sandbox.Requests.Count);
        Assert.Equal(1, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("0195f7a0-0000-7000-8000-000000000001")]
    [InlineData("order 7/2026")]
    public async Task The_same_body_again_with_only_a_message_id_is_a_replay(string messageId)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);

        await import.PublishAsync("{}", new { message_id = messageId });
        var first = Assert.Single(await import.CompletionsAsync(1));
        await import.PublishAsync("{}", new { message_id = messageId });
        var second = Assert.Single(await import.CompletionsAsync(1));

        Assert.Equal(messageId, first.Event["idempotencyKey"]!.GetValue<string>());
        Assert.Equal(first.Event.ToJsonString(), second.Event.ToJsonString());
        Assert.Equal(1, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task The_same_body_again_with_neither_is_a_second_run_that_finds_everything_unchanged()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);

        await import.PublishAsync("""{"importMode": "Full"}""");
        await import.CompletionsAsync(1);
        await import.PublishAsync("""{"importMode": "Full"}""");
        var second = Assert.Single(await import.CompletionsAsync(1)).Event;

        Assert.Equal(30, second["result"]!["UnchangedCounts"]!["CandidateProfile"]!.GetValue<int>());
        Assert.Equal((2, 30), (await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)), await import.ProfilesAsync()));
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_waits_in_the_error_queue_with_its_sentence_and_looking_at_it_never_deletes_it()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);

        await import.PublishAsync("""{"importMode": "Sometimes"}""");
        await import.MessageInAsync("hokify-import_error");
        for (var look = 0; look < 25; look++)
        {
            Assert.Single(await import.GetAsync("hokify-import_error"));
        }

        var headers = (await import.MessageInAsync("hokify-import_error"))["properties"]!["headers"]!;
        var sentence = headers["MT-Fault-Message"]!.GetValue<string>();
        Assert.StartsWith("The message body cannot be read (", sentence, StringComparison.Ordinal);
        Assert.Contains("Incremental", sentence, StringComparison.Ordinal);
        Assert.Equal(0, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_failed_run_moved_back_from_the_error_queue_resumes_at_its_checkpoint()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = null });
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "k"}""");
        var fault = await import.MessageInAsync("hokify-import_error");
        Assert.StartsWith("offset:10:", (await import.RunAsync("k")).Checkpoint, StringComparison.Ordinal);
        import.Sandbox.Faults.Clear();

        await import.MoveAsync("hokify-import_error", "hokify-import");

        var completed = Assert.Single(await import.CompletionsAsync(1)).Event;
        Assert.Contains("AtsApi offset 16", fault["properties"]!["headers"]!["MT-Fault-Message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((30, 30), (completed["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>(), completed["result"]!["StatsCounter"]!["Fetched"]!.GetValue<int>()));
        Assert.Empty(await import.GetAsync("hokify-import_error"));
        Assert.Equal(2, (await import.RunAsync("k")).Fence);
    }

    [Fact]
    public async Task An_envelope_copied_out_of_the_error_queue_and_pasted_without_its_content_type_is_the_same_request()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1, Times = null });
        var envelope = new JsonObject
        {
            ["messageId"] = "0195f7a0-0000-7000-8000-00000000000a",
            ["messageType"] = new JsonArray("urn:message:hokify:import-requested:v1"),
            ["message"] = new JsonObject { ["scopeId"] = 1, ["importMode"] = "Full" },
        };
        await import.PublishAsync(envelope.ToJsonString(), new { content_type = "application/vnd.masstransit+json" });
        var copied = (await import.MessageInAsync("hokify-import_error"))["payload"]!.GetValue<string>();
        import.Sandbox.Faults.Clear();

        await import.PublishAsync(copied, exchange: "hokify-import");

        var completed = Assert.Single(await import.CompletionsAsync(1)).Event;
        Assert.Equal(("Full", "0195f7a0-0000-7000-8000-00000000000a"), (completed["importMode"]!.GetValue<string>(), completed["idempotencyKey"]!.GetValue<string>()));
        Assert.Equal(1, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_message_whose_connection_is_closed_too_often_waits_in_the_dead_letter_queue_and_resumes_when_it_is_moved_back()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, settings: [new("Transport:RabbitMq:DeliveryLimit", "1"), new("Hokify:Import:LeaseDuration", "00:00:02")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { After = 2, Times = null, Delay = TimeSpan.FromMinutes(1) });
        await import.PublishAsync("""{"importMode": "Full", "idempotencyKey": "k"}""");
        await BrokerImport.Until(async () => (await import.FindRunAsync("k"))?.Checkpoint?.StartsWith("offset:10:", StringComparison.Ordinal) == true);

        await BrokerImport.Until(async () =>
        {
            if ((await import.GetAsync("hokify-import_dead")).Count == 0)
            {
                await BrokerImport.Until(async () => (await import.GetNodeAsync($"vhosts/{import.VirtualHost}/connections"))!.AsArray().Count > 0
                    || (await import.GetAsync("hokify-import_dead")).Count > 0);
                await import.CloseConnectionsAsync();
                return false;
            }

            return true;
        });
        import.Sandbox.Faults.Clear();
        await BrokerImport.Until(async () => await import.FindRunAsync("k") is { State: RunState.Interrupted });
        var requests = import.Sandbox.Requests.Count;
        await import.MoveAsync("hokify-import_dead", "hokify-import");

        var result = Assert.Single(await import.CompletionsAsync(1)).Event["result"]!;
        Assert.Equal(
            (30, 30, 30),
            (result["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>(), result["StatsCounter"]!["Fetched"]!.GetValue<int>(), await import.ProfilesAsync()));
        Assert.Contains("offset=8&", import.Sandbox.Requests.Skip(requests).First(r => r.Path.EndsWith("getAllApplications", StringComparison.Ordinal)).Query, StringComparison.Ordinal);
        Assert.Empty(await import.GetAsync("hokify-import_dead"));
        Assert.Empty(await import.GetAsync("hokify-import_error"));
    }

    [Fact]
    public async Task The_queues_have_the_arguments_that_lose_nothing()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        await import.PublishAsync("[]");
        await import.MessageInAsync("hokify-import_error");

        var main = (await import.GetNodeAsync($"queues/{import.VirtualHost}/hokify-import"))!["arguments"]!;
        var error = (await import.GetNodeAsync($"queues/{import.VirtualHost}/hokify-import_error"))!["arguments"]!;

        Assert.Equal(("quorum", 20, "hokify-import_dead"), (main["x-queue-type"]!.GetValue<string>(), main["x-delivery-limit"]!.GetValue<int>(), main["x-dead-letter-exchange"]!.GetValue<string>()));
        var dead = (await import.GetNodeAsync($"queues/{import.VirtualHost}/hokify-import_dead"))!["arguments"]!;
        Assert.All([error, dead], arguments => Assert.Equal("""{"x-queue-type":"classic"}""", arguments.ToJsonString(JsonSerializerOptions.Default)));
        JsonArray connections = [];
        await BrokerImport.Until(async () => (connections = (await import.GetNodeAsync($"vhosts/{import.VirtualHost}/connections"))!.AsArray()).Count > 0);
        Assert.Matches(@"^hokify \d+\.\d+\.\d+ on .+", Assert.Single(connections)!["user_provided_name"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_existing_classic_queue_is_used_where_the_configuration_says_so()
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, settings: [new("Transport:RabbitMq:QueueType", "Classic")]);

        await import.PublishAsync("{}");

        await import.CompletionsAsync(1);
        var queue = (await import.GetNodeAsync($"queues/{import.VirtualHost}/hokify-import"))!;
        Assert.Equal("classic", queue["type"]!.GetValue<string>());
        Assert.Equal(RunState.Completed, await import.QueryAsync(db => db.ImportRuns.Select(r => r.State).SingleAsync(Cancel)));
    }
}

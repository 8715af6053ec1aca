using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The queues whose messages wait for an operator: <c>hokify queues</c>, and what <c>/health/ready</c> says of them.</summary>
public sealed class WatchedQueuesTests(SharedBroker shared) : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Queues_tells_how_many_wait_and_why_the_oldest_does_and_no_word_of_a_body()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await FillAsync(virtualHost);

        JsonElement[] queues = [];
        await BrokerImport.Until(async () =>
        {
            var outcome = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues", "--json");
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            Assert.DoesNotContain("Mizzi", outcome.Output, StringComparison.Ordinal);
            queues = [.. outcome.Json.EnumerateArray()];

            // The broker counts every now and then.
            return queues.All(queue => queue.GetProperty("ready").ValueKind == JsonValueKind.Number) && queues[1].GetProperty("ready").GetInt32() == 2;
        });
        var table = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues");

        Assert.Equal(
            ["hokify-import quorum 0", "hokify-import_error classic 2", "hokify-import_skipped classic 1", "hokify-import_dead classic 1"],
            queues.Select(queue => $"{queue.GetProperty("name")} {queue.GetProperty("type")} {queue.GetProperty("ready")}"));
        var oldest = queues.Select(queue => queue.GetProperty("oldest")).ToList();
        Assert.Equal(JsonValueKind.Null, oldest[0].ValueKind);
        Assert.StartsWith("The message body is an array, not a JSON object.", oldest[1].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(["dead-letter", "delivery_limit"], oldest[2..].Select(message => message.GetProperty("reason").GetString()));
        Assert.All([oldest[1], oldest[3]], message => Assert.InRange(
            message.GetProperty("since").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.Equal((0, ""), (table.ExitCode, table.Error));
        Assert.Matches(@"hokify-import_dead +classic +1 +0 +0 +\d{4}-[^\n]*Z\s+(reason\s+)?delivery_limit", table.Output);
        Assert.DoesNotContain("Mizzi", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_at_the_queues_never_deletes_a_message_or_changes_their_order()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await FillAsync(virtualHost);
        var before = await BodiesAsync(virtualHost);
        using var management = new RabbitMqManagement(new RabbitMqOptions
        {
            VirtualHost = virtualHost.Name,
            Management = new RabbitMqManagementOptions
            {
                Address = new Uri(virtualHost.Broker.Management.BaseAddress!, "/").ToString(),
                Username = Uri.UnescapeDataString(virtualHost.Amqp.UserInfo).Split(':', 2)[0],
                Password = Uri.UnescapeDataString(virtualHost.Amqp.UserInfo).Split(':', 2)[1],
            },
        });

        for (var look = 0; look < 50; look++)
        {
            var queues = await management.ReadAsync(Cancel);
            Assert.Equal(3, queues.Count(queue => queue.Oldest is not null));
        }

        Assert.Equal(before, await BodiesAsync(virtualHost));
        Assert.Equal(4, before.Count);
    }

    [Fact]
    public async Task Ready_tells_how_many_messages_wait_for_an_operator_and_stays_ready()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 5 }, Cancel);
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, AtBroker.Serving(virtualHost, sandbox), "serve");
        using var http = new HttpClient { BaseAddress = await serve.AddressAsync() };
        await serve.UntilStartedAsync();

        await BrokerImport.Until(async () => await ReadyAsync() == Body("Healthy", error: 0));
        using (var published = await virtualHost.Broker.Management.PostAsJsonAsync(
            $"exchanges/{virtualHost.Name}/hokify-import/publish", new { properties = new { }, routing_key = "", payload = "[]", payload_encoding = "string" }, Cancel))
        {
            published.EnsureSuccessStatusCode();
        }

        await BrokerImport.Until(async () => await ReadyAsync() == Body("Degraded", error: 1));
        await serve.UntilLineAsync("Messages wait for an operator: hokify-import_error 1, hokify-import_skipped 0, hokify-import_dead 0");

        // Over the connection that is there.
        JsonArray connections = [];
        await BrokerImport.Until(async () =>
            (connections = (await virtualHost.Broker.Management.GetFromJsonAsync<JsonArray>($"vhosts/{virtualHost.Name}/connections", Cancel))!).Count > 0);
        Assert.Single(connections);

        async Task<string> ReadyAsync()
        {
            using var ready = await http.GetAsync(new Uri("health/ready", UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            return await ready.Content.ReadAsStringAsync(Cancel);
        }

        static string Body(string status, int error) =>
            """{"status":"STATUS","checks":{"bus":{"status":"Healthy"},"database":{"status":"Healthy"},"queues":{"status":"STATUS","messages":{"hokify-import_error":ERROR,"hokify-import_skipped":0,"hokify-import_dead":0},"healed":0},"schedules":{"status":"Healthy"}}}"""
                .Replace("STATUS", status, StringComparison.Ordinal).Replace("ERROR", $"{error}", StringComparison.Ordinal);
    }

    /// <summary>Two messages that were refused, one that came back too often, and one that nobody here reads.</summary>
    private static async Task FillAsync(BrokerVirtualHost virtualHost)
    {
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 1, [new("Transport:RabbitMq:DeliveryLimit", "1")]);
        await import.PublishAsync("""["Mizzi"]""");
        await import.MessageInAsync("hokify-import_error");
        await import.PublishAsync("\"Mizzi\"");
        await BrokerImport.Until(async () => (await import.GetAsync("hokify-import_error")).Count == 2);
        await import.StopHostAsync();

        await import.PublishAsync("Mizzi", exchange: "hokify-import");
        await BrokerImport.Until(async () =>
        {
            // All brokers count this, those before 4.3 a look as well.
            await import.RejectAsync("hokify-import", requeue: true);
            return (await import.GetAsync("hokify-import_dead")).Count == 1;
        });

        await import.PutAsync($"queues/{virtualHost.Name}/hokify-import_skipped", new { durable = true });
        using var skipped = await import.Management.PostAsJsonAsync(
            $"exchanges/{virtualHost.Name}/amq.default/publish",
            new { properties = new { headers = new Dictionary<string, string> { ["MT-Reason"] = "dead-letter" } }, routing_key = "hokify-import_skipped", payload = "Mizzi", payload_encoding = "string" },
            Cancel);
        skipped.EnsureSuccessStatusCode();
    }

    /// <summary>What the queues hold, in their order; looked at as the management UI does.</summary>
    private static async Task<IReadOnlyList<string>> BodiesAsync(BrokerVirtualHost virtualHost)
    {
        var bodies = new List<string>();
        foreach (var queue in ImportQueues.ForOperators)
        {
            using var got = await virtualHost.Broker.Management.PostAsJsonAsync(
                $"queues/{virtualHost.Name}/{queue}/get", new { count = 100, ackmode = "ack_requeue_true", encoding = "auto" }, Cancel);
            got.EnsureSuccessStatusCode();
            bodies.AddRange((await got.Content.ReadFromJsonAsync<JsonArray>(Cancel))!.Select(message => $"{queue} {message!["payload"]}"));
        }

        return bodies;
    }
}

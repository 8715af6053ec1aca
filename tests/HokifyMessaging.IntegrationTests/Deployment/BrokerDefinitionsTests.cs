using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Replays;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>The broker as docker-compose.yml sets it up: the committed settings, plugins and definitions on a node of their own.</summary>
public sealed class BrokerDefinitionsTests
{
    private const string VirtualHost = "hokify";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Deployment", "rabbitmq");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_definitions_are_accepted_keep_early_requests_and_are_what_the_service_declares()
    {
        await using var node = await RabbitMqNode.RequireAsync(Cancel, await File.ReadAllLinesAsync(Path.Combine(Folder, "rabbitmq.conf"), Cancel));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(node.Folder, "enabled_plugins"), Cancel),
            await File.ReadAllTextAsync(Path.Combine(Folder, "enabled_plugins"), Cancel));
        var management = node.Broker.Management;
        using var virtualHostCreated = await management.PutAsJsonAsync($"vhosts/{VirtualHost}", new { }, Cancel);
        virtualHostCreated.EnsureSuccessStatusCode();
        // As RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS and RABBITMQ_DEFAULT_VHOST do in a fresh container.
        using var userCreated = await management.PutAsJsonAsync("users/hokify", new { password = "secret", tags = "administrator" }, Cancel);
        userCreated.EnsureSuccessStatusCode();

        var definitions = await PostDefinitionsAsync(management);
        await PostDefinitionsAsync(management);

        await AllowTestsAsync(node.Broker);
        await using var virtualHost = new BrokerVirtualHost(node.Broker, VirtualHost);
        using var early = await management.PostAsJsonAsync(
            $"exchanges/{VirtualHost}/hokify.import-requested/publish",
            new { properties = new { }, routing_key = "", payload = """{"idempotencyKey":"early"}""", payload_encoding = "string" },
            Cancel);
        Assert.Equal("""{"routed":true}""", await early.Content.ReadAsStringAsync(Cancel));

        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 5);
        var completed = Assert.Single(await import.CompletionsAsync(1)).Event;

        Assert.Equal("early", completed["idempotencyKey"]!.GetValue<string>());
        await using var bare = await node.Broker.CreateVirtualHostAsync(Cancel);
        await using var elsewhere = await BrokerImport.StartAsync(bare, applications: 1);
        foreach (var kind in new[] { "exchanges", "queues", "bindings" })
        {
            Assert.Equal(Written(definitions[kind]!), Written((await import.GetNodeAsync($"definitions/{VirtualHost}"))![kind]!));
            Assert.Equal(Written(definitions[kind]!), Written((await elsewhere.GetNodeAsync($"definitions/{bare.Name}"))![kind]!));
        }

        // A queue's figures, its policy among them, come with the next statistics.
        await BrokerImport.Until(async () => (string?)(await import.GetNodeAsync($"queues/{VirtualHost}/hokify-import"))!["policy"] == "hokify-import");
    }

    private static async Task<JsonNode> PostDefinitionsAsync(HttpClient management)
    {
        using var body = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(Folder, "definitions.json"), Cancel));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var posted = await management.PostAsync("definitions", body, Cancel);
        Assert.True(posted.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.Created, await posted.Content.ReadAsStringAsync(Cancel));
        return JsonNode.Parse(await body.ReadAsByteArrayAsync(Cancel))!;
    }

    private static async Task AllowTestsAsync(RabbitMqBroker broker)
    {
        using var permitted = await broker.Management.PutAsJsonAsync(
            $"permissions/{VirtualHost}/{broker.UserName}", new { configure = ".*", write = ".*", read = ".*" }, Cancel);
        permitted.EnsureSuccessStatusCode();
    }

    /// <summary>Lines that compare: sorted, whatever the virtual host, and without the test's own subscriber.</summary>
    private static List<string> Written(JsonNode definitions) =>
    [
        .. definitions.AsArray().Select(definition => Sorted(definition!).ToJsonString())
            .Where(line => !line.Contains(BrokerImport.Completions, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    private static JsonNode Sorted(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.Where(member => member.Key != "vhost").OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Sorted(member.Value))))
        : node.DeepClone();
}

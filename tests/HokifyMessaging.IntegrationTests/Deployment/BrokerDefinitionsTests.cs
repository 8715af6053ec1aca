using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Deployment;

/// <summary>The broker as docker-compose.yml sets it up: the committed settings, plugins and definitions on a node of their own.</summary>
public sealed class BrokerDefinitionsTests
{
    private const string VirtualHost = "hokify";

    private const string ServicePassword = "s3rvice-1";

    private static readonly Dictionary<string, string?> Service = new()
    {
        ["Transport:RabbitMq:Username"] = "hokify",
        ["Transport:RabbitMq:Password"] = ServicePassword,
    };

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
        using var userCreated = await management.PutAsJsonAsync("users/operator", new { password = "0perator's-1", tags = "administrator" }, Cancel);
        userCreated.EnsureSuccessStatusCode();
        using var userPermitted = await management.PutAsJsonAsync($"permissions/{VirtualHost}/operator", new { configure = ".*", write = ".*", read = ".*" }, Cancel);
        userPermitted.EnsureSuccessStatusCode();

        await ProvisionAsync(node.Broker);
        await ProvisionAsync(node.Broker);

        var definitions = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "definitions.json"), Cancel))!;
        await AllowTestsAsync(node.Broker);
        await using var virtualHost = new BrokerVirtualHost(node.Broker, VirtualHost);
        using var early = await management.PostAsJsonAsync(
            $"exchanges/{VirtualHost}/hokify.import-requested/publish",
            new { properties = new { }, routing_key = "", payload = """{"idempotencyKey":"early"}""", payload_encoding = "string" },
            Cancel);
        Assert.Equal("""{"routed":true}""", await early.Content.ReadAsStringAsync(Cancel));

        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 5, Service);
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
        await ServiceDoesItsWorkAndNothingElseAsync(virtualHost, import);
    }

    /// <summary>What the service and its verbs do, as the user that the script has made.</summary>
    private static async Task ServiceDoesItsWorkAndNothingElseAsync(BrokerVirtualHost virtualHost, BrokerImport import)
    {
        var management = virtualHost.Broker.Management;
        using var wrong = await management.PostAsJsonAsync(
            $"exchanges/{VirtualHost}/hokify.import-requested/publish", new { properties = new { }, routing_key = "", payload = "[]", payload_encoding = "string" }, Cancel);
        wrong.EnsureSuccessStatusCode();
        using var folder = new OwnFolder();
        var settings = AtBroker.Asking(virtualHost).Concat(Service.Select(setting => KeyValuePair.Create(setting.Key, setting.Value!)))
            .Concat([new("Database:ConnectionString", import.Settings["Database:ConnectionString"]!)])
            .GroupBy(setting => setting.Key).ToDictionary(same => same.Key, same => same.Last().Value);

        var requested = await HokifyProcess.RunAsync(folder.Path, settings, "request", "--key", "by verb", "--wait", "--json");
        Assert.Equal((0, ""), (requested.ExitCode, requested.Error));
        Assert.Equal("by verb", requested.Json.GetProperty("idempotencyKey").GetString());
        await BrokerImport.Until(async () => (int?)(await import.GetNodeAsync($"queues/{VirtualHost}/hokify-import_error"))?["messages"] == 1);
        var queues = await HokifyProcess.RunAsync(folder.Path, settings, "queues", "--json");
        Assert.Equal((0, ""), (queues.ExitCode, queues.Error));
        Assert.Contains("hokify-import_error", queues.Output, StringComparison.Ordinal);

        using var asService = new RabbitMqBroker(new Uri($"amqp://hokify:{ServicePassword}@{virtualHost.Amqp.Authority}"), new Uri(management.BaseAddress!, "/"));
        using var elsewhere = await asService.Management.PutAsJsonAsync($"queues/{VirtualHost}/somebody-elses", new { durable = true }, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        using var users = await asService.Management.GetAsync("users", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, users.StatusCode);
    }

    /// <summary>Runs the script as the container does, with the passwords in files.</summary>
    private static async Task ProvisionAsync(RabbitMqBroker broker)
    {
        using var secrets = new OwnFolder();
        await File.WriteAllTextAsync(Path.Combine(secrets.Path, "rabbitmq_operator_password"), "0perator's-1\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(secrets.Path, "rabbitmq_password"), $"{ServicePassword}\n", Cancel);
        using var script = Process.Start(new ProcessStartInfo("/bin/sh", [Path.Combine(Folder, "provision.sh")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["SECRETS"] = secrets.Path,
                ["MANAGEMENT"] = broker.Management.BaseAddress!.GetLeftPart(UriPartial.Authority),
                ["DEFINITIONS"] = Path.Combine(Folder, "definitions.json"),
            },
        })!;
        var said = await Task.WhenAll(script.StandardOutput.ReadToEndAsync(Cancel), script.StandardError.ReadToEndAsync(Cancel));
        await script.WaitForExitAsync(Cancel);
        Assert.Equal((0, ""), (script.ExitCode, string.Concat(said)));
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
        ? new JsonObject(members.Where(member => !IsSaidAnyway(members, member)).OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : Sorted(member.Value))))
        : node.DeepClone();

    /// <summary>The virtual host, and what RabbitMQ 4.3 writes otherwise than 3.10 does: no <c>internal</c> that is false, and a queue's type beside its argument.</summary>
    private static bool IsSaidAnyway(JsonObject definition, KeyValuePair<string, JsonNode?> member) => member.Key switch
    {
        "vhost" => true,
        "internal" => !member.Value!.GetValue<bool>(),
        "type" => definition["arguments"]?["x-queue-type"]?.GetValue<string>() == member.Value!.GetValue<string>(),
        _ => false,
    };
}

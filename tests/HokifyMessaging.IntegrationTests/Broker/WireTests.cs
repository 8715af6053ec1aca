using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Service;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// What the service does at a broker, as somebody has looked at it: whatever carries its messages, nobody outside may notice a difference. The texts are
/// <see cref="Approval"/>s; a change of one of them changes something for publishers, subscribers or operators.
/// </summary>
public sealed partial class WireTests(SharedBroker shared)
{
    private const string Spy = "test-spy";

    private const string Envelope =
        """{"messageId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","messageType":["urn:message:hokify:import-requested:v1"],"message":{"idempotencyKey":"wire","importMode":"Full"},"headers":{"mine":"1"}}""";

    /// <summary>The ids of a completion and of a refusal, which a scope and a key make.</summary>
    private static readonly string[] Made = [$"{CompletionId.Of(1, "wire")}", "190512bf-84e2-5d4c-80b8-64f47599a446"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Quorum", "wire-topology-quorum")]
    [InlineData("Classic", "wire-topology-classic")]
    public async Task The_exchanges_queues_bindings_and_consumers(string queueType, string name)
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, ("Transport:RabbitMq:QueueType", queueType));

        // Whatever comes, an error queue is all that is made beside those of the start.
        await import.PublishAsync("[]");
        await import.PublishAsync("""{"messageId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","messageType":["urn:message:somebody:else"],"message":{}}""");
        await BrokerImport.Until(async () => await import.DepthAsync(ImportQueues.Error) == 2);
        await import.PublishAsync("""{"idempotencyKey":"wire"}""");
        await BrokerImport.Until(async () => await import.DepthAsync(BrokerImport.Completions) == 1);

        List<string> lines = [];
        await BrokerImport.Until(async () => (lines = await LinesAsync(import)).Any(line => line.StartsWith("consumer", StringComparison.Ordinal)));
        Approval.Holds(string.Join('\n', lines), name);
    }

    [Fact]
    public async Task A_completion()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost);

        await import.PublishAsync("""{"idempotencyKey":"wire","importMode":"Full","requestedBy":"another system"}""");

        await HoldsAsync(import, BrokerImport.Completions, "wire-completed");
    }

    [Fact]
    public async Task A_refusal_and_a_failure()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost);
        await SpyAsync(import, "hokify.import-failed");

        await import.PublishAsync("""{"idempotencyKey":"wire","scopeId":7}""");
        await HoldsAsync(import, Spy, "wire-failed-refused");
        await HoldsAsync(import, ImportQueues.Error, "wire-error-refused");

        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { Times = null });
        await import.PublishAsync(
            Envelope,
            new { content_type = "application/vnd.masstransit+json", message_id = "m-1", app_id = "crm", expiration = "600000", delivery_mode = 2, headers = new Dictionary<string, object> { ["mine"] = 1 } });
        await HoldsAsync(import, Spy, "wire-failed");
        await HoldsAsync(import, ImportQueues.Error, "wire-error-failed");
    }

    [Fact]
    public async Task What_the_service_sends_to_itself()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, ("Hokify:Import:SliceDuration", "00:00:01"));
        await SpyAsync(import, ImportQueues.Requests);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(1.5), Times = 2 });

        await import.PublishAsync("""{"idempotencyKey":"wire","importMode":"Full","requestedBy":"another system"}""");

        await BrokerImport.Until(async () => await import.DepthAsync(Spy) > 1);
        Assert.StartsWith("""{"idempotencyKey":"wire",""", System.Text.Encoding.UTF8.GetString((await import.TakeAsync(Spy))!.Body.Span), StringComparison.Ordinal);
        await HoldsAsync(import, Spy, "wire-nudge");
    }

    [Fact]
    public async Task What_verbs_send()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost);
        using var folder = new OwnFolder();
        var settings = new Dictionary<string, string>(AtBroker.Asking(virtualHost)) { ["Database:ConnectionString"] = import.Settings["Database:ConnectionString"]! };
        await SpyAsync(import, "hokify.import-requested");

        var requested = await HokifyProcess.RunAsync(folder.Path, settings, "request", "--key", "wire", "--mode", "Full", "--requested-by", "a test");
        Assert.Equal((0, ""), (requested.ExitCode, requested.Error));
        await HoldsAsync(import, Spy, "wire-request");
        await HoldsAsync(import, BrokerImport.Completions, "wire-completed-of-request");

        await SpyAsync(import, ImportQueues.Requests);
        var replayed = await HokifyProcess.RunAsync(folder.Path, settings, "replay", "wire");
        Assert.Equal((0, ""), (replayed.ExitCode, replayed.Error));
        await HoldsAsync(import, Spy, "wire-replay");
        await HoldsAsync(import, BrokerImport.Completions, "wire-completed-of-request");

        var announced = await HokifyProcess.RunAsync(folder.Path, settings, "runs", "announce", "wire");
        Assert.Equal((0, ""), (announced.ExitCode, announced.Error));
        await HoldsAsync(import, BrokerImport.Completions, "wire-completed-by-verb");
    }

    [Fact]
    public async Task What_came_back_too_often()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, ("Transport:RabbitMq:QueueType", "Classic"), ("Transport:RabbitMq:DeliveryLimit", "1"));

        // The error queue is another one than the service makes, so that nothing can be put there.
        await import.PutAsync($"queues/{virtualHost.Name}/{ImportQueues.Error}", new { durable = true, arguments = new Dictionary<string, string> { ["x-queue-type"] = "quorum" } });
        await import.PublishAsync("""{"idempotencyKey":"wire","scopeId":7}""", new { message_id = "m-1", headers = new Dictionary<string, object> { ["mine"] = 1 } });

        await HoldsAsync(import, ImportQueues.Dead, "wire-dead", text => BrokersWords().Replace(text, "{the broker's words}"));
    }

    private static Task<BrokerImport> StartAsync(BrokerVirtualHost virtualHost, params (string Key, string Value)[] settings) => BrokerImport.StartAsync(
        virtualHost, applications: 3, settings: [new("Hokify:Import:FailedRunRetries", "1"), .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))]);

    /// <summary>A queue that gets what an exchange does.</summary>
    private static async Task SpyAsync(BrokerImport import, string exchange)
    {
        await import.PutAsync($"queues/{import.VirtualHost}/{Spy}", new { durable = true });
        await import.BindAsync(exchange, Spy);
    }

    private static async Task HoldsAsync(BrokerImport import, string queue, string name, Func<string, string>? also = null)
    {
        await BrokerImport.Until(async () => await import.DepthAsync(queue) > 0);
        var text = WireText.Of((await import.TakeAsync(queue))!, Made);
        Approval.Holds(also?.Invoke(text) ?? text, name);
    }

    /// <summary>All that there is in the virtual host, but for what every one has and what is the test's.</summary>
    private static async Task<List<string>> LinesAsync(BrokerImport import)
    {
        var lines = new List<string>();
        foreach (var exchange in await ListAsync("exchanges", "name"))
        {
            lines.Add($"exchange {exchange["name"]}: {exchange["type"]}, {Flags(exchange)}, {Arguments(exchange)}");
        }

        foreach (var queue in await ListAsync("queues", "name"))
        {
            if (queue["name"]!.GetValue<string>() == ImportQueues.Requests && queue["type"]!.GetValue<string>() == "classic")
            {
                // Brokers from 4 on write that to a queue that is declared without a type, as this one is then.
                queue["arguments"]!.AsObject().Remove("x-queue-type");
            }

            lines.Add($"queue {queue["name"]}: {queue["type"]}, {Flags(queue)}, {Arguments(queue)}");
        }

        foreach (var binding in await ListAsync("bindings", "source"))
        {
            lines.Add($"binding {binding["source"]} to {binding["destination_type"]} {binding["destination"]}: routing key '{binding["routing_key"]}', {Arguments(binding)}");
        }

        foreach (var consumer in (await import.GetNodeAsync($"consumers/{import.VirtualHost}"))!.AsArray().OfType<JsonObject>())
        {
            lines.Add($"consumer of {consumer["queue"]!["name"]}: prefetch {consumer["prefetch_count"]}, acknowledges {consumer["ack_required"]}, exclusive {consumer["exclusive"]}, {Arguments(consumer)}");
        }

        return [.. lines.Where(line => !line.Contains(BrokerImport.Completions, StringComparison.Ordinal))];

        async Task<IEnumerable<JsonObject>> ListAsync(string kind, string name) =>
            (await import.GetNodeAsync($"{kind}/{import.VirtualHost}"))!.AsArray().OfType<JsonObject>()
                .Where(one => one[name]!.GetValue<string>() is { Length: > 0 } given && !given.StartsWith("amq.", StringComparison.Ordinal))
                .OrderBy(one => one[name]!.GetValue<string>(), StringComparer.Ordinal).ThenBy(one => one["destination_type"]?.GetValue<string>(), StringComparer.Ordinal);

        static string Flags(JsonObject one) => string.Join(", ", new[] { "durable", "auto_delete", "exclusive", "internal" }.Where(flag => one[flag]?.GetValue<bool>() == true).DefaultIfEmpty("transient"));

        static string Arguments(JsonObject one) => one["arguments"] is JsonObject { Count: > 0 } arguments
            ? string.Join(' ', arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal).Select(argument => string.Create(CultureInfo.InvariantCulture, $"{argument.Key}={argument.Value}")))
            : "no arguments";
    }

    [GeneratedRegex("(?<=it has closed the channel: ').*(?='\\. It has)")]
    private static partial Regex BrokersWords();
}

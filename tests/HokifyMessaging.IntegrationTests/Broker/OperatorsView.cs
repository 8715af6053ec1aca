using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>What an operator sees and does in the broker's management UI.</summary>
internal sealed class OperatorsView(BrokerVirtualHost host)
{
    private const string ErrorQueue = "hokify-import_error";
    private const string DeadLetterQueue = "hokify-import_dead";

    private readonly string _virtualHost = Uri.EscapeDataString(host.Name);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>"Get messages, requeue": the messages stay where they are.</summary>
    public Task<IReadOnlyList<QueuedMessage>> ErrorsAsync() => GetAsync(ErrorQueue, "ack_requeue_true");

    /// <summary>The same of any queue.</summary>
    public Task<IReadOnlyList<QueuedMessage>> MessagesAsync(string queue) => GetAsync(queue, "ack_requeue_true");

    /// <summary>What came back too often.</summary>
    public Task<IReadOnlyList<QueuedMessage>> DeadLettersAsync() => GetAsync(DeadLetterQueue, "ack_requeue_true");

    /// <summary>"Publish message" of the exchange; an operator who sets no properties gives none.</summary>
    public async Task PublishAsync(string body, object? properties = null) => Assert.True(await TryPublishAsync(body, properties), "nobody took the message");

    /// <summary>As <see cref="PublishAsync"/>, at an exchange behind which there may be no queue yet.</summary>
    public async Task<bool> TryPublishAsync(string body, object? properties = null)
    {
        using var published = await host.Broker.Management.PostAsJsonAsync(
            $"exchanges/{_virtualHost}/hokify.import-requested/publish",
            new { properties = properties ?? new { }, routing_key = "", payload = body, payload_encoding = "string" },
            Cancel);
        return published.IsSuccessStatusCode && (await published.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("routed").GetBoolean();
    }

    /// <summary>The names on the page "Queues".</summary>
    public async Task<string[]> QueuesAsync() =>
    [
        .. (await host.Broker.Management.GetFromJsonAsync<JsonElement>($"queues/{_virtualHost}", Cancel)).EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!),
    ];

    /// <summary>"Add a new queue".</summary>
    public async Task MakeQueueAsync(string queue, string type)
    {
        using var made = await host.Broker.Management.PutAsJsonAsync(
            $"queues/{_virtualHost}/{queue}", new { durable = true, arguments = new Dictionary<string, string> { ["x-queue-type"] = type } }, Cancel);
        made.EnsureSuccessStatusCode();
    }

    /// <summary>"Delete queue".</summary>
    public async Task DeleteQueueAsync(string queue)
    {
        using var deleted = await host.Broker.Management.DeleteAsync($"queues/{_virtualHost}/{queue}", Cancel);
        deleted.EnsureSuccessStatusCode();
    }

    /// <summary>The page "Channels".</summary>
    public Task<JsonElement> ChannelsAsync() => host.Broker.Management.GetFromJsonAsync<JsonElement>($"vhosts/{_virtualHost}/channels", Cancel);

    /// <summary>"Force close" on every connection of the service, once the management API knows one.</summary>
    public async Task CloseServiceConnectionsAsync(HokifyProcess service)
    {
        string[] names = [];
        await service.UntilAsync(
            async () => (names = [.. from connection in (await ConnectionsAsync()).EnumerateArray()
                                     where connection.GetProperty("user_provided_name").GetString()!.StartsWith("hokify ", StringComparison.Ordinal)
                                     select connection.GetProperty("name").GetString()!]).Length > 0,
            "the management API shows its connection");
        foreach (var name in names)
        {
            using var closed = await host.Broker.Management.DeleteAsync($"connections/{Uri.EscapeDataString(name)}", Cancel);
            closed.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The page "Connections".</summary>
    public Task<JsonElement> ConnectionsAsync() =>
        host.Broker.Management.GetFromJsonAsync<JsonElement>($"vhosts/{_virtualHost}/connections", Cancel);

    /// <summary>"Get messages" without "requeue": takes them out of the queue.</summary>
    public Task<IReadOnlyList<QueuedMessage>> TakeAsync(string queue) => GetAsync(queue, "ack_requeue_false");

    public async Task<IReadOnlyList<QueuedMessage>> UntilErrorsAsync(int count)
    {
        var waited = Stopwatch.StartNew();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var errors = await ErrorsAsync();
            if (errors.Count >= count)
            {
                return errors;
            }

            Assert.True(waited.Elapsed < HokifyProcess.Patience, $"Within {HokifyProcess.Patience.TotalSeconds} seconds {errors.Count} instead of {count} messages came into {ErrorQueue}.");
            await poll.WaitForNextTickAsync(Cancel);
        }
    }

    /// <summary>Takes the message out of the error queue and puts it as it is, faults' headers included, into the import's queue again.</summary>
    public Task ReplayErrorAsync() => MoveBackAsync(ErrorQueue);

    /// <summary>"Move messages" of a queue that holds one.</summary>
    public async Task MoveBackAsync(string queue)
    {
        var message = Assert.Single(await GetAsync(queue, "ack_requeue_false"));
        using var published = await host.Broker.Management.PostAsJsonAsync(
            $"exchanges/{_virtualHost}/amq.default/publish",
            new { properties = message.Properties, routing_key = "hokify-import", payload = message.Payload, payload_encoding = "string" },
            Cancel);
        published.EnsureSuccessStatusCode();
        Assert.True((await published.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("routed").GetBoolean());
    }

    private async Task<IReadOnlyList<QueuedMessage>> GetAsync(string queue, string acknowledgement)
    {
        using var got = await host.Broker.Management.PostAsJsonAsync(
            $"queues/{_virtualHost}/{queue}/get", new { count = 1_000, ackmode = acknowledgement, encoding = "auto" }, Cancel);

        // The queue is made with the first message that goes there.
        if (got.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        got.EnsureSuccessStatusCode();
        var messages = await got.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return [.. messages.EnumerateArray().Select(m => new QueuedMessage(m.GetProperty("payload").GetString()!, m.GetProperty("properties").Clone()))];
    }
}

/// <summary>A message as the management API shows it.</summary>
internal sealed record QueuedMessage(string Payload, JsonElement Properties)
{
    public string? Header(string name) => Properties.GetProperty("headers").GetProperty(name).GetString();
}

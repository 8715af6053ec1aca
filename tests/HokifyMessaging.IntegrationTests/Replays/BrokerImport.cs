using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>
/// The import at a real broker, and an operator before the management UI: everything that the operator does goes through
/// the management HTTP API, as the UI's own clicks do.
/// </summary>
internal sealed class BrokerImport : HostedImport
{
    public const string Completions = "test-completions";

    private readonly BrokerVirtualHost _virtualHost;
    private readonly IInterceptor? _interceptor;
    private IConnection? _connection;

    private BrokerImport(HokifySandbox sandbox, BrokerVirtualHost virtualHost, IInterceptor? interceptor)
        : base(sandbox)
    {
        (_virtualHost, _interceptor) = (virtualHost, interceptor);
        Set(virtualHost.Settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        Set([new("Transport:StopTimeout", "00:00:05"), new("Hokify:Scopes:1:AtsApi:Http:Retries", "1"), new("Hokify:Import:BatchSize", "10")]);
    }

    public string VirtualHost => _virtualHost.Name;

    public HttpClient Management => _virtualHost.Broker.Management;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="virtualHost">Where the messages go.</param>
    /// <param name="applications">How many applications hokify has.</param>
    /// <param name="settings">What differs from the defaults, by configuration key.</param>
    /// <param name="interceptor">What stands between the import and its database; null for nothing.</param>
    public static async Task<BrokerImport> StartAsync(
        BrokerVirtualHost virtualHost, int applications = 30, IEnumerable<KeyValuePair<string, string?>>? settings = null, IInterceptor? interceptor = null)
    {
        var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = applications }, Cancel);
        var import = new BrokerImport(sandbox, virtualHost, interceptor);
        import.Set(settings ?? []);
        await import.SubscribeAsync();
        await import.StartHostAsync();
        return import;
    }

    /// <summary>A subscriber's queue, bound before anything is published, as any other system would bind it.</summary>
    public async Task SubscribeAsync()
    {
        await PutAsync($"exchanges/{VirtualHost}/hokify.import-completed", new { type = "fanout", durable = true });
        await PutAsync($"queues/{VirtualHost}/{Completions}", new { durable = true });
        await BindAsync("hokify.import-completed", Completions);
    }

    public async Task BindAsync(string exchange, string queue)
    {
        using var bound = await Management.PostAsJsonAsync($"bindings/{VirtualHost}/e/{exchange}/q/{queue}", new { }, Cancel);
        bound.EnsureSuccessStatusCode();
    }

    /// <summary>How many messages wait in a queue at this moment, none in one that is not made yet; the management API knows it a while later only.</summary>
    public async Task<long> DepthAsync(string queue)
    {
        await using var channel = await ChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, Cancel)).MessageCount;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }

    /// <summary>Takes the oldest message of a queue as a program with an AMQP client sees it; null where there is none.</summary>
    public async Task<BasicGetResult?> TakeAsync(string queue)
    {
        await using var channel = await ChannelAsync();
        return await channel.BasicGetAsync(queue, autoAck: true, Cancel);
    }

    /// <summary>A consumer refuses the oldest message of a queue: it goes back and is counted, or, where it shall not, to the dead letters.</summary>
    public async Task RejectAsync(string queue, bool requeue = false)
    {
        await using var channel = await ChannelAsync();
        if (await channel.BasicGetAsync(queue, autoAck: false, Cancel) is { } message)
        {
            await channel.BasicRejectAsync(message.DeliveryTag, requeue, Cancel);
        }

        await channel.CloseAsync(Cancel);
    }

    /// <summary>A program dies with the oldest message of a queue in hand; returns when the broker has put it back.</summary>
    public async Task DieWithAsync(string queue)
    {
        var before = await DepthAsync(queue);
        await using (var connection = await new ConnectionFactory { Uri = _virtualHost.Amqp }.CreateConnectionAsync(Cancel))
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            Assert.NotNull(await channel.BasicGetAsync(queue, autoAck: false, Cancel));
            await connection.AbortAsync(Cancel);
        }

        await Until(async () => await DepthAsync(queue) == before);
    }

    /// <summary>Takes out all that is in a queue.</summary>
    public async Task<IReadOnlyList<JsonNode>> TakeAllAsync(string queue)
    {
        var taken = new List<JsonNode>();
        while (await GetAsync(queue, take: true) is { Count: > 0 } messages)
        {
            taken.AddRange(messages!);
        }

        return taken;
    }

    /// <summary>The subscriber goes, and its queue with it: nobody is bound any more.</summary>
    public async Task UnsubscribeAsync()
    {
        using var deleted = await Management.DeleteAsync($"queues/{VirtualHost}/{Completions}", Cancel);
        deleted.EnsureSuccessStatusCode();
    }

    /// <summary>"Publish message" of an exchange or a queue.</summary>
    public async Task PublishAsync(string body, object? properties = null, string exchange = "hokify.import-requested")
    {
        // To publish to a queue, the UI publishes to the default exchange with the queue's name.
        var (name, key) = exchange.StartsWith(ImportQueues.Requests, StringComparison.Ordinal) ? ("amq.default", exchange) : (exchange, "");
        using var published = await Management.PostAsJsonAsync(
            $"exchanges/{VirtualHost}/{name}/publish",
            new { properties = properties ?? new { }, routing_key = key, payload = body, payload_encoding = "string" },
            Cancel);
        published.EnsureSuccessStatusCode();
        var routed = (await published.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["routed"]!.GetValue<bool>();
        Assert.True(routed, $"nobody took the message that was published to {exchange}");
    }

    /// <summary>"Get messages": leaves them in the queue unless <paramref name="take"/>.</summary>
    public async Task<JsonArray> GetAsync(string queue, bool take = false)
    {
        using var got = await Management.PostAsJsonAsync(
            $"queues/{VirtualHost}/{queue}/get",
            new { count = 100, ackmode = take ? "ack_requeue_false" : "ack_requeue_true", encoding = "auto" },
            Cancel);
        if (got.StatusCode == HttpStatusCode.NotFound)
        {
            // The error queue is made with the first message that goes there.
            return [];
        }

        got.EnsureSuccessStatusCode();
        return (await got.Content.ReadFromJsonAsync<JsonArray>(Cancel))!;
    }

    /// <summary>"Move messages": the shovel plugin takes what is there and then goes away.</summary>
    public async Task MoveAsync(string from, string to)
    {
        var uri = $"amqp:///{VirtualHost}";
        var name = $"move-{Guid.NewGuid():N}";
        var value = new Dictionary<string, object>
        {
            ["src-uri"] = uri,
            ["src-queue"] = from,
            ["src-delete-after"] = "queue-length",
            ["dest-uri"] = uri,
            ["dest-queue"] = to,
            ["dest-add-forward-headers"] = false,
            ["ack-mode"] = "on-confirm",
        };
        await PutAsync($"parameters/shovel/{VirtualHost}/{name}", new { value });
        await Until(async () => !(await GetNodeAsync($"parameters/shovel/{VirtualHost}"))!.AsArray().Any(shovel => shovel!["name"]!.GetValue<string>() == name));
    }

    /// <summary>"Force close" on every connection of the import.</summary>
    public async Task CloseConnectionsAsync()
    {
        foreach (var connection in (await GetNodeAsync($"vhosts/{VirtualHost}/connections"))!.AsArray())
        {
            using var closed = await Management.DeleteAsync($"connections/{Uri.EscapeDataString(connection!["name"]!.GetValue<string>())}", Cancel);
        }
    }

    /// <summary>Asks less often than of what is in memory: the service counts the requests of a client, and the broker's management is slow.</summary>
    public static Task Until(Func<Task<bool>> condition, TimeSpan? limit = null) => HostedImport.Until(condition, limit, every: TimeSpan.FromMilliseconds(50));

    /// <summary>Waits for completions in the subscriber's queue and takes them out.</summary>
    public async Task<IReadOnlyList<(string MessageId, JsonObject Event)>> CompletionsAsync(int count, TimeSpan? limit = null)
    {
        var received = new List<(string, JsonObject)>();
        await Until(
            async () =>
            {
                received.AddRange(await AllCompletionsAsync());
                return received.Count >= count;
            },
            limit);
        Assert.Equal(count, received.Count);
        return received;
    }

    /// <summary>Takes out what is in the subscriber's queue.</summary>
    public async Task<IReadOnlyList<(string MessageId, JsonObject Event)>> AllCompletionsAsync() =>
    [
        .. (await GetAsync(Completions, take: true)).Select(message => (
            message!["properties"]!["message_id"]!.GetValue<string>(),
            JsonNode.Parse(message["payload"]!.GetValue<string>())!["message"]!.AsObject())),
    ];

    /// <summary>Waits for one message in a queue and leaves it there.</summary>
    public async Task<JsonNode> MessageInAsync(string queue)
    {
        JsonArray messages = [];
        await Until(async () => (messages = await GetAsync(queue)).Count > 0);
        return Assert.Single(messages)!;
    }

    public Task<int> ProfilesAsync() => QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel));

    public override async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private async Task<IChannel> ChannelAsync()
    {
        _connection ??= await new ConnectionFactory { Uri = _virtualHost.Amqp }.CreateConnectionAsync(Cancel);
        return await _connection.CreateChannelAsync(cancellationToken: Cancel);
    }

    public Task<JsonNode?> GetNodeAsync(string path) => Management.GetFromJsonAsync<JsonNode>(path, Cancel);

    public async Task PutAsync(string path, object body)
    {
        using var put = await Management.PutAsJsonAsync(path, body, JsonSerializerOptions.Default, Cancel);
        put.EnsureSuccessStatusCode();
    }

    protected override void AddBus(IServiceCollection services, IConfiguration configuration)
    {
        services.AddHokifyBus(configuration);
        if (_interceptor is not null)
        {
            services.AddSingleton(_interceptor);
        }
    }
}

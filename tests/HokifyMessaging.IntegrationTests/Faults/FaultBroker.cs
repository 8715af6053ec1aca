using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Receiving;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>A virtual host of a broker that is disturbed: requests go in and events come out by its management API, which tells what arrived.</summary>
internal sealed class FaultBroker(RabbitMqNode node, BrokerVirtualHost host)
{
    private const string Events = "faults-events";

    private readonly OperatorsView _operator = new(host);
    private readonly string _virtualHost = Uri.EscapeDataString(host.Name);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Management => host.Broker.Management;

    /// <summary>A subscriber's queue, bound before anything is published.</summary>
    public async Task SubscribeAsync()
    {
        await PutAsync($"exchanges/{_virtualHost}/hokify.import-completed", new { type = "fanout", durable = true });
        await PutAsync($"queues/{_virtualHost}/{Events}", new { durable = true });
        using var bound = await Management.PostAsJsonAsync($"bindings/{_virtualHost}/e/hokify.import-completed/q/{Events}", new { }, Cancel);
        bound.EnsureSuccessStatusCode();

        await node.FlushDeclarationsAsync(Cancel);
    }

    /// <summary>
    /// Returns when a service consumes, and the broker will know of its queue whatever happens. A broker writes down what is declared when it finds the
    /// time: killed a moment after the very first declaration, it has lost a classic queue, and of a quorum queue it has the name and no member, for good.
    /// </summary>
    public async Task AwaitConsumerAsync()
    {
        using var patience = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        while (!await IsConsumedAsync())
        {
            await patience.WaitForNextTickAsync(Cancel);
        }

        await node.FlushDeclarationsAsync(Cancel);
    }

    private async Task<bool> IsConsumedAsync()
    {
        var queues = await Management.GetFromJsonAsync<JsonElement>($"queues/{_virtualHost}", Cancel);
        return queues.EnumerateArray().Any(queue =>
            queue.GetProperty("name").GetString() == ImportQueues.Requests && queue.TryGetProperty("consumers", out var consumers) && consumers.GetInt32() > 0);
    }

    /// <summary>Publishes a request until the broker says that it has it, as a publisher does who means it.</summary>
    public async Task PublishAsync(HokifyImportRequested request, FaultLog log, string lane)
    {
        var body = JsonSerializer.Serialize(request, JsonSerializerOptions.Web);
        using var patience = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        for (var attempt = 1; !await TryPublishAsync(body); attempt++)
        {
            log.Note(lane, $"{request.IdempotencyKey} was not taken, attempt {attempt}");
            await patience.WaitForNextTickAsync(Cancel);
        }
    }

    public async Task StopAndStartAsync()
    {
        await node.StopAppAsync(Cancel);
        await node.StartAppAsync(Cancel);
    }

    public Task KillAndStartAsync() => node.KillAndStartAsync(Cancel);

    public async Task PauseAsync(int milliseconds)
    {
        await node.PauseAsync(Cancel);
        await Task.Delay(milliseconds, Cancel);
        await node.ContinueAsync(Cancel);
    }

    /// <summary>"Force close" on the connections that the management API knows at this moment.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> CutConnectionsAsync()
    {
        var cut = 0;
        foreach (var connection in (await _operator.ConnectionsAsync()).EnumerateArray())
        {
            using var closed = await Management.DeleteAsync($"connections/{Uri.EscapeDataString(connection.GetProperty("name").GetString()!)}", Cancel);
            cut++;
        }

        return cut;
    }

    /// <summary>Takes the events out that have arrived so far.</summary>
    public Task<IReadOnlyList<QueuedMessage>> TakeEventsAsync() => _operator.TakeAsync(Events);

    public Task<IReadOnlyList<QueuedMessage>> ErrorsAsync() => _operator.ErrorsAsync();

    /// <summary>How many messages the queues hold that have no right to hold any, once everything has been carried out.</summary>
    public async Task<string> LeftOversAsync()
    {
        var queues = await Management.GetFromJsonAsync<JsonElement>($"queues/{_virtualHost}", Cancel);
        return string.Join(", ", from queue in queues.EnumerateArray()
                                 let name = queue.GetProperty("name").GetString()
                                 where name is ImportQueues.Requests or ImportQueues.Dead or ImportQueues.Skipped
                                 where !queue.TryGetProperty("messages", out var messages) || messages.GetInt32() > 0
                                 select $"{name}: {(queue.TryGetProperty("messages", out var messages) ? messages : "not yet counted")}");
    }

    private async Task<bool> TryPublishAsync(string body)
    {
        try
        {
            return await _operator.TryPublishAsync(body, new { delivery_mode = 2, content_type = "application/json" });
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !Cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task PutAsync(string path, object body)
    {
        using var put = await Management.PutAsJsonAsync(path, body, JsonSerializerOptions.Default, Cancel);
        put.EnsureSuccessStatusCode();
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using HokifyMessaging.Machine;

namespace HokifyMessaging.Receiving;

/// <summary>A queue as RabbitMQ's management API shows it. Its figures are up to five seconds old.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Exists">False for a queue that nothing has needed yet; RabbitMQ makes it with its first message.</param>
/// <param name="Type">Its type, such as <c>quorum</c> or <c>classic</c>.</param>
/// <param name="Ready">How many messages wait; null when the broker has not counted yet.</param>
/// <param name="Unacknowledged">How many messages somebody works on; null when the broker has not counted yet.</param>
/// <param name="Consumers">How many consumers it has; null when the broker has not counted yet.</param>
/// <param name="Oldest">Why the oldest message is there; null when there is none, and when it was not looked at.</param>
internal sealed record QueueState(string Name, bool Exists, string? Type, long? Ready, long? Unacknowledged, int? Consumers, OldestMessage? Oldest)
{
    /// <summary>How many of its messages are requests whose run is completed by now; null where that was not looked at.</summary>
    public long? Healed { get; init; }
}

/// <summary>The message at the head of a queue. Nothing of its body is read.</summary>
/// <param name="Reason">Why it is there: the fault's sentence, or the broker's word for it.</param>
/// <param name="Since">Since when; null when the message does not say.</param>
internal sealed record OldestMessage(string? Reason, DateTimeOffset? Since);

/// <summary>The management API did not give what was asked for; the message is one sentence for the operator.</summary>
internal sealed class ManagementException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The import's queues, seen through RabbitMQ's management API. Looks, and changes nothing.</summary>
internal sealed class RabbitMqManagement : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly string _virtualHost;

    /// <param name="broker">Where the broker and its management API are.</param>
    public RabbitMqManagement(RabbitMqOptions broker)
    {
        Address = broker.ManagementAddress();
        _virtualHost = broker.VirtualHost;

        // A redirect would take the password elsewhere, and turn the look at a message into something else.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, Proxy = LocalDirectly.Proxy }) { BaseAddress = Address, Timeout = Limit };
        var credentials = $"{broker.Management.Username ?? broker.Username}:{broker.Management.Password ?? broker.Password}";
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }

    /// <summary>Where it asks.</summary>
    public Uri Address { get; }

    private static string Why(HttpRequestError error) => error switch
    {
        HttpRequestError.ConnectionError => ", because nobody listens there",
        HttpRequestError.NameResolutionError => ", because no machine has that name",
        HttpRequestError.SecureConnectionError => ", because its certificate is not accepted, or it speaks no TLS",
        _ => "",
    };

    private string Queues => $"api/queues/{Uri.EscapeDataString(_virtualHost)}";

    /// <summary>The state of the import's queue and of those whose messages wait for an operator.</summary>
    /// <exception cref="ManagementException">The API cannot be reached, or refuses.</exception>
    public async Task<IReadOnlyList<QueueState>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await FindAsync(cancellationToken);
        var states = new List<QueueState>();
        foreach (var name in ImportQueues.ForOperators.Prepend(ImportQueues.Requests))
        {
            if (!found.TryGetValue(name, out var queue))
            {
                states.Add(new QueueState(name, false, null, 0, 0, 0, null));
                continue;
            }

            var type = Text(queue, "type") ?? Text(Member(queue, "arguments"), "x-queue-type");
            states.Add(new QueueState(
                name, true, type, Number(queue, "messages_ready"), Number(queue, "messages_unacknowledged"), (int?)Number(queue, "consumers"),
                ImportQueues.ForOperators.Contains(name) && MayBeLookedInto(type) ? await LookAsync(name, cancellationToken) : null));
        }

        return states;
    }

    /// <summary>After how long the broker takes a request away from whoever holds it, as the queue's arguments or a policy say; null where neither does: the setting of the broker itself then counts, which no API tells.</summary>
    /// <exception cref="ManagementException">The API cannot be reached, or refuses.</exception>
    public async Task<TimeSpan?> ConsumerTimeoutAsync(CancellationToken cancellationToken)
    {
        if (!(await FindAsync(cancellationToken)).TryGetValue(ImportQueues.Requests, out var queue))
        {
            return null;
        }

        var argument = Number(Member(queue, "arguments"), "x-consumer-timeout");
        var policy = Number(Member(queue, "effective_policy_definition"), "consumer-timeout");
        return new[] { argument, policy }.Min() is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    /// <summary>The names that programs gave to their connections with the virtual host, as far as this user may see them.</summary>
    /// <exception cref="ManagementException">The API cannot be reached, or refuses.</exception>
    public async Task<IReadOnlyList<string>> ConnectionNamesAsync(CancellationToken cancellationToken) =>
    [
        .. Items(await AnswerAsync(token => _http.GetAsync($"api/vhosts/{Uri.EscapeDataString(_virtualHost)}/connections", token), cancellationToken))
            .Select(connection => Text(Member(connection, "client_properties"), "connection_name"))
            .OfType<string>(),
    ];

    /// <summary>
    /// A classic queue puts a message that was looked at back where it was. A quorum queue counts the look as a delivery,
    /// and after enough of them deletes the message.
    /// </summary>
    public static bool MayBeLookedInto(string? type) => type == "classic";

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>What the API says of the import's queues that are there, by their names.</summary>
    private async Task<Dictionary<string, JsonElement>> FindAsync(CancellationToken cancellationToken)
    {
        var pattern = Uri.EscapeDataString($"^{ImportQueues.Requests}(_|$)");
        var page = await AnswerAsync(
            token => _http.GetAsync($"{Queues}?page=1&page_size=100&use_regex=true&name={pattern}", token), cancellationToken);
        return Items(Member(page, "items")).ToDictionary(queue => Text(queue, "name") ?? throw Foreign());
    }

    private async Task<OldestMessage?> LookAsync(string queue, CancellationToken cancellationToken)
    {
        // Cut to nothing, the body does not leave the broker.
        var look = new { count = 1, ackmode = "ack_requeue_true", encoding = "auto", truncate = 0 };
        var messages = Items(await AnswerAsync(token => _http.PostAsJsonAsync($"{Queues}/{queue}/get", look, token), cancellationToken));
        if (messages is not [var oldest, ..])
        {
            return null;
        }

        // Without headers the API writes an empty array for the empty object.
        var headers = Member(Member(oldest, "properties"), "headers");
        var death = Member(headers, "x-death") is { ValueKind: JsonValueKind.Array } deaths ? deaths.EnumerateArray().FirstOrDefault() : default;
        return new OldestMessage(
            Text(headers, "MT-Fault-Message") ?? Text(death, "reason") ?? Text(headers, "MT-Reason"),
            Instant(Text(headers, "MT-Fault-Timestamp")) ?? Instant(Number(death, "time")));
    }

    private async Task<JsonElement> AnswerAsync(Func<CancellationToken, Task<HttpResponseMessage>> ask, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ask(cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken),
                HttpStatusCode.NotFound => throw new ManagementException(
                    $"The management API at {Address} knows no virtual host '{_virtualHost}' (Transport:RabbitMq:VirtualHost)."),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new ManagementException(
                    $"The management API at {Address} refuses the user: {await ReasonAsync(answer, cancellationToken)}; check Transport:RabbitMq:Management:Username and Password, "
                    + "and that the user has the tag 'management' and may read the queues."),
                var status => throw new ManagementException(
                    $"The management API at {Address} answered {(int)status}; check Transport:RabbitMq:Management:Address."),
            };
        }
        catch (HttpRequestException exception)
        {
            throw new ManagementException(
                $"The management API at {Address} cannot be reached{Why(exception.HttpRequestError)}; check Transport:RabbitMq:Management:Address and whether the broker's management plugin is enabled.", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ManagementException(
                $"The management API at {Address} did not answer within {TimeLimit.InSeconds(Limit)}; check Transport:RabbitMq:Management:Address.", exception);
        }
        catch (JsonException exception)
        {
            throw Foreign(exception);
        }
    }

    private JsonElement[] Items(JsonElement list) => list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : throw Foreign();

    private ManagementException Foreign(Exception? inner = null) =>
        new($"What answers at {Address} is not RabbitMQ's management API; check Transport:RabbitMq:Management:Address.", inner);

    private static async Task<string> ReasonAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return Text(await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken), "reason") ?? $"{(int)answer.StatusCode}";
        }
        catch (JsonException)
        {
            return $"{(int)answer.StatusCode}";
        }
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    private static DateTimeOffset? Instant(long? unixSeconds) => unixSeconds is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}

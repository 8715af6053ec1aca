using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A broker that answers, wherever it runs: its AMQP address and its management API.</summary>
public sealed class RabbitMqBroker : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);

    /// <param name="amqp">With user and password; the path is left out.</param>
    /// <param name="management">The management plugin's address.</param>
    public RabbitMqBroker(Uri amqp, Uri management)
    {
        Amqp = amqp;
        var credentials = Uri.UnescapeDataString(amqp.UserInfo.Length == 0 ? "guest:guest" : amqp.UserInfo);
        UserName = credentials.Split(':', 2)[0];
        Management = new HttpClient { BaseAddress = new Uri(management, "/api/"), Timeout = TimeSpan.FromSeconds(30) };
        Management.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
    }

    public Uri Amqp { get; }

    public string UserName { get; }

    /// <summary>Relative addresses start behind <c>/api/</c>: <c>queues/{vhost}</c>.</summary>
    public HttpClient Management { get; }

    /// <summary>Makes a virtual host of its own for a test; disposing it deletes it with all queues.</summary>
    public Task<BrokerVirtualHost> CreateVirtualHostAsync(CancellationToken cancellationToken) => CreateVirtualHostAsync($"test-{Guid.NewGuid():N}", cancellationToken);

    /// <summary>Makes a virtual host of that name, if it is not there; disposing it deletes it with all queues.</summary>
    public async Task<BrokerVirtualHost> CreateVirtualHostAsync(string name, CancellationToken cancellationToken)
    {
        using var created = await Management.PutAsync($"vhosts/{Uri.EscapeDataString(name)}", JsonContent.Create(new { }), cancellationToken);
        created.EnsureSuccessStatusCode();
        using var permitted = await Management.PutAsJsonAsync(
            $"permissions/{Uri.EscapeDataString(name)}/{Uri.EscapeDataString(UserName)}",
            new { configure = ".*", write = ".*", read = ".*" },
            cancellationToken);
        permitted.EnsureSuccessStatusCode();
        return new BrokerVirtualHost(this, name);
    }

    /// <summary>Waits until the management API and the AMQP port both answer.</summary>
    /// <param name="ended">What the broker said when it ended; null while it runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AnswersAsync(Func<Task<string?>> ended, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!(await ManagementAnswersAsync(limit.Token) && await AmqpAnswersAsync(limit.Token)))
            {
                if (await ended() is { } reason)
                {
                    throw new InvalidOperationException($"RabbitMQ ended while it started:\n{reason}");
                }

                await poll.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"RabbitMQ did not answer within {StartLimit.TotalSeconds} seconds.");
        }
    }

    /// <summary>Which RabbitMQ it is.</summary>
    public async Task<Version> VersionAsync(CancellationToken cancellationToken) =>
        Version.Parse((await Management.GetFromJsonAsync<JsonElement>("overview", cancellationToken)).GetProperty("rabbitmq_version").GetString()!.Split('-')[0]);

    private async Task<bool> ManagementAnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var overview = await Management.GetAsync("overview", cancellationToken);
            return overview.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<bool> AmqpAnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Amqp.Host, Amqp.Port, cancellationToken);
            await client.GetStream().WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, cancellationToken);
            var answer = new byte[1];
            const byte MethodFrame = 1;
            return await client.GetStream().ReadAsync(answer, cancellationToken) == 1 && answer[0] == MethodFrame;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    public void Dispose() => Management.Dispose();
}

/// <summary>A virtual host that only one test, or one test class, uses.</summary>
public sealed class BrokerVirtualHost(RabbitMqBroker broker, string name) : IAsyncDisposable
{
    public RabbitMqBroker Broker { get; } = broker;

    public string Name { get; } = name;

    /// <summary>The AMQP address with user, password and virtual host.</summary>
    public Uri Amqp { get; } = new UriBuilder(broker.Amqp) { Path = Uri.EscapeDataString(name) }.Uri;

    /// <summary>By configuration key: what a hokify needs to work with it.</summary>
    public Dictionary<string, string> Settings
    {
        get
        {
            var credentials = Amqp.UserInfo.Split(':', 2);
            return new Dictionary<string, string>
            {
                ["Transport:Kind"] = "RabbitMq",
                ["Transport:RabbitMq:Host"] = Amqp.Host,
                ["Transport:RabbitMq:Port"] = Amqp.Port.ToString(CultureInfo.InvariantCulture),
                ["Transport:RabbitMq:VirtualHost"] = Name,
                ["Transport:RabbitMq:Username"] = Uri.UnescapeDataString(credentials[0]),
                ["Transport:RabbitMq:Password"] = Uri.UnescapeDataString(credentials[1]),
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var deleted = await Broker.Management.DeleteAsync($"vhosts/{Uri.EscapeDataString(Name)}");
        deleted.EnsureSuccessStatusCode();
    }
}

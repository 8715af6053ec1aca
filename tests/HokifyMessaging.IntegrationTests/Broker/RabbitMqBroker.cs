using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A broker that answers, wherever it runs: its AMQP address and its management API.</summary>
public sealed class RabbitMqBroker : IDisposable
{
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
    public async Task<BrokerVirtualHost> CreateVirtualHostAsync(CancellationToken cancellationToken)
    {
        var name = $"test-{Guid.NewGuid():N}";
        using var created = await Management.PutAsync($"vhosts/{name}", JsonContent.Create(new { }), cancellationToken);
        created.EnsureSuccessStatusCode();
        using var permitted = await Management.PutAsJsonAsync(
            $"permissions/{name}/{Uri.EscapeDataString(UserName)}",
            new { configure = ".*", write = ".*", read = ".*" },
            cancellationToken);
        permitted.EnsureSuccessStatusCode();
        return new BrokerVirtualHost(this, name);
    }

    public void Dispose() => Management.Dispose();
}

/// <summary>A virtual host that only one test, or one test class, uses.</summary>
public sealed class BrokerVirtualHost(RabbitMqBroker broker, string name) : IAsyncDisposable
{
    public RabbitMqBroker Broker { get; } = broker;

    public string Name { get; } = name;

    /// <summary>The AMQP address with user, password and virtual host.</summary>
    public Uri Amqp { get; } = new UriBuilder(broker.Amqp) { Path = name }.Uri;

    public async ValueTask DisposeAsync()
    {
        using var deleted = await Broker.Management.DeleteAsync($"vhosts/{Name}");
        deleted.EnsureSuccessStatusCode();
    }
}

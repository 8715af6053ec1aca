using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>How the service comes to its broker: over TLS, to any virtual host, to the node that lives; and what it says when it does not.</summary>
public sealed class ConnectionTests(ConnectionTests.Brokers brokers) : IClassFixture<ConnectionTests.Brokers>
{
    private const string RabbitMq = "Transport:RabbitMq";
    private const string Tls = $"{RabbitMq}:Tls";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a closed port", "Connection refused (ConnectionRefused)")]
    [LongFormData("a wrong virtual host", "it answers 'NOT_ALLOWED - vhost nowhere not found'")]
    [InlineData("TLS at a port without", "TLS fails (")]
    [LongFormData("no TLS at a port with it", "it ends the connection without an answer; it may expect TLS")]
    [InlineData("a CA that the machine does not know", "this machine does not trust its certificate (")]
    [LongFormData("another CA", "no CA in the file of Transport:RabbitMq:Tls:CertificateAuthorityPath vouches for its certificate (")]
    [LongFormData("another name", "its certificate (CN=broker) is not for broker.example; Transport:RabbitMq:Tls:ServerName must be a name that the certificate has")]
    [InlineData("no certificate of its own", "it ends the connection without an answer; it may expect TLS (Transport:RabbitMq:Tls:Enabled) or a client's certificate")]
    public async Task A_broker_that_cannot_be_used_is_named_once_with_the_reason_and_the_service_is_not_ready(string what, string reason)
    {
        await using var site = await Installation.StartAsync(applications: 1);
        await using var host = await brokers.Asking.Broker.CreateVirtualHostAsync(Cancel);
        site.Use(host);
        Add(site, Settings(what));

        var service = await site.ServeAsync();
        var line = await service.UntilLineAsync("cannot be used");
        var ready = await HealthAsync(service, HttpStatusCode.ServiceUnavailable);

        Assert.True(line.Contains($"cannot be used: {reason}", StringComparison.Ordinal), line);
        Assert.StartsWith("""{"status":"Unhealthy",""", ready, StringComparison.Ordinal);
        Assert.Equal(0, await service.TerminateAsync());
        Assert.Single(service.Lines, other => other.Contains("cannot be used", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, other => other.Contains("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_that_its_broker_does_not_let_in_ends_with_the_reason_rather_than_doing_nothing(bool wasLetInBefore)
    {
        await using var site = await Installation.StartAsync(applications: 1);
        await using var host = await brokers.Asking.Broker.CreateVirtualHostAsync(Cancel);
        site.Use(host);
        var user = $"user-{wasLetInBefore}";
        await SetPasswordAsync(host, user, "right");
        site.Settings[$"{RabbitMq}:Username"] = user;
        site.Settings[$"{RabbitMq}:Password"] = wasLetInBefore ? "right" : "wrong";

        var service = await site.ServeAsync();
        if (wasLetInBefore)
        {
            await service.UntilStartedAsync();
            await SetPasswordAsync(host, user, "another");
            await new OperatorsView(host).CloseServiceConnectionsAsync(service);
        }

        Assert.Equal(1, await service.ExitAsync());
        Assert.Single(service.Lines, line => line.EndsWith(
            "cannot be used: it refuses the user or the password; check Transport:RabbitMq:Username and Transport:RabbitMq:Password. The service ends", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_is_as_it_is_configured_and_tells_the_operator_whose_it_is()
    {
        await using var way = await Way.StartAsync(
            cancel => brokers.Asking.Broker.CreateVirtualHostAsync("a/b c", cancel),
            applications: 5,
            configure: site => Add(site, brokers.WithCertificate));
        await ImportAsync(way);

        var connection = await ConnectionAsync(way);
        Assert.True(connection.GetProperty("ssl").GetBoolean());
        Assert.Matches("^tlsv1.[23]$", connection.GetProperty("ssl_protocol").GetString());
        Assert.Equal("CN=hokify", connection.GetProperty("peer_cert_subject").GetString());
        Assert.Equal(15, connection.GetProperty("timeout").GetInt32());
        Assert.Equal("a/b c", connection.GetProperty("vhost").GetString());
        Assert.Matches($@"^hokify \d+\.\d+\.\d+ on {Environment.MachineName}$", connection.GetProperty("user_provided_name").GetString());
        Assert.Equal("PLAIN", connection.GetProperty("auth_mechanism").GetString());
        var name = connection.GetProperty("name").GetString();
        await way.Site.UntilAsync(
            // Of a channel that has only just come the broker does not say everything yet.
            async () => (await way.Operator.ChannelsAsync()).EnumerateArray().Any(channel =>
                channel.TryGetProperty("connection_details", out var of) && of.TryGetProperty("name", out var its) && its.GetString() == name
                && channel.TryGetProperty("confirm", out var confirms) && confirms.GetBoolean()),
            "the broker shows a channel with publisher confirms");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("%2F")]
    public async Task A_virtual_host_may_have_any_name(string name)
    {
        await using var way = await Way.StartAsync(cancel => brokers.Plain.Broker.CreateVirtualHostAsync(name, cancel), applications: 5);

        await ImportAsync(way);

        Assert.Equal(name, (await ConnectionAsync(way)).GetProperty("vhost").GetString());
    }

    [Fact]
    public async Task A_dead_first_node_does_not_keep_the_service_from_the_second_and_a_node_that_dies_is_left_for_the_other()
    {
        var (first, second) = (brokers.Plain, brokers.Asking);
        await using var other = await first.Broker.CreateVirtualHostAsync("shared", Cancel);
        await using var way = await Way.StartAsync(cancel => second.Broker.CreateVirtualHostAsync("shared", cancel), applications: 5, configure: site =>
        {
            site.Settings[$"{RabbitMq}:Port"] = "1";
            site.Settings[$"{RabbitMq}:Nodes:0"] = $"127.0.0.1:{first.Broker.Amqp.Port}";
            site.Settings[$"{RabbitMq}:Nodes:1"] = $"127.0.0.1:{second.Broker.Amqp.Port}";
        });
        var service = Assert.Single(way.Site.Processes);
        Assert.Contains(service.Lines, line => line.Contains("ConnectionRefused", StringComparison.Ordinal));
        await new OperatorsView(other).PublishAsync("""{"idempotencyKey": "at the first"}""");
        await way.Site.UntilAsync(() => way.Site.Database.IsAsync("at the first", run => run.State == RunState.Completed), "the first node's request is imported");

        await first.StopAppAsync(Cancel);
        try
        {
            await way.Site.UntilAsync(() => way.Operator.TryPublishAsync("""{"idempotencyKey": "at the second"}"""), "the second node is used");
            await way.Site.UntilAsync(() => way.Site.Database.IsAnnouncedAsync("at the second"), "the second node's request is imported");
        }
        finally
        {
            await first.StartAppAsync(CancellationToken.None);
        }
    }

    private Dictionary<string, string> Settings(string what) => what switch
    {
        "a closed port" => new() { [$"{RabbitMq}:Port"] = "1" },
        "a wrong virtual host" => new() { [$"{RabbitMq}:VirtualHost"] = "nowhere" },
        "TLS at a port without" => new() { [$"{Tls}:Enabled"] = "true" },
        "no TLS at a port with it" => new() { [$"{RabbitMq}:Port"] = brokers.WithCertificate[$"{RabbitMq}:Port"] },
        "a CA that the machine does not know" => With((Tls + ":CertificateAuthorityPath", "")),
        "another CA" => With((Tls + ":CertificateAuthorityPath", brokers.Certificates.StrangerPath)),
        "another name" => With((Tls + ":ServerName", "broker.example")),
        "no certificate of its own" => With((Tls + ":CertificatePath", "")),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    private Dictionary<string, string> With((string Key, string Value) change) => new(brokers.WithCertificate) { [change.Key] = change.Value };

    private static void Add(Installation site, Dictionary<string, string> settings)
    {
        foreach (var (key, value) in settings)
        {
            site.Settings[key] = value;
        }
    }

    private static async Task ImportAsync(Way way)
    {
        await way.Operator.PublishAsync("""{"idempotencyKey": "here"}""");
        await way.Site.UntilAsync(() => way.Site.Database.IsAnnouncedAsync("here"), "the request is imported");
    }

    private static async Task<JsonElement> ConnectionAsync(Way way)
    {
        JsonElement[] own = [];
        await way.Site.UntilAsync(
            async () => (own = [.. (await way.Operator.ConnectionsAsync()).EnumerateArray().Where(c => c.GetProperty("user_provided_name").GetString()!.StartsWith("hokify ", StringComparison.Ordinal))]).Length > 0,
            "the management API shows the connection");
        return Assert.Single(own);
    }

    private static async Task SetPasswordAsync(BrokerVirtualHost host, string user, string password)
    {
        using var put = await host.Broker.Management.PutAsJsonAsync($"users/{user}", new { password, tags = "" }, Cancel);
        put.EnsureSuccessStatusCode();
        using var permission = await host.Broker.Management.PutAsJsonAsync($"permissions/{host.Name}/{user}", new { configure = ".*", write = ".*", read = ".*" }, Cancel);
        permission.EnsureSuccessStatusCode();
    }

    /// <summary>The health page, as soon as it answers so.</summary>
    private static async Task<string> HealthAsync(HokifyProcess service, HttpStatusCode expected)
    {
        using var client = new HttpClient { BaseAddress = await service.AddressAsync() };
        var text = "";
        await service.UntilAsync(
            async () =>
            {
                using var answer = await client.GetAsync("health/ready", Cancel);
                text = await answer.Content.ReadAsStringAsync(Cancel);
                return answer.StatusCode == expected;
            },
            $"/health/ready answers {expected}");
        return text;
    }

    /// <summary>A broker that asks for certificates where it speaks TLS, and one without TLS; both are there without it, too.</summary>
    public sealed class Brokers : IAsyncLifetime
    {
        internal TestCertificates Certificates { get; } = new();

        internal RabbitMqNode Asking { get; private set; } = null!;

        internal RabbitMqNode Plain { get; private set; } = null!;

        /// <summary>The settings of a service that the first broker lets in over TLS.</summary>
        internal Dictionary<string, string> WithCertificate { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            var port = RabbitMqNode.FreePorts(1)[0].ToString(CultureInfo.InvariantCulture);
            Asking = await RabbitMqNode.RequireAsync(
                CancellationToken.None,
                $"listeners.ssl.1 = 127.0.0.1:{port}",
                $"ssl_options.cacertfile = {Certificates.AuthorityPath}",
                $"ssl_options.certfile = {Certificates.ServerPath}",
                $"ssl_options.keyfile = {Certificates.ServerKeyPath}",
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = true");
            Plain = await RabbitMqNode.RequireAsync(CancellationToken.None);
            WithCertificate = new Dictionary<string, string>
            {
                [$"{RabbitMq}:Port"] = port,
                [$"{Tls}:Enabled"] = "true",
                [$"{Tls}:CertificateAuthorityPath"] = Certificates.AuthorityPath,
                [$"{Tls}:CertificatePath"] = Certificates.ClientPath,
                [$"{Tls}:CertificatePassphrase"] = TestCertificates.Passphrase,
            };
        }

        public async ValueTask DisposeAsync()
        {
            if (Asking is not null)
            {
                await Asking.DisposeAsync();
            }

            if (Plain is not null)
            {
                await Plain.DisposeAsync();
            }

            Certificates.Dispose();
        }
    }
}

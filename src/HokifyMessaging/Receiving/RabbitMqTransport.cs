using System.Security.Authentication;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>The connection to the broker, and the queues that MassTransit makes beside the import's own.</summary>
internal static class RabbitMqTransport
{
    public static void Configure(this IRabbitMqBusFactoryConfigurator transport, RabbitMqOptions broker)
    {
        transport.Host(broker.Host, (ushort)broker.Port, broker.VirtualHost, ConnectionName(), host =>
        {
            host.Username(broker.Username);
            host.Password(broker.Password);
            host.Heartbeat(RabbitMqConnection.Heartbeat);
            host.PublisherConfirmation = true;
            if (broker.Nodes.Count > 0)
            {
                host.UseCluster(cluster =>
                {
                    cluster.Node($"{broker.Host}:{broker.Port}");
                    foreach (var node in broker.Nodes)
                    {
                        cluster.Node(node);
                    }
                });
            }

            if (broker.Tls.Enabled)
            {
                host.UseSsl(tls => Configure(tls, broker));
            }
            else
            {
                host.OnRefreshConnectionFactory = factory =>
                {
                    factory.SocketFactory = PlainTcpClient.Create;
                    return Task.CompletedTask;
                };
            }
        });

        // They inherit the arguments of the queue they stand beside. With a delivery limit, looking at a message three
        // times in the management UI would delete it.
        transport.SendTopology.ConfigureErrorSettings = KeepForGood;
        transport.SendTopology.ConfigureDeadLetterSettings = KeepForGood;
    }

    /// <summary>How a connection's name begins, behind which its version and its machine stand.</summary>
    public const string Program = "hokify";

    /// <summary>Operators see it in the management UI: which program, which version, which machine.</summary>
    private static string ConnectionName() => $"{Program} {ProductVersion.Text} on {Environment.MachineName}";

    private static void KeepForGood(IRabbitMqQueueBindingConfigurator queue)
    {
        queue.SetQueueArgument("x-queue-type", "classic");
        queue.SetQueueArgument("x-delivery-limit", null);
        queue.SetQueueArgument("x-dead-letter-exchange", null);
        queue.SetQueueArgument("x-dead-letter-routing-key", null);
    }

    private static void Configure(IRabbitMqSslConfigurator tls, RabbitMqOptions broker)
    {
        // Of 1.2 and newer, what the machine's policy allows.
        tls.Protocol = SslProtocols.None;
        tls.ServerName = broker.Tls.ServerName is { Length: > 0 } name ? name : broker.Host;
        tls.CertificateValidationCallback = new BrokerCertificateCheck(tls.ServerName, broker.Tls.Authorities()).Accept;
        tls.Certificate = broker.Tls.Certificate();
    }
}

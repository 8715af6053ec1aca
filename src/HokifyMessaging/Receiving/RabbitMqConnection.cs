using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>A connection beside the bus: for what the bus cannot do, such as to look at a message and put it back.</summary>
internal static class RabbitMqConnection
{
    /// <summary>How often both sides make sure that the other is there: often enough for what cuts connections that say nothing. The broker's own setting may be shorter.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">No node lets it in; <see cref="BrokerErrors"/> says why.</exception>
    public static Task<IConnection> OpenAsync(RabbitMqOptions broker, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            UserName = broker.Username,
            Password = broker.Password,
            VirtualHost = broker.VirtualHost,
            RequestedHeartbeat = Heartbeat,
            AutomaticRecoveryEnabled = false,
            SocketFactory = broker.Tls.Enabled ? ConnectionFactoryBase.DefaultSocketFactory : PlainTcpClient.Create,
        };
        return factory.CreateConnectionAsync(
            [.. broker.Nodes.Select(node => Endpoint(broker, node)).Prepend(new AmqpTcpEndpoint(broker.Host, broker.Port, Encryption(broker)))], name, cancellationToken);
    }

    private static AmqpTcpEndpoint Endpoint(RabbitMqOptions broker, string node)
    {
        var parts = node.Split(':', 2);
        return new AmqpTcpEndpoint(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), Encryption(broker));
    }

    private static SslOption Encryption(RabbitMqOptions broker)
    {
        if (!broker.Tls.Enabled)
        {
            return new SslOption();
        }

        var serverName = broker.Tls.ServerName is { Length: > 0 } configured ? configured : broker.Host;
        return new SslOption(serverName, enabled: true)
        {
            Version = SslProtocols.None,
            // The check decides, and says why: what the client finds first must not stop it.
            AcceptablePolicyErrors = SslPolicyErrors.None,
            CertificateValidationCallback = new BrokerCertificateCheck(serverName, broker.Tls.Authorities()).Accept,
            Certs = broker.Tls.Certificate() is { } certificate ? new X509CertificateCollection { certificate } : null,
        };
    }
}

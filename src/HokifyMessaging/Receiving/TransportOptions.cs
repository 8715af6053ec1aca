using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace HokifyMessaging;

/// <summary>What carries the messages.</summary>
internal enum TransportKind
{
    /// <summary>A bus inside this process, for trying things out; nothing outside the process can publish or subscribe.</summary>
    InMemory,

    /// <summary>A RabbitMQ broker.</summary>
    RabbitMq,
}

/// <summary>Section <c>Transport</c> of the configuration: what carries the messages.</summary>
internal sealed class TransportOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Transport";

    /// <summary>The kind of transport. Default: <see cref="TransportKind.InMemory"/>.</summary>
    public TransportKind Kind { get; set; } = TransportKind.InMemory;

    /// <summary>How many scopes one process imports at the same time. Default: 4; 1 to 100.</summary>
    [Range(1, 100)]
    public int ConcurrentImports { get; set; } = 4;

    /// <summary>How long a running import may take to reach its checkpoint when the service stops. Default: 20 seconds; 1 second to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a message waits for a broker that is away before it is given up; events and requests that were given up are sent again later. Default: 30 seconds; 1 second to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the broker is; used when <see cref="Kind"/> is <see cref="TransportKind.RabbitMq"/>.</summary>
    [ValidateObjectMembers]
    public RabbitMqOptions RabbitMq { get; set; } = new();
}

/// <summary>What kind of queue the import's is.</summary>
internal enum RabbitMqQueueType
{
    /// <summary>Replicated over the nodes of a cluster, with a delivery limit.</summary>
    Quorum,

    /// <summary>On one node; for a broker that has only one, or is older than 3.8.</summary>
    Classic,
}

/// <summary>Where the RabbitMQ broker is.</summary>
internal sealed class RabbitMqOptions
{
    /// <summary>The broker's host name. Default: <c>localhost</c>.</summary>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>The AMQP port. Default: 5672; 1 to 65,535.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 5672;

    /// <summary>The virtual host. Default: <c>/</c>.</summary>
    [Required]
    public string VirtualHost { get; set; } = "/";

    /// <summary>The user; RabbitMQ lets <c>guest</c> in from its own machine only. Default: <c>guest</c>.</summary>
    [Required]
    public string Username { get; set; } = "guest";

    /// <summary>The user's password. A secret. Default: <c>guest</c>.</summary>
    public string Password { get; set; } = "guest";

    /// <summary>Further nodes of the broker's cluster, as <c>host:port</c>; with one, <see cref="Host"/> only names the cluster's first node. Default: none.</summary>
    public IList<string> Nodes { get; init; } = [];

    /// <summary>The type of the queue <c>hokify-import</c>. Default: <see cref="RabbitMqQueueType.Quorum"/>. An existing queue keeps its type: delete it, empty, before changing this.</summary>
    public RabbitMqQueueType QueueType { get; set; } = RabbitMqQueueType.Quorum;

    /// <summary>
    /// How often a message is delivered, because its worker died or it could be put into no other queue, before it goes to
    /// <c>hokify-import_dead</c> with the last reason that is known. A quorum queue counts for all processes, a classic one not at
    /// all: there each process counts what it has seen. Default: 20; 1 to 1,000.
    /// </summary>
    [Range(1, 1_000)]
    public int DeliveryLimit { get; set; } = 20;

    /// <summary>Encryption of the connection (<c>amqps</c>).</summary>
    public RabbitMqTlsOptions Tls { get; set; } = new();

    /// <summary>Where <c>hokify queues</c> asks; nothing else uses the management API.</summary>
    public RabbitMqManagementOptions Management { get; set; } = new();

    /// <summary>The management API's address: the configured one, else the broker's host with the plugin's usual port.</summary>
    public Uri ManagementAddress()
    {
        var address = Management.Address is { Length: > 0 } configured
            ? configured
            : new UriBuilder(Tls.Enabled ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, Host, Tls.Enabled ? 15671 : 15672).ToString();
        return new Uri(address.EndsWith('/') ? address : $"{address}/");
    }

    /// <summary>The broker's address without credentials, with all its nodes.</summary>
    public string Address() =>
        $"{(Tls.Enabled ? "amqps" : "amqp")}://{string.Join(',', Nodes.Prepend($"{Host}:{Port}"))}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";
}

/// <summary>RabbitMQ's management API, an HTTP API of the broker's plugin <c>rabbitmq_management</c>.</summary>
internal sealed class RabbitMqManagementOptions
{
    /// <summary>Its address. Default: the broker's host with port 15672, with TLS https and port 15671; http or https, without a user.</summary>
    public string? Address { get; set; }

    /// <summary>The user; needs the tag <c>management</c> and the right to read the import's queues. Default: that of the connection.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password. A secret. Default: that of the connection.</summary>
    public string? Password { get; set; }
}

/// <summary>Encryption of the connection to the broker. The broker's certificate is always checked.</summary>
internal sealed class RabbitMqTlsOptions
{
    /// <summary>Whether the connection is encrypted; the port is then usually 5671. Default: false.</summary>
    public bool Enabled { get; set; }

    /// <summary>The name that the certificate of the broker, and of each further node, must have. Default: the host.</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file with the CA, or the CAs, one of which must have signed the broker's certificate; a relative path begins in the current folder. Default: those that the machine trusts.</summary>
    public string? CertificateAuthorityPath { get; set; }

    /// <summary>A PKCS #12 file with the client's certificate and its key, for a broker that asks for one; user and password are needed all the same; a relative path begins in the current folder. Default: none.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>The passphrase of that file. A secret.</summary>
    public string? CertificatePassphrase { get; set; }

    public X509Certificate2Collection? Authorities()
    {
        if (string.IsNullOrEmpty(CertificateAuthorityPath))
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(CertificateAuthorityPath);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("It holds no certificate.");
    }

    public X509Certificate2? Certificate()
    {
        if (string.IsNullOrEmpty(CertificatePath))
        {
            return null;
        }

        var certificate = X509CertificateLoader.LoadPkcs12FromFile(CertificatePath, CertificatePassphrase);
        return certificate.HasPrivateKey ? certificate : throw new CryptographicException("It holds no private key.");
    }
}

[OptionsValidator]
internal sealed partial class TransportAnnotationsValidator : IValidateOptions<TransportOptions>;

/// <summary>Refuses a transport's settings at start-up, with one sentence for each that is wrong.</summary>
internal sealed partial class TransportOptionsValidator : IValidateOptions<TransportOptions>
{
    private const string Broker = $"{TransportOptions.Section}:{nameof(TransportOptions.RabbitMq)}";
    private const string Tls = $"{Broker}:{nameof(RabbitMqOptions.Tls)}";

    public ValidateOptionsResult Validate(string? name, TransportOptions options)
    {
        var failures = AnnotationSentences.Of(new TransportAnnotationsValidator().Validate(TransportOptions.Section, options)).ToList();
        if (options.RabbitMq.Management.Address is { Length: > 0 } address && !IsAddress(address))
        {
            failures.Add($"{Broker}:Management:Address must be an http or https address without a user, such as https://broker.example:15671.");
        }

        if (options.Kind == TransportKind.RabbitMq)
        {
            failures.AddRange(Problems(options.RabbitMq));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Problems(RabbitMqOptions broker)
    {
        foreach (var (node, place) in broker.Nodes.Select((node, place) => (node, place)))
        {
            if (!Node().IsMatch(node))
            {
                yield return $"{Broker}:Nodes:{place} is '{node}'; it must be host:port, such as broker2:5672.";
            }
        }

        if (!broker.Tls.Enabled)
        {
            // MassTransit takes this port for TLS whatever is configured, and then trusts any certificate.
            if (broker.Port == 5671)
            {
                yield return $"{Broker}:Port is 5671, where brokers expect TLS; set {Tls}:Enabled to true.";
            }

            yield break;
        }

        if (Unreadable(broker.Tls.Authorities) is { } authorities)
        {
            yield return $"{Tls}:CertificateAuthorityPath is '{broker.Tls.CertificateAuthorityPath}'; it must be a PEM file with the CA's certificate: {authorities}";
        }

        if (Unreadable(broker.Tls.Certificate) is { } certificate)
        {
            yield return $"{Tls}:CertificatePath is '{broker.Tls.CertificatePath}'; it must be a PKCS #12 file with a certificate and its key, and CertificatePassphrase its passphrase: {certificate}";
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.UserInfo.Length == 0;

    private static string? Unreadable(Func<object?> file)
    {
        try
        {
            file();
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    [GeneratedRegex(@"^[^\s:/@]+:[0-9]{1,5}$")]
    private static partial Regex Node();
}

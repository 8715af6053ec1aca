using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HokifyMessaging;

/// <summary>What carries the messages.</summary>
public enum TransportKind
{
    /// <summary>A bus inside this process: for trying things out. Nothing outside the process can publish or subscribe.</summary>
    InMemory,

    /// <summary>A RabbitMQ broker.</summary>
    RabbitMq,
}

/// <summary>Section <c>Transport</c> of the configuration.</summary>
public sealed class TransportOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Transport";

    /// <summary>The kind of transport. Default: <see cref="TransportKind.InMemory"/>.</summary>
    public TransportKind Kind { get; set; } = TransportKind.InMemory;

    /// <summary>How many scopes one process imports at the same time. Default: 4; 1 to 100.</summary>
    [Range(1, 100)]
    public int ConcurrentImports { get; set; } = 4;

    /// <summary>How long a running import may take to reach its checkpoint when the host stops. Default: 20 seconds; 1 second to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Where the broker is; used when <see cref="Kind"/> is <see cref="TransportKind.RabbitMq"/>.</summary>
    [ValidateObjectMembers]
    public RabbitMqOptions RabbitMq { get; set; } = new();
}

/// <summary>Where the RabbitMQ broker is.</summary>
public sealed class RabbitMqOptions
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

    /// <summary>The user. Default: <c>guest</c>, which RabbitMQ lets in from its own machine only.</summary>
    [Required]
    public string Username { get; set; } = "guest";

    /// <summary>The user's password. Comes from the environment or user secrets, never from <c>appsettings.json</c>. Default: <c>guest</c>.</summary>
    public string Password { get; set; } = "guest";
}

[OptionsValidator]
internal sealed partial class TransportOptionsValidator : IValidateOptions<TransportOptions>;

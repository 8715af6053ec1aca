using HokifyMessaging.IntegrationTests.Broker;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// The broker that the tests of this assembly share: the one that <c>HOKIFY_TEST_RABBITMQ</c> (amqp URI) and
/// <c>HOKIFY_TEST_RABBITMQ_MANAGEMENT</c> (http URI; default port 15672 of the same machine) name, else a private node of
/// the <see cref="RabbitMqInstallation"/>, else a container, started when the first test asks. Tests keep apart by virtual hosts; one that
/// stops its broker starts a <see cref="RabbitMqNode"/> of its own.
/// </summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private RabbitMqNode? _node;
    private RabbitMqContainer? _container;
    private RabbitMqBroker? _broker;

    /// <summary>The broker; the calling test is skipped when there is none, and fails where <c>CI</c> is <c>true</c>.</summary>
    public async Task<RabbitMqBroker> RequireAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return _broker ??= await StartAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A fresh virtual host on the shared broker; skips or fails the calling test as <see cref="RequireAsync"/> does.</summary>
    public async Task<BrokerVirtualHost> CreateVirtualHostAsync(CancellationToken cancellationToken)
        => await (await RequireAsync(cancellationToken)).CreateVirtualHostAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        if (_container is not null)
        {
            await _container.DisposeAsync();
        }

        _broker?.Dispose();
        _one.Dispose();
    }

    private async Task<RabbitMqBroker> StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("HOKIFY_TEST_RABBITMQ") is { Length: > 0 } address)
        {
            return Named(new Uri(address));
        }

        if (RabbitMqInstallation.Chosen is { IsNewest: false, IsThere: false } && await RabbitMqContainer.IsPossibleAsync("docker", cancellationToken))
        {
            return (_container = await RabbitMqContainer.StartAsync("docker", cancellationToken)).Broker;
        }

        return (_node = await RabbitMqNode.RequireAsync(cancellationToken)).Broker;
    }

    private static RabbitMqBroker Named(Uri amqp)
    {
        var management = Environment.GetEnvironmentVariable("HOKIFY_TEST_RABBITMQ_MANAGEMENT");
        return new RabbitMqBroker(amqp, new Uri(string.IsNullOrEmpty(management) ? $"http://{amqp.Host}:15672" : management));
    }
}

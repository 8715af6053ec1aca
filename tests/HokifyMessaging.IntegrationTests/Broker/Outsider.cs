using System.Collections.Concurrent;
using HokifyMessaging.Contracts;
using MassTransit;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>Another system: a bus of its own that knows the contracts and nothing else, publishes requests and subscribes to what becomes of them.</summary>
internal sealed class Outsider : IAsyncDisposable
{
    private readonly ConcurrentQueue<(Guid? MessageId, HokifyImportCompleted Event)> _completions = new();
    private readonly ConcurrentQueue<(Guid? MessageId, HokifyImportFailed Event)> _failures = new();
    private readonly IBusControl _bus;

    private Outsider(BrokerVirtualHost host)
    {
        var credentials = host.Amqp.UserInfo.Split(':', 2);
        _bus = Bus.Factory.CreateUsingRabbitMq(transport =>
        {
            transport.Host(host.Amqp.Host, (ushort)host.Amqp.Port, host.Name, connection =>
            {
                connection.Username(Uri.UnescapeDataString(credentials[0]));
                connection.Password(Uri.UnescapeDataString(credentials[1]));
            });
            transport.ReceiveEndpoint("outsider-completions", endpoint => endpoint.Handler<HokifyImportCompleted>(context =>
            {
                _completions.Enqueue((context.MessageId, context.Message));
                return Task.CompletedTask;
            }));
            transport.ReceiveEndpoint("outsider-failures", endpoint => endpoint.Handler<HokifyImportFailed>(context =>
            {
                _failures.Enqueue((context.MessageId, context.Message));
                return Task.CompletedTask;
            }));
        });
    }

    /// <summary>All completions that arrived, in their order: nothing is left out that came twice.</summary>
    public IReadOnlyCollection<(Guid? MessageId, HokifyImportCompleted Event)> Completions => _completions;

    /// <summary>All failures likewise.</summary>
    public IReadOnlyCollection<(Guid? MessageId, HokifyImportFailed Event)> Failures => _failures;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Outsider> StartAsync(BrokerVirtualHost host)
    {
        var outsider = new Outsider(host);
        await outsider._bus.StartAsync(Cancel);
        return outsider;
    }

    public Task PublishAsync(HokifyImportRequested request, Action<PublishContext>? configure = null) =>
        _bus.Publish(request, context => configure?.Invoke(context), Cancel);

    public async ValueTask DisposeAsync() => await _bus.StopAsync(CancellationToken.None);
}

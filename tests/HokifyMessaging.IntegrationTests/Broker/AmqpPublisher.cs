using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A program with nothing but an AMQP client.</summary>
internal sealed class AmqpPublisher : IAsyncDisposable
{
    private readonly Uri _amqp;
    private IConnection _connection;
    private IChannel _channel;

    private AmqpPublisher(Uri amqp, IConnection connection, IChannel channel) => (_amqp, _connection, _channel) = (amqp, connection, channel);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<AmqpPublisher> ConnectAsync(BrokerVirtualHost host)
    {
        var (connection, channel) = await OpenAsync(host.Amqp);
        return new AmqpPublisher(host.Amqp, connection, channel);
    }

    public Task PublishAsync(string body, Dictionary<string, object?> headers) => SendAsync(body, new BasicProperties { Headers = headers, Persistent = true });

    /// <summary>To a queue instead of the requests' exchange.</summary>
    public async Task PublishToAsync(string queue, string body, BasicProperties properties) =>
        await _channel.BasicPublishAsync("", queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body), Cancel);

    /// <summary>As <see cref="PublishAsync"/>, for what the broker itself may refuse to take.</summary>
    /// <returns>Whether the broker took it.</returns>
    public async Task<bool> TrySendAsync(string body, BasicProperties properties)
    {
        try
        {
            await SendAsync(body, properties);
            return true;
        }
        catch (Exception exception) when (exception is OperationInterruptedException or AlreadyClosedException)
        {
            await DisposeAsync();
            (_connection, _channel) = await OpenAsync(_amqp);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task SendAsync(string body, BasicProperties properties) =>
        await _channel.BasicPublishAsync("hokify.import-requested", "", mandatory: true, properties, Encoding.UTF8.GetBytes(body), Cancel);

    private static async Task<(IConnection Connection, IChannel Channel)> OpenAsync(Uri amqp)
    {
        var connection = await new ConnectionFactory { Uri = amqp }.CreateConnectionAsync(Cancel);
        return (connection, await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel));
    }
}

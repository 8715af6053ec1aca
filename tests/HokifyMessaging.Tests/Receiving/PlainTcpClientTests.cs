using System.Net;
using System.Net.Sockets;
using HokifyMessaging.Receiving;
using MassTransit;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>A broker that expects TLS where the service does not speak it: some end the connection at once, some say so before.</summary>
public sealed class PlainTcpClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("15030100020228")]
    [InlineData("1503010002020A")]
    public async Task It_is_told_at_once_that_the_broker_may_expect_TLS(string answer)
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        var answering = AnswerAsync(broker, Convert.FromHexString(answer));

        var opening = RabbitMqConnection.OpenAsync(new RabbitMqOptions { Host = "127.0.0.1", Port = ((IPEndPoint)broker.LocalEndpoint).Port }, "test", Cancel);
        var error = await Assert.ThrowsAsync<BrokerUnreachableException>(() => opening.WaitAsync(TimeSpan.FromSeconds(30), Cancel));

        Assert.StartsWith("it ends the connection without an answer; it may expect TLS (Transport:RabbitMq:Tls:Enabled)", BrokerErrors.Describe(error), StringComparison.Ordinal);
        await answering;
    }

    public static TheoryData<Exception> Wrapped => [new BrokerUnreachableException(new ObjectDisposedException("stream")), new RabbitMqConnectionException("not made", new ObjectDisposedException("stream"))];

    [Theory]
    [MemberData(nameof(Wrapped))]
    public void It_is_told_so_too_where_the_writer_finds_closed_what_the_reader_has_heard_the_end_of(Exception error)
    {
        Assert.StartsWith("it ends the connection without an answer; it may expect TLS", BrokerErrors.Describe(error), StringComparison.Ordinal);
        Assert.Equal("the connection to it has ended", BrokerErrors.Describe(new ConnectionException("used", new ObjectDisposedException("stream"))));
    }

    private static async Task AnswerAsync(TcpListener broker, byte[] answer)
    {
        using var client = await broker.AcceptTcpClientAsync(Cancel);
        await client.GetStream().ReadExactlyAsync(new byte[8], Cancel);
        await client.GetStream().WriteAsync(answer, Cancel);
    }
}

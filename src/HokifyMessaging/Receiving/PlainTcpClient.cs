using System.Net.Sockets;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// A connection without TLS. A broker that expects TLS there answers with an alert, since Erlang 27 at the latest, before it ends the connection; the
/// client takes the alert for a frame and waits without end for the rest of it. Here it is the end at once, as it is with brokers that say nothing.
/// </summary>
internal sealed class PlainTcpClient(Socket socket) : TcpClientAdapter(socket)
{
    private const byte TlsAlert = 0x15;

    public override NetworkStream GetStream() => new PlainStream(Client);

    public static ITcpClient Create(AddressFamily family) => new PlainTcpClient(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });

    private sealed class PlainStream(Socket socket) : NetworkStream(socket)
    {
        private bool _hasBegun;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            if (!_hasBegun && count > 0)
            {
                _hasBegun = true;
                if (buffer.Span[0] == TlsAlert)
                {
                    throw new EndOfStreamException("The broker answers with TLS.");
                }
            }

            return count;
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HokifyMessaging.Tests.Reading;

/// <summary>A server that sends bytes as a test has them and closes the connection behind them: ends of bodies that no web server would let pass.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly Func<string, int, byte[]> _answer;
    private readonly Task _serving;

    /// <param name="answer">The whole answer, from its status line, to a path; is given the number of requests to it so far, from 1.</param>
    public RawServer(Func<string, int, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public static byte[] Answer(string headers, params ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n"), .. body];

    public static byte[] Json(string body) => Answer($"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n", Encoding.UTF8.GetBytes(body));

    public int RequestsTo(string path) => _requests.GetValueOrDefault(path);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await AnswerAsync(client.GetStream());
                }
                catch (IOException)
                {
                    // The client left before it had all.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>None of the requests has a body.</summary>
    private async Task AnswerAsync(NetworkStream stream)
    {
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return;
            }

            request.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        var path = request.ToString().Split(' ', 3)[1].Split('?')[0];
        await stream.WriteAsync(_answer(path, _requests.AddOrUpdate(path, 1, (_, count) => count + 1)), _stop.Token);
    }
}

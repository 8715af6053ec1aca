using System.Net.Sockets;
using System.Text;

namespace HokifyMessaging.Benchmarks;

/// <summary>Clients that keep a service busy with as little as they can; each begins again when it is shown the door.</summary>
internal sealed class SlowClients(Uri service, CancellationToken end)
{
    private readonly List<Task> _clients = [];
    private int _open;

    /// <summary>How many are connected, and have what they asked for.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Sends headers, a letter every few seconds, and never the last.</summary>
    public void SendHeaders(int clients) => Add(clients, _ => "GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ", null, async stream =>
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(4), end);
            await stream.WriteAsync("a"u8.ToArray(), end);
        }
    });

    /// <summary>Follows an import by server-sent events.</summary>
    public void Follow(int clients, IReadOnlyList<string> imports, IReadOnlyList<string> keys, int ofKey) => Add(
        clients,
        number => $"GET {imports[number % imports.Count]}/events HTTP/1.1\r\nHost: {service.Authority}\r\nX-Api-Key: {keys[number / ofKey]}\r\n\r\n",
        "HTTP/1.1 200",
        stream => ReadAsync(stream, TimeSpan.Zero));

    /// <summary>Fetches a file, four kilobytes a second.</summary>
    public void Download(int clients, string path) => Add(
        clients, _ => $"GET {path} HTTP/1.1\r\nHost: {service.Authority}\r\n\r\n", "HTTP/1.1 200", stream => ReadAsync(stream, TimeSpan.FromMilliseconds(250)));

    public async Task EndAsync() => await Task.WhenAll(_clients);

    private void Add(int clients, Func<int, string> request, string? answer, Func<NetworkStream, Task> live) =>
        _clients.AddRange(Enumerable.Range(0, clients).Select(number => Task.Run(() => LiveAsync(request(number), answer, live), end)));

    private async Task LiveAsync(string request, string? answer, Func<NetworkStream, Task> live)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient { ReceiveBufferSize = 4096 };
                await client.ConnectAsync(service.Host, service.Port, end);
                var stream = client.GetStream();
                await stream.WriteAsync(Encoding.ASCII.GetBytes(request), end);
                await GreetedAsync(stream, answer);
                Interlocked.Increment(ref _open);
                try
                {
                    await live(stream);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // The service closes the connections of who is too slow: then the next one begins. Or the measurement is over.
            }
        }
    }

    private async Task GreetedAsync(NetworkStream stream, string? answer)
    {
        if (answer is null)
        {
            return;
        }

        var first = new byte[answer.Length];
        await stream.ReadExactlyAsync(first, end);
        if (Encoding.ASCII.GetString(first) is var begun && begun != answer)
        {
            throw new InvalidOperationException($"The service answered '{begun}' instead of '{answer}'.");
        }
    }

    private async Task ReadAsync(NetworkStream stream, TimeSpan pause)
    {
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, end) > 0)
        {
            await Task.Delay(pause, end);
        }
    }
}

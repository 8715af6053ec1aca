using System.Net;
using System.Net.Sockets;

namespace HokifyMessaging.Tests;

/// <summary>A line to a port of this machine: it passes bytes on, says nothing, and takes its time if it is told to.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TimeSpan _delay;
    private readonly Task _serving;

    /// <param name="port">Where it leads.</param>
    /// <param name="delay">How long everything takes.</param>
    public TcpRelay(int port, TimeSpan delay = default)
    {
        _delay = delay;
        _listener.Start();
        _serving = ServeAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync(int port)
    {
        var lines = new List<Task>();
        try
        {
            while (true)
            {
                lines.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_end.Token), port));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(lines);
        }
    }

    private async Task ForwardAsync(TcpClient client, int port)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, port, _end.Token);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone; so does the other.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        for (int count; (count = await from.GetStream().ReadAsync(buffer, _end.Token)) > 0;)
        {
            await Task.Delay(_delay, _end.Token);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}

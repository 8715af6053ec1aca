using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>A service that is told to stop, with clients that are slow, or that never end.</summary>
public sealed class StoppingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Clients => new()
    {
        { "reads a download slowly", "GET {csv} HTTP/1.1\r\nHost: {host}\r\n\r\n" },
        { "reads a download by its link slowly", "GET {link} HTTP/1.1\r\nHost: {host}\r\n\r\n" },
        { "follows an import", "GET {run}/events HTTP/1.1\r\nHost: {host}\r\n\r\n" },
        { "sends half of its headers", "GET {csv} HTTP/1.1\r\nHost: {host}\r\nX-Half:" },
        { "sends half of a body", "POST /api/imports HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"scopeId\"" },
        { "waits for an import", "GET /api/ExportImport/HokifyImport HTTP/1.1\r\nHost: {host}\r\n\r\n" },
        { "sends nothing at all", "" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Ends_within_ten_seconds(string client, string request)
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var large = await service.ImportAsync();
        await service.GrowAsync(large, 30_000);
        service.Sandbox.HoldUp();
        using var held = await service.PostAsync("/api/imports");
        var text = request
            .Replace("{csv}", LargeRuns.CsvOf(large), StringComparison.Ordinal)
            .Replace("{link}", service.LinkTo(large), StringComparison.Ordinal)
            .Replace("{run}", held.Headers.Location!.ToString(), StringComparison.Ordinal)
            .Replace("{host}", $"{service.Address.Authority}\r\nX-Api-Key: {service.Token}", StringComparison.Ordinal);
        var clients = new List<TcpClient>();
        for (var number = 0; number < 5; number++)
        {
            var slow = new TcpClient { ReceiveBufferSize = 4096 };
            clients.Add(slow);
            await slow.ConnectAsync(service.Address.Host, service.Address.Port, Cancel);
            await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
            if (text.EndsWith("\r\n\r\n", StringComparison.Ordinal) && !client.StartsWith("waits", StringComparison.Ordinal))
            {
                await slow.GetStream().ReadExactlyAsync(new byte[12], Cancel);
            }
        }

        var watch = Stopwatch.StartNew();
        await service.StopApplicationAsync();

        Assert.True(watch.Elapsed < Limit, $"with a client that {client} it took {watch.Elapsed}");
        clients.ForEach(slow => slow.Dispose());
    }
}

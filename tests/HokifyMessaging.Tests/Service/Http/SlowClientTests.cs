using System.Net.Sockets;
using System.Text;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Clients that read a large CSV slowly, or not at all.</summary>
[Collection(nameof(Alone))]
public sealed class SlowClientTests
{
    private const int Logs = 20_000;
    private const int Clients = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_do_not_read_hold_neither_memory_nor_the_database()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        using var created = await service.PostAsync("/api/imports", "{}");
        var address = created.Headers.Location!.ToString();
        await service.UntilAsync(address, "Completed");
        await GrowAsync(service);
        var size = (await service.Client.GetByteArrayAsync($"{address}/records.csv", Cancel)).LongLength;
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var clients = new List<TcpClient>();
        for (var number = 0; number < Clients; number++)
        {
            clients.Add(await AskAsync(service, $"{address}/records.csv"));
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(size > 4_000_000, $"a CSV of {size} bytes is not large");
        Assert.True(held < size * Clients / 4, $"{Clients} clients that do not read {size} bytes hold {held} bytes of memory");

        // Nobody waits for them: neither who writes nor who reads.
        using var next = await service.PostAsync("/api/imports", "{}");
        await service.UntilAsync(next.Headers.Location!.ToString(), "Completed");
        clients.ForEach(client => client.Dispose());
        await ImportSetup.Until(() => Task.FromResult(Directory.GetFiles(Path.GetTempPath(), "hokify-*.csv").Length == 0));
    }

    /// <summary>Many more activity logs of the same run, without the hours that so large an import takes.</summary>
    private static Task<int> GrowAsync(HttpService service) => service.QueryAsync(db => db.Database.ExecuteSqlAsync(
        $"""
        WITH RECURSIVE Numbers(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM Numbers WHERE N < {Logs})
        INSERT INTO ActivityLog (ScopeId, RunId, Name, Status, ReferenceId, ElementName, Command, Date, ResultCode, RetryCount, RetryInterval, ResultData)
        SELECT ScopeId, RunId, 'Rejected', 'Closed', printf('%024x', N), 'CandidateProfile', Command, Date, 0, 0, 0, printf('%.*c', 100, 'x')
        FROM Numbers, (SELECT * FROM ActivityLog LIMIT 1)
        """,
        Cancel));

    /// <summary>Asks, waits for the first bytes of the answer and reads no more.</summary>
    private static async Task<TcpClient> AskAsync(HttpService service, string path)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(service.Address.Host, service.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {service.Address.Authority}\r\n\r\n"), Cancel);
        var first = new byte[12];
        await client.GetStream().ReadExactlyAsync(first, Cancel);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(first));
        return client;
    }
}

using System.Net.Sockets;
using HokifyMessaging.Tests.Importing;

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
        var others = Csvs();
        await using var service = await HttpService.StartAsync(applications: 1);
        var address = await service.ImportAsync();
        await service.GrowAsync(address, Logs);
        var size = (await service.Client.GetByteArrayAsync($"{address}/records.csv", Cancel)).LongLength;
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var clients = new List<TcpClient>();
        for (var number = 0; number < Clients; number++)
        {
            clients.Add(await service.AskAndStopReadingAsync(LargeRuns.CsvOf(address)));
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(size > 4_000_000, $"a CSV of {size} bytes is not large");
        Assert.True(held < size * Clients / 4, $"{Clients} clients that do not read {size} bytes hold {held} bytes of memory");

        // Nobody waits for them: neither who writes nor who reads.
        await service.ImportAsync();
        clients.ForEach(client => client.Dispose());
        await ImportSetup.Until(() => !Csvs().Except(others).Any());
    }

    /// <summary>The folder is everybody's: what lies there from before is nobody's fault here.</summary>
    private static string[] Csvs() => Directory.GetFiles(Path.GetTempPath(), "hokify-*.csv");
}

using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>The whole way of a request: another system, a virtual host of a real broker, <c>hokify serve</c> as processes, a file, and hokify over HTTP.</summary>
internal sealed class Way : IAsyncDisposable
{
    private readonly BrokerVirtualHost _host;

    private Way(BrokerVirtualHost host, Installation site, Outsider outsider)
    {
        (_host, Site, Outsider) = (host, site, outsider);
        Operator = new OperatorsView(host);
    }

    public BrokerVirtualHost Host => _host;

    public Installation Site { get; }

    public Outsider Outsider { get; }

    public OperatorsView Operator { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Way> StartAsync(
        Func<CancellationToken, Task<BrokerVirtualHost>> createHost, int applications, int processes = 1, Action<Installation>? configure = null)
    {
        var host = await createHost(Cancel);
        var site = await Installation.StartAsync(applications);
        site.Use(host);
        // The broker brings the messages; a sweep would bring more of them than a test that counts can bear.
        site.Settings["Hokify:Import:SweepInterval"] = "00:01:00";
        configure?.Invoke(site);
        var way = new Way(host, site, await Outsider.StartAsync(host));
        for (var started = 0; started < processes; started++)
        {
            await site.ServeAsync();
        }

        foreach (var process in site.Processes)
        {
            await process.UntilStartedAsync();
        }

        return way;
    }

    public async Task UntilCompletionsAsync(int count)
    {
        await Site.UntilAsync(() => Task.FromResult(Outsider.Completions.Count >= count), $"{count} completions arrive");
        Assert.All(Outsider.Completions, completion => Accounting.Closes(completion.Event.Result));
    }

    public async ValueTask DisposeAsync()
    {
        await Outsider.DisposeAsync();
        await Site.DisposeAsync();
        await _host.DisposeAsync();
    }
}

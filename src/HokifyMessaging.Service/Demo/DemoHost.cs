using HokifyMessaging.Receiving;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Service.Demo;

/// <summary>The service on embedded defaults, whatever the machine's own configuration says, with a publisher and a subscriber.</summary>
internal sealed class DemoHost(IHost host, ImportEnds ends) : IAsyncDisposable
{
    /// <summary>What a page holds, and what a batch writes: small enough for the progress to be seen.</summary>
    private const int PageSize = 100;

    public RunQueries Runs => host.Services.GetRequiredService<RunQueries>();

    public static async Task<DemoHost> StartAsync(HokifySandbox sandbox, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var pageSize = PageSize.ToString(CultureInfo.InvariantCulture);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Without a pool the file is closed when the host is, and can be deleted.
            ["Database:ConnectionString"] = $"Data Source={Path.Combine(folder.FullName, "hokify.db")};Pooling=False",
            ["Hokify:Scopes:1:Name"] = "Demo",
            ["Hokify:Scopes:1:AtsApi:BaseAddress"] = sandbox.AtsApi.ToString(),
            ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
            ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
            ["Hokify:Scopes:1:AtsApi:PageSize"] = pageSize,
            ["Hokify:Import:BatchSize"] = pageSize,
        });
        builder.Services.AddSingleton<IHostLifetime, EndsWithItsVerb>();
        builder.Services.AddHokifyMessaging();
        var ends = new ImportEnds();
        builder.Services.AddHokifyBus(builder.Configuration, ends);
        var demo = new DemoHost(builder.Build(), ends);
        try
        {
            await demo.StartAsync(cancellationToken);
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await host.Services.PrepareDatabaseAsync(cancellationToken);
        await host.StartAsync(cancellationToken);
    }

    /// <summary>Publishes a request as any system may, and waits for the event as any subscriber may.</summary>
    /// <exception cref="VerbException">The request was refused, or the import failed.</exception>
    public async Task<ImportEnd.Completed> ImportAsync(HokifyImportRequested request, CancellationToken cancellationToken)
    {
        await host.Services.GetRequiredService<MandatoryMessages>().RequestAsync(request, cancellationToken);
        return await ends.NextAsync(cancellationToken) switch
        {
            ImportEnd.Completed completed when completed.Key == request.IdempotencyKey => completed,
            ImportEnd.Failed { Event.Reason: var reason } => throw new VerbException($"The import failed: {reason}"),
            var other => throw new VerbException($"An event for the key {other.Key} came, which nobody asked for at this time."),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    /// <summary>Leaves Ctrl+C to the command line.</summary>
    private sealed class EndsWithItsVerb : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

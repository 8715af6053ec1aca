using System.Globalization;
using System.Threading.Channels;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Commands;
using MassTransit;

namespace HokifyMessaging.Service.Demo;

/// <summary>The service on embedded defaults, whatever the machine's own configuration says, with a publisher and a subscriber.</summary>
internal sealed class DemoHost(IHost host) : IAsyncDisposable
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
        builder.Services.AddSingleton<Announcements>();
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration, bus =>
        {
            bus.AddConsumer<Subscriber>().Endpoint(endpoint => endpoint.Name = "demo-subscriber");
            bus.AddConsumer<FaultSubscriber>().Endpoint(endpoint => endpoint.Name = "demo-faults");
        });
        var demo = new DemoHost(builder.Build());
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
    public async Task<Announcement> ImportAsync(HokifyImportRequested request, CancellationToken cancellationToken)
    {
        await host.Services.GetRequiredService<IBus>().Publish(request, cancellationToken);
        return await host.Services.GetRequiredService<Announcements>().Heard.Reader.ReadAsync(cancellationToken) switch
        {
            { Event: { } completed } heard when completed.IdempotencyKey == request.IdempotencyKey => heard,
            { Event: { } other } => throw new VerbException($"An event for the key {other.IdempotencyKey} came, which nobody asked for at this time."),
            { Fault: var fault } => throw new VerbException($"The import failed: {fault}"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    internal sealed record Announcement(Guid? MessageId, HokifyImportCompleted? Event, string? Fault);

    private sealed class Announcements
    {
        public Channel<Announcement> Heard { get; } = Channel.CreateUnbounded<Announcement>();
    }

    private sealed class Subscriber(Announcements announcements) : IConsumer<HokifyImportCompleted>
    {
        public async Task Consume(ConsumeContext<HokifyImportCompleted> context) =>
            await announcements.Heard.Writer.WriteAsync(new Announcement(context.MessageId, context.Message, null), context.CancellationToken);
    }

    private sealed class FaultSubscriber(Announcements announcements) : IConsumer<Fault<HokifyImportRequested>>
    {
        public async Task Consume(ConsumeContext<Fault<HokifyImportRequested>> context) =>
            await announcements.Heard.Writer.WriteAsync(
                new Announcement(null, null, context.Message.Exceptions.Select(e => e.Message).FirstOrDefault() ?? "without a reason"), context.CancellationToken);
    }

    /// <summary>Leaves Ctrl+C to the command line.</summary>
    private sealed class EndsWithItsVerb : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using Microsoft.AspNetCore.Hosting.Server;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>
/// When the service is told to stop, those who are being answered have a moment to be done. Then their connections are closed: a
/// client that reads slowly, or not at all, must not keep a process that was told to end, and what it holds.
/// </summary>
internal sealed class ClientsAtStop(IServer server, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    /// <summary>How long they have: most answers take less, and whoever fetches a large file in parts comes back for the rest.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // What lasts until the service stops must hear of it now.
        lifetime.StopApplication();
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        moment.CancelAfter(Moment);
        await server.StopAsync(moment.Token);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

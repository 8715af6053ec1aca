using HokifyMessaging.Service.Commands;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;
using Microsoft.Extensions.Logging.Console;

namespace HokifyMessaging.Service;

/// <summary>
/// What the operating system has to start and watch services: it is told how this one is, gets its log as it reads it, and has it work
/// in a folder that it can have meant. Without systemd and without Windows' services nothing of this does anything.
/// </summary>
internal static class ServiceManager
{
    /// <summary>How it is called among Windows' services, and as a source in their log of events.</summary>
    private const string ServiceName = "hokify";

    /// <summary>Goes to the folder in which the service works: its <c>appsettings.json</c> is there, and paths begin there.</summary>
    /// <param name="folder">The one that was asked for, or null.</param>
    /// <exception cref="VerbException">It is not there, or may not be entered.</exception>
    public static void Enter(string? folder)
    {
        // Windows starts services in its own system folder, where nobody keeps anything of theirs.
        folder ??= WindowsServiceHelpers.IsWindowsService() ? AppContext.BaseDirectory : null;
        if (folder is null)
        {
            return;
        }

        try
        {
            Directory.SetCurrentDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new VerbException($"--folder is '{folder}'; it must be a folder that is there and that this user may enter.");
        }
    }

    public static void AddServiceManager(this IServiceCollection services)
    {
        services.AddWindowsService(windows => windows.ServiceName = ServiceName);
        if (WritesToJournal())
        {
            services.AddJournalLogs();
        }

        var systemd = new SystemdNotifier();
        if (systemd.IsEnabled)
        {
            services.TellWhenReady(systemd);
        }
    }

    /// <summary>Tells systemd that the service stops, as soon as it does.</summary>
    public static void TellWhenStopping(this WebApplication application)
    {
        var systemd = application.Services.GetService<ISystemdNotifier>();
        application.Lifetime.ApplicationStopping.Register(() => systemd?.Notify(ServiceState.Stopping));
    }

    /// <summary>Lines for people become lines for the journal, which has a time of its own and reads how grave each is. JSON stays JSON.</summary>
    private static void AddJournalLogs(this IServiceCollection services)
    {
        services.PostConfigure<ConsoleLoggerOptions>(console =>
        {
            if (console.FormatterName is null or ConsoleFormatterNames.Simple)
            {
                console.FormatterName = ConsoleFormatterNames.Systemd;
            }
        });
        services.PostConfigure<ConsoleFormatterOptions>(journal => journal.TimestampFormat = null);
    }

    /// <summary>Whether systemd has started this very process, and reads what it prints.</summary>
    private static bool WritesToJournal() =>
        Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };

    /// <summary>
    /// Ready is who answers over HTTP, with a database that was prepared before. The host's own word comes later: it waits for the broker,
    /// and systemd would end and start again, for as long as that is away, a service that only waits.
    /// </summary>
    private static void TellWhenReady(this IServiceCollection services, SystemdNotifier systemd)
    {
        services.AddSingleton<ISystemdNotifier>(systemd);
        var server = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(provider => new AnnouncedServer((IServer)ActivatorUtilities.CreateInstance(provider, server), systemd));
    }

    /// <summary>A server that tells when it listens.</summary>
    private sealed class AnnouncedServer(IServer server, SystemdNotifier systemd) : IServer
    {
        public IFeatureCollection Features => server.Features;

        public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull
        {
            await server.StartAsync(application, cancellationToken);
            systemd.Notify(ServiceState.Ready);
        }

        public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

        public void Dispose() => server.Dispose();
    }
}

using System.CommandLine;
using HokifyMessaging.Service.Http;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify serve</c>: the consumer, the sweeper and the health pages, until it is told to stop.</summary>
internal static class ServeCommand
{
    /// <summary>Where it listens unless configured: this machine only.</summary>
    private const string DefaultAddress = "http://127.0.0.1:5080";

    /// <summary>Under these keys ASP.NET Core is told where to listen.</summary>
    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports", "Kestrel:Endpoints"];

    public static Command Create()
    {
        var command = new Command(
            "serve",
            "Consumes import requests until it is told to stop (the default). Health: /health/live and /health/ready, on "
            + $"{DefaultAddress} unless ASPNETCORE_URLS says otherwise. Ctrl+C stops at the next checkpoint. Exit code 0, or 1 when it cannot start.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    public static Task<int> RunAsync(CancellationToken cancellationToken) =>
        CommandErrors.GuardAsync(() => ServeAsync(cancellationToken), cancellationToken, whenCancelled: ExitCode.Done);

    private static async Task<int> ServeAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        if (!AddressKeys.Any(key => builder.Configuration.GetSection(key).Exists()))
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        // What keeps the host from starting is told in one sentence at the end of this verb, not with a stack trace here.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // The health pages tell their state to whoever asks, as often as somebody asks; the log has only what goes wrong.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Error);

        // While the broker is away the bus waits for it; the health pages must answer all the same.
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration);
        builder.Services.AddHealth();
        builder.Services.AddSingleton<StartUpReport>();

        await using var application = builder.Build();
        application.Services.GetRequiredService<IStartupValidator>().Validate();
        application.Services.GetRequiredService<StartUpReport>().Write();
        await application.Services.PrepareDatabaseAsync(cancellationToken);
        application.MapHealth();

        // At its end the host takes its services with it.
        var login = application.Services.GetService<BrokerLogin>();
        await application.RunAsync(cancellationToken);
        return login is { IsRefused: true } ? ExitCode.Failed : ExitCode.Done;
    }
}

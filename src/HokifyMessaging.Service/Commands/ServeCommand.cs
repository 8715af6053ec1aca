using System.CommandLine;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify serve</c>: the consumer, the sweeper and the health pages, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command(
            "serve",
            "Consumes import requests until it is told to stop (the default). Health: /health/live and /health/ready, on "
            + $"{ListenAddress.Default} unless ASPNETCORE_URLS says otherwise, which needs an API key ('hokify keys new') where other machines reach it. Ctrl+C stops at the next checkpoint. Exit code 0, or 1 when it cannot start.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    public static Task<int> RunAsync(CancellationToken cancellationToken) =>
        CommandErrors.GuardAsync(() => ServeAsync(cancellationToken), cancellationToken, whenCancelled: ExitCode.Done);

    private static async Task<int> ServeAsync(CancellationToken cancellationToken)
    {
        await using var application = Build();
        await PrepareAsync(application, cancellationToken);

        // At its end the host takes its services with it.
        var login = application.Services.GetService<BrokerLogin>();
        await application.RunAsync(cancellationToken);
        return login is { IsRefused: true } ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>The service, not started yet.</summary>
    /// <param name="configure">What a test does differently.</param>
    public static WebApplication Build(Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        configure?.Invoke(builder);
        if (ListenAddress.Of(builder.Configuration).Count == 0)
        {
            builder.WebHost.UseUrls(ListenAddress.Default);
        }

        // What keeps the host from starting is told in one sentence at the end of this verb, not with a stack trace here.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // While the broker is away the bus waits for it; the health pages must answer all the same.
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration);
        builder.AddHttpApi();
        builder.Services.AddSingleton<StartUpReport>();

        var application = builder.Build();
        application.Services.GetRequiredService<IStartupValidator>().Validate();
        DatabasePlace.RequireLasting(application.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value);
        application.MapHttpApi();
        return application;
    }

    /// <summary>What must be done before the service starts.</summary>
    public static async Task PrepareAsync(WebApplication application, CancellationToken cancellationToken)
    {
        application.Services.GetRequiredService<StartUpReport>().Write();
        await application.Services.PrepareDatabaseAsync(cancellationToken);
    }
}

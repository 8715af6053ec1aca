using HokifyMessaging.Receiving;
using HokifyMessaging.Schedules;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Waiting;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify serve</c>: the consumer, the sweeper and the health pages, until it is told to stop.</summary>
internal static partial class ServeCommand
{
    /// <summary>How much longer than its host the process may take: hosts that keep their limit are never cut short.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "The folder in which it works instead of the current one: its appsettings.json is read, and hokify.db is there.",
        HelpName = "path",
    };

    public static Command Create()
    {
        var command = new Verb(
            "serve",
            "Carries out import requests until it is told to stop",
            new VerbHelp(
                "Carries out import requests, from the broker and over HTTP, until it is told to stop. This is also what happens without a verb. It answers on "
                + $"{ListenAddress.Default} unless ASPNETCORE_URLS says otherwise, which needs an API key ('hokify keys new') where other machines reach it; "
                + "/health/live and /health/ready tell whether it is well. Ctrl+C or SIGTERM stops it at the next checkpoint, and what is not finished goes on "
                + "from there at the next start.")
            {
                EndsByItself = false,
                Examples =
                [
                    ("hokify serve", "With the configured database and transport."),
                    ("Transport__Kind=RabbitMq Transport__RabbitMq__Host=broker hokify serve", "At a broker."),
                    ("hokify serve --folder C:\\hokify-data", "As a Windows service, which begins in no folder of yours."),
                ],
                ExitCodes = [(ExitCode.Done, "it was told to stop"), (ExitCode.Failed, "it cannot start, or the broker refuses its user; the error stream says why")],
            })
        {
            Folder,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(Folder), cancellationToken));
        return command;
    }

    /// <param name="folder">Where it works; null for where it was started.</param>
    /// <param name="cancellationToken">Fires when the service is told to stop.</param>
    public static Task<int> RunAsync(string? folder, CancellationToken cancellationToken) =>
        CommandErrors.GuardAsync(() => ServeAsync(folder, cancellationToken), cancellationToken, whenCancelled: ExitCode.Done);

    private static async Task<int> ServeAsync(string? folder, CancellationToken told)
    {
        ServiceManager.Enter(folder);
        var application = Build();
        var limit = application.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + Margin;

        // A database that is locked keeps the thread that asks it, whatever the token says: not this one.
        var serving = Task.Run(() => ServeAsync(application, told), CancellationToken.None);
        if (await TimeLimit.EndsAsync(serving, limit, told))
        {
            return await serving;
        }

        // What was imported is committed, and the lease runs out by itself.
        LogAbandoned(application.Logger, limit);
        return ExitCode.Done;
    }

    private static async Task<int> ServeAsync(WebApplication application, CancellationToken told)
    {
        await using var disposed = application;
        var started = application.Lifetime.ApplicationStarted;
        var login = application.Services.GetService<BrokerLogin>();

        // Asked for now: a host that could not start is gone, with its configuration, before anybody hears of it.
        var addresses = ListenAddress.Of(application.Configuration);

        // Not only the start is cancelled: who works on a run already must hear of it as well, to stop at a checkpoint.
        await using var stop = told.Register(application.Lifetime.StopApplication);
        try
        {
            await PrepareAsync(application, told);
            await ((IHost)application).RunAsync(CancellationToken.None);
            return login is { IsRefused: true } ? ExitCode.Failed : ExitCode.Done;
        }
        catch (Exception) when (told.IsCancellationRequested && !started.IsCancellationRequested)
        {
            // The parts of a start that is given up fail each in its own way: refused connections, interrupted statements.
            return ExitCode.Done;
        }
        catch (Exception exception) when (ListenFault.Describe(exception, addresses) is { } sentence)
        {
            throw new VerbException(sentence);
        }
    }

    /// <summary>The service, not started yet.</summary>
    /// <param name="configure">What a test does differently.</param>
    public static WebApplication Build(Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddOwnFiles(builder.Environment.EnvironmentName);
        configure?.Invoke(builder);
        builder.Configuration.RequireKnown();
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
        builder.Services.AddHostedService<Scheduler>();
        builder.Services.AddHostedService<RampRunner>();
        builder.AddMonitoring();
        builder.AddHttpApi();
        builder.Services.AddServiceManager();
        builder.Services.AddSingleton<OpenDoors>();
        builder.Services.AddSingleton<StartUpReport>();

        var application = builder.Build();
        application.Services.GetRequiredService<IStartupValidator>().Validate();
        DatabasePlace.RequireLasting(application.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value);
        application.TellWhenStopping();
        return application;
    }

    /// <summary>What must be done before the service starts.</summary>
    public static async Task PrepareAsync(WebApplication application, CancellationToken cancellationToken)
    {
        var report = application.Services.GetRequiredService<StartUpReport>();
        report.Write();
        Spool.Sweep();

        // Two long parts of a start that have nothing to do with each other, and most of both is to compile what they need.
        var database = Task.Run(() => application.Services.PrepareDatabaseAsync(cancellationToken), CancellationToken.None);
        application.MapHttpApi();
        await database;
        application.Services.GetRequiredService<ApiKeys>().Read();
        application.Lifetime.ApplicationStarted.Register(() => report.WriteExample(application.Urls));
    }

    [LoggerMessage(LogLevel.Warning, "The service did not stop within {Limit} and ends all the same; what is not finished goes on from its checkpoint")]
    private static partial void LogAbandoned(ILogger logger, TimeSpan limit);
}

using System.CommandLine;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify serve</c>: the consumer, the sweeper and the health pages, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Consumes import requests until it is told to stop (the default).");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration);
        builder.Services.AddHealthChecks();

        await using var application = builder.Build();
        application.MapHealth();
        await application.Services.PrepareDatabaseAsync(cancellationToken);
        await application.RunAsync(cancellationToken);
        return 0;
    }
}

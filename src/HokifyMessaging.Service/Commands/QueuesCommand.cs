using System.CommandLine;
using System.Globalization;
using HokifyMessaging.Receiving;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify queues</c>: what waits at the broker, and why.</summary>
internal static class QueuesCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        var command = new Command(
            "queues",
            "Shows the import's queues at the configured broker, as its management API knows them (figures are up to five seconds old), and why the oldest message "
            + $"is there that waits for an operator. Shows no body of a message, and takes none out. The API is asked at Transport:RabbitMq:Management:Address. "
            + "Exit code 0, or 1 when it cannot be asked.")
        {
            Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        var builder = CommandHost.CreateBuilder();
        builder.Services.AddTransportOptions();
        using var host = builder.Build();
        var transport = host.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        if (transport.Kind == TransportKind.InMemory)
        {
            throw new VerbException("The configured transport is InMemory, a bus without queues to look at; set Transport__Kind=RabbitMq and Transport__RabbitMq__Host for a broker.");
        }

        using var management = new RabbitMqManagement(transport.RabbitMq);
        var queues = await management.ReadAsync(cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(queues);
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Ascii).AddColumns("queue", "type");
        foreach (var column in new[] { "ready", "unacknowledged", "consumers" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumns("oldest since", "reason");
        foreach (var queue in queues)
        {
            table.AddRow(
                queue.Name,
                queue.Exists ? CommandHost.Plain(queue.Type) : "not made yet",
                Text(queue.Ready),
                Text(queue.Unacknowledged),
                Text(queue.Consumers),
                queue.Oldest?.Since?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                Reason(queue));
        }

        var screen = CommandHost.Screen();
        screen.Write(table);
        return ExitCode.Done;
    }

    private static string Reason(QueueState queue) => queue switch
    {
        { Oldest: { } oldest } => CommandHost.Plain(oldest.Reason ?? "not said"),
        { Exists: true, Ready: not 0 } when ImportQueues.ForOperators.Contains(queue.Name) && !RabbitMqManagement.MayBeLookedInto(queue.Type) =>
            "not looked at, because this type of queue counts that as a delivery",
        _ => "",
    };

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}

using HokifyMessaging.Receiving;
using Spectre.Console;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify queues</c>: what waits at the broker, and why.</summary>
internal static class QueuesCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    private static readonly Option<bool> ClearHealed = new("--clear-healed")
    {
        Description = $"Take the messages out of {ImportQueues.Error} whose run is completed by now; all others stay as they are.",
    };

    public static Command Create()
    {
        var command = new Command(
            "queues",
            "Shows the import's queues at the configured broker, as its management API knows them (figures are up to five seconds old), and why the oldest message "
            + $"is there that waits for an operator, and how many of them are healed: requests whose run failed and is completed by now, as the configured database has it. "
            + $"Shows no body of a message, and takes none out but with --clear-healed. The API is asked at Transport:RabbitMq:Management:Address. "
            + "Exit code 0, or 1 when it cannot be asked.")
        {
            Json, ClearHealed,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(ClearHealed), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool clear, bool json, CancellationToken cancellationToken)
    {
        var builder = CommandHost.CreateBuilder();
        builder.Services.AddHokifyMessaging();
        builder.Services.AddTransportOptions();
        using var host = builder.Build();
        var transport = host.Services.GetRequiredService<IOptions<TransportOptions>>().Value;
        if (transport.Kind == TransportKind.InMemory)
        {
            throw new VerbException(
                "The configured transport is InMemory, a bus without queues to look at; set Transport__Kind=RabbitMq and Transport__RabbitMq__Host for a broker; "
                + $"{SettingFiles.WereRead(builder.Configuration)}.");
        }

        using var management = new RabbitMqManagement(transport.RabbitMq);
        var queues = await management.ReadAsync(cancellationToken);
        return clear
            ? await ClearAsync(host, transport.RabbitMq, queues, json, cancellationToken)
            : await ShowAsync(host, transport.RabbitMq, queues, json, cancellationToken);
    }

    private static async Task<int> ClearAsync(IHost host, RabbitMqOptions broker, IReadOnlyList<QueueState> queues, bool json, CancellationToken cancellationToken)
    {
        var errors = queues.Single(queue => queue.Name == ImportQueues.Error);
        if (errors.Exists && !RabbitMqManagement.MayBeLookedInto(errors.Type))
        {
            throw new VerbException($"{errors.Name} is a {errors.Type} queue, which counts each look at a message as a delivery; --clear-healed needs it to be a classic one, as the service makes it.");
        }

        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var count = errors.Exists ? await host.Services.GetRequiredService<HealedMessages>().ClearAsync(broker, cancellationToken) : new HealedCount(0, 0);
        if (json)
        {
            CommandHost.WriteJson(new { Cleared = count.Healed, Left = count.Seen - count.Healed });
        }
        else
        {
            Terminal.Out.WriteLine(FormattableString.Invariant($"{errors.Name}: took out {count.Healed}, whose runs are completed; left {count.Seen - count.Healed}"));
        }

        return ExitCode.Done;
    }

    /// <summary>The queues with what the database says of the error queue's messages; and why it says nothing, where it does not.</summary>
    private static async Task<(IReadOnlyList<QueueState> Queues, string? Unknown)> WithHealedAsync(
        IHost host, RabbitMqOptions broker, IReadOnlyList<QueueState> queues, CancellationToken cancellationToken)
    {
        var errors = queues.Single(queue => queue.Name == ImportQueues.Error);
        // How many are ready is a figure that the management API brings late, so it is no reason not to look.
        if (!errors.Exists || !RabbitMqManagement.MayBeLookedInto(errors.Type))
        {
            return (queues, null);
        }

        try
        {
            await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
            var count = await host.Services.GetRequiredService<HealedMessages>().CountAsync(broker, cancellationToken);
            return ([.. queues.Select(queue => queue == errors ? queue with { Healed = count.Healed } : queue)], null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The verb is for those, too, who have the broker at hand and not the database.
            return (queues, CommandErrors.Sentences(exception)[0]);
        }
    }

    private static async Task<int> ShowAsync(IHost host, RabbitMqOptions broker, IReadOnlyList<QueueState> found, bool json, CancellationToken cancellationToken)
    {
        var (queues, unknown) = await WithHealedAsync(host, broker, found, cancellationToken);
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
                queue.Exists ? Terminal.Plain(queue.Type) : "not made yet",
                Text(queue.Ready),
                Text(queue.Unacknowledged),
                Text(queue.Consumers),
                queue.Oldest?.Since?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                Reason(queue));
        }

        var screen = Terminal.Screen();
        screen.Write(table);
        if (unknown is not null)
        {
            screen.WriteLine($"How many of {ImportQueues.Error} are healed is unknown. {unknown}");
        }

        return ExitCode.Done;
    }

    private static string Reason(QueueState queue) => queue switch
    {
        { Oldest: { } oldest, Healed: > 0 and var healed } => FormattableString.Invariant(
            $"{healed} of them healed, their runs are completed ('hokify queues --clear-healed'); {Terminal.Plain(oldest.Reason ?? "not said")}"),
        { Oldest: { } oldest } => Terminal.Plain(oldest.Reason ?? "not said"),
        { Exists: true, Ready: not 0 } when ImportQueues.ForOperators.Contains(queue.Name) && !RabbitMqManagement.MayBeLookedInto(queue.Type) =>
            "not looked at, because this type of queue counts that as a delivery",
        _ => "",
    };

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}

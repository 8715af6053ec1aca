using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify queues</c>: what waits at the broker, and why.</summary>
internal static class QueuesCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    private static readonly Option<bool> All = new("--all")
    {
        Description = $"Look at every message that waits for an operator, and group them by reason; beyond {WaitingMessages.MostLooked} of a queue it says how many more there are.",
    };

    private static readonly Option<bool> ClearHealed = new("--clear-healed")
    {
        Description = $"Take the messages out of {ImportQueues.Error} whose run is completed by now; all others stay as they are.",
    };

    public static Command Create()
    {
        var verb = new Verb(
            "queues",
            "Shows what waits at the broker, and why",
            new VerbHelp(
                "Shows the import's queues at the configured broker, as its management API knows them (Transport:RabbitMq:Management:Address; figures are up to five seconds old), and "
                + "why the oldest message is there that waits for an operator. Some of these are healed: requests whose run failed and is completed by now, as the configured "
                + "database has it. Shows no body of a message, and takes none out but with --clear-healed and --move.")
            {
                Examples =
                [
                    ("hokify queues", "How many wait, and why the oldest does."),
                    ("hokify queues --all", "Why each waits, however many there are; they stay where they are."),
                    ("hokify queues --clear-healed", "Takes those out that nobody needs to care for."),
                    ("hokify queues --move error", "Has all requests tried again that were refused or failed, now that the cause is gone."),
                    ("hokify queues --move error --reason configured --limit 10", "The oldest ten of those whose reason has that word."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "shown, cleared or moved"),
                    (ExitCode.Failed, "the broker cannot be asked, or did not take all that should be moved; the error stream says why"),
                ],
            })
        {
            All, ClearHealed, QueuesMove.From, QueuesMove.Limit, QueuesMove.Reason, QueuesMove.MessageId, Json,
        };
        verb.Validators.Add(result =>
        {
            if (new Option[] { All, ClearHealed, QueuesMove.From }.Count(option => result.GetResult(option) is { Implicit: false }) > 1)
            {
                result.AddError("--all looks, --clear-healed takes out and --move moves; give one of them.");
            }
        });
        verb.Validators.Add(QueuesMove.Validate);
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(All), parsed.GetValue(ClearHealed), QueuesMove.Of(parsed), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(bool all, bool clear, MoveBack? move, bool json, CancellationToken cancellationToken)
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
        return all ? await SurveyAsync(host, transport.RabbitMq, queues, json, cancellationToken)
            : clear ? await ClearAsync(host, transport.RabbitMq, queues, json, cancellationToken)
            : move is not null ? await QueuesMove.RunAsync(host, move, queues, json, cancellationToken)
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
        if (count.Healed > 0)
        {
            await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.ClearMessages(errors.Name, count.Healed), CancellationToken.None);
        }

        if (json)
        {
            CommandHost.WriteJson(new { Cleared = count.Healed, Left = count.Seen - count.Healed });
        }
        else
        {
            Terminal.Screen().Say(FormattableString.Invariant($"{errors.Name}: took out {count.Healed}, whose runs are completed; left {count.Seen - count.Healed}"));
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

        var screen = Terminal.Screen();
        QueuesScreen.Show(screen, queues);
        if (unknown is not null)
        {
            screen.Say($"How many of {ImportQueues.Error} are healed is unknown. {unknown}");
        }

        return ExitCode.Done;
    }

    private static async Task<int> SurveyAsync(IHost host, RabbitMqOptions broker, IReadOnlyList<QueueState> queues, bool json, CancellationToken cancellationToken)
    {
        var messages = host.Services.GetRequiredService<WaitingMessages>();
        var surveys = await messages.SurveyAsync(broker, queues.Where(queue => ImportQueues.ForOperators.Contains(queue.Name)), cancellationToken);
        string? unknown = null;
        try
        {
            await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
            surveys = await messages.WithRunsAsync(surveys, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The verb is for those, too, who have the broker at hand and not the database.
            unknown = CommandErrors.Sentences(exception)[0];
        }

        if (json)
        {
            CommandHost.WriteJson(surveys);
            return ExitCode.Done;
        }

        var screen = Terminal.Screen();
        QueuesScreen.Show(screen, surveys);
        if (unknown is not null)
        {
            screen.Gap();
            screen.Say($"The runs of these messages are unknown. {unknown}");
        }

        return ExitCode.Done;
    }
}

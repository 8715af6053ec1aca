using System.CommandLine.Parsing;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify queues --move</c>: what waits for an operator goes back to where it is worked on.</summary>
internal static class QueuesMove
{
    private static readonly Dictionary<string, string> Queues = new(StringComparer.OrdinalIgnoreCase) { ["error"] = ImportQueues.Error, ["dead"] = ImportQueues.Dead };

    public static readonly Option<string?> From = Known(new Option<string?>("--move")
    {
        Description = $"Move the messages of {ImportQueues.Error} (error) or {ImportQueues.Dead} (dead) back to {ImportQueues.Requests}, the oldest first; each run goes on from its checkpoint.",
        HelpName = "error|dead",
    });

    public static readonly Option<int?> Limit = new Option<int?>("--limit") { Description = "With --move: at most so many, 1 to 1000000.", HelpName = "n" }.Between(1, 1_000_000);

    public static readonly Option<string?> Reason = new("--reason")
    {
        Description = "With --move: only those whose reason has these words; … stands for anything, as --all shows it.",
        HelpName = "text",
    };

    public static readonly Option<string?> MessageId = new("--message-id") { Description = "With --move: only the one with this message id.", HelpName = "id" };

    private static readonly IReadOnlyList<Option> Narrowing = [Limit, Reason, MessageId];

    /// <summary>Refuses what would narrow a move that is none.</summary>
    public static void Validate(CommandResult result)
    {
        if (result.GetResult(From) is null && Narrowing.FirstOrDefault(option => result.GetResult(option) is not null) is { } option)
        {
            result.AddError($"{option.Name} says which messages to move; give --move error or --move dead with it.");
        }
    }

    /// <returns>Null where nothing is to be moved.</returns>
    public static MoveBack? Of(ParseResult parsed) => parsed.GetValue(From) is { } name
        ? new MoveBack(Queues[name]) { Limit = parsed.GetValue(Limit), Reason = parsed.GetValue(Reason), MessageId = parsed.GetValue(MessageId) }
        : null;

    public static async Task<int> RunAsync(IHost host, MoveBack order, IReadOnlyList<QueueState> queues, bool json, CancellationToken cancellationToken)
    {
        var queue = queues.Single(queue => queue.Name == order.Queue);
        if (queue.Exists && order.IsChoosy && !RabbitMqManagement.MayBeLookedInto(queue.Type))
        {
            throw new VerbException(
                $"{queue.Name} is a {queue.Type} queue, which counts each look at a message as a delivery; move all of its messages, without --reason and --message-id.");
        }

        var outcome = queue.Exists ? await host.Services.GetRequiredService<MessagesBack>().MoveAsync(order, cancellationToken) : new MovedBack(0, 0);
        if (json)
        {
            CommandHost.WriteJson(new { order.Queue, outcome.Moved, outcome.Left });
        }
        else
        {
            Terminal.Screen().Say(FormattableString.Invariant($"{order.Queue}: moved {outcome.Moved} to {ImportQueues.Requests}; left {outcome.Left}"));
        }

        if (outcome.Moved > 0)
        {
            await NoteAsync(host, Deed.MoveMessages(order.Queue, outcome.Moved));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return outcome.Stopped is { } reason ? throw new VerbException($"It has stopped before the end, and no message is lost: {reason}.") : ExitCode.Done;
    }

    /// <summary>The verb is for those, too, who have the broker at hand and not the database: what is moved is moved, and that no entry says so is told.</summary>
    private static async Task NoteAsync(IHost host, Deed deed)
    {
        try
        {
            await host.Services.RequireCurrentDatabaseAsync(CancellationToken.None);
            await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), deed, CancellationToken.None);
        }
        catch (Exception exception)
        {
            await Terminal.TellAsync($"The audit log has no entry of this. {string.Join(' ', CommandErrors.Sentences(exception))}");
        }
    }

    private static Option<string?> Known(Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Queues.ContainsKey(token.Value))
            {
                result.AddError($"--move is '{token.Value}'; it must be {string.Join(" or ", Queues.Keys)}.");
            }
        });
        option.CompletionSources.Add([.. Queues.Keys]);
        return option;
    }
}

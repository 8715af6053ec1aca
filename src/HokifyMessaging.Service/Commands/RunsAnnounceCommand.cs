using HokifyMessaging.Receiving;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs announce</c>: a run's event is published again, by this process and with no importer's help.</summary>
internal static class RunsAnnounceCommand
{
    public static Command Create()
    {
        var command = new Command(
            "announce",
            "Publishes the stored completion event of a run again, under the same message id; needs no running importer. "
            + "Exit code 0; 1 when the run is not completed, or no subscriber's queue received the event.")
        {
            RunsCommand.IdOrKey, RunsCommand.ScopeOfKey,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(RunName.Of(parsed), parsed.GetValue(RunsCommand.Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(RunName name, bool json, CancellationToken cancellationToken)
    {
        await using var visit = new BrokerVisit();
        using var database = CommandHost.BuildWithDatabase();
        var run = (await name.FindAsync(database, cancellationToken)).Summary;
        if (run.State != RunState.Completed)
        {
            throw new VerbException($"Run {run.RunId} is {run.State}, not Completed, so there is no event to announce; 'hokify replay {run.RunId}' has a run go on that stopped.");
        }

        await visit.BeginAsync(awaited: null, cancellationToken);
        var messages = database.Services.GetRequiredService<RunMessages>();
        Guid? messageId = null;
        await visit.SendAsync(
            async (broker, limit) => messageId = await messages.AnnounceAsync(broker, run.RunId, limit),
            $"No queue is bound to the exchange hokify.import-completed at {visit.Broker}, so nobody received the event; it is kept: bind the subscriber's queue and announce the run again.",
            cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { run.RunId, run.IdempotencyKey, MessageId = messageId });
        }
        else
        {
            Terminal.Out.WriteLine($"Announced: run {run.RunId} under the message id {messageId}");
        }

        return ExitCode.Done;
    }
}

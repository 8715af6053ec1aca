using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs announce</c>: a run's event is published again, by this process and with no importer's help.</summary>
internal static class RunsAnnounceCommand
{
    public static Command Create()
    {
        var command = new Verb(
            "announce",
            "Publishes the event of a completed run again",
            new VerbHelp(
                "Publishes the stored event of a completed run again, under the same message id, to the configured broker. Needs no running service: for a subscriber whose "
                + "queue was not there when the run ended.")
            {
                Examples = [("hokify runs announce nightly-2026-02-15", "By its key; an id will do as well.")],
                ExitCodes = [(ExitCode.Done, "a subscriber's queue has received it"), (ExitCode.Failed, "the run is not there or not completed, or no queue received the event")],
            })
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
        await database.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.AnnounceImport(run.ScopeId, run.RunId), cancellationToken);
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
            Terminal.Screen().Say($"Announced: run {run.RunId} under the message id {messageId}");
        }

        return ExitCode.Done;
    }
}

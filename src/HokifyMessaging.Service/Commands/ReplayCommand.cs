using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify replay</c>: the request of a known run is sent again.</summary>
internal static class ReplayCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the completion event as JSON; without --wait what the replay leads to." };

    public static Command Create()
    {
        var command = new Verb(
            "replay",
            "Has a run that failed or stopped go on",
            new VerbHelp(
                "Sends the request of a known run to the configured broker again. A run that failed or stopped goes on from its checkpoint, also one that is not "
                + "resumed by itself any more; of a completed run only the stored event is announced again. Nothing is imported twice.")
            {
                Examples =
                [
                    ("hokify replay nightly-2026-02-15", "By its key; an id will do as well."),
                    ("hokify replay nightly-2026-02-15 --scope 2 --wait", "That of scope 2; waits for its end and shows the result."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "sent; with --wait: completed without errors"),
                    (ExitCode.Failed, "there is no such run, or it could not be sent, was refused, failed or took longer than --timeout"),
                    (ExitCode.CompletedWithErrors, "--wait saw it complete, and some of its records are in error"),
                ],
            })
        {
            RunsCommand.IdOrKey, RunsCommand.ScopeOfKey, AwaitedImport.Wait, AwaitedImport.Timeout, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(RunName.Of(parsed), AwaitedImport.Limit(parsed), parsed.GetValue(Json), cancellationToken),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(RunName name, TimeSpan? wait, bool json, CancellationToken cancellationToken)
    {
        await using var visit = new BrokerVisit();
        using var database = CommandHost.BuildWithDatabase();
        var known = await name.FindAsync(database, cancellationToken);
        var awaited = wait is null ? null : new AwaitedImport(known.Summary.ScopeId, known.Summary.IdempotencyKey);
        await visit.BeginAsync(awaited, cancellationToken);

        // Looked at again now that its event would be heard: a run that ended in between announces nothing by itself.
        var run = (await database.Services.GetRequiredService<RunQueries>().FindAsync(known.Summary.RunId, cancellationToken))!;
        if (!run.IsAtWork)
        {
            var (scopeId, runId) = (run.Summary.ScopeId, run.Summary.RunId);
            var deed = run.Summary.State == RunState.Completed ? Deed.AnnounceImport(scopeId, runId) : Deed.ResumeImport(scopeId, runId);
            await database.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), deed, cancellationToken);
            await visit.SendAsync((broker, limit) => broker.ReplayAsync(run, limit), visit.NoImporter, cancellationToken);
        }

        if (!json)
        {
            Terminal.Screen().Say($"{(run.IsAtWork ? "Not sent" : "Sent again")}: run {run.Summary.RunId} of scope {run.Summary.ScopeId} {Effect(run)}");
        }
        else if (awaited is null)
        {
            CommandHost.WriteJson(new { run.Summary.RunId, run.Summary.IdempotencyKey, run.Summary.ScopeId, run.Summary.State, IsSent = !run.IsAtWork, Effect = Effect(run) });
        }

        return awaited is null ? ExitCode.Done : await awaited.FinishAsync(wait!.Value, $"'hokify replay {run.Summary.RunId} --wait'", json, cancellationToken);
    }

    private static string Effect(RunDetails run) => run.Summary.State switch
    {
        RunState.Completed => "is completed: nothing is imported, its stored event is announced again",
        _ when run.IsAtWork => "is being worked on: nothing needs doing",
        RunState.Queued => "has not begun: it begins when it is its turn in the scope",
        RunState.Failed => "failed: it goes on from its checkpoint when it is its turn in the scope",
        _ => "stopped: it goes on from its checkpoint when it is its turn in the scope",
    };
}

using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs retry</c>: the operator asks for the records that were parked until one does.</summary>
internal static class RunsRetryCommand
{
    public static Command Create()
    {
        var command = new Verb(
            "retry",
            "Has the parked records of a run tried again",
            new VerbHelp(
                "Has the scope's next import try the parked records of a run again ('hokify runs show' lists them): those that failed so often that they wait for you. Once "
                + "their cause is gone they are stored; one that fails once more is parked again.")
            {
                Examples = [("hokify runs retry nightly-2026-02-15", "By its key; an id will do as well.")],
                ExitCodes = [(ExitCode.Done, "done, also where nothing is parked"), (ExitCode.Failed, "there is no such run, or the database cannot be used")],
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
        using var database = CommandHost.BuildWithDatabase();
        var run = (await name.FindAsync(database, cancellationToken)).Summary;
        var parked = new WaitingFilter { ScopeIds = [run.ScopeId], Status = ActivityStatus.Parked, RunId = run.RunId };
        var outcome = await database.Services.GetRequiredService<WaitingChanges>().TryNowAsync(parked, Actor.OfUser(), cancellationToken);
        var reopened = outcome.Done;
        if (json)
        {
            CommandHost.WriteJson(new { run.RunId, run.IdempotencyKey, run.ScopeId, Reopened = reopened });
        }
        else
        {
            Terminal.Screen().Say(reopened == 0
                ? outcome.InRamp > 0 ? $"A ramp has the parked records of run {run.RunId} and tries them: {outcome.InRamp}" : $"Run {run.RunId} has no parked record"
                : $"Parked records of run {run.RunId} that the next import of scope {run.ScopeId} tries again: {reopened}");
        }

        return ExitCode.Done;
    }
}

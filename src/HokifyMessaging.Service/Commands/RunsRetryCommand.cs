using HokifyMessaging.Runs;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs retry</c>: the operator asks for the records that were parked until one does.</summary>
internal static class RunsRetryCommand
{
    public static Command Create()
    {
        var command = new Command(
            "retry",
            "Has the scope's next import try the parked records of a run again ('hokify runs show' lists them); one that fails once more is parked again. "
            + "Exit code 0, or 1 when there is no such run.")
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
        var reopened = await database.Services.GetRequiredService<ParkedRecords>().ReopenAsync(run.RunId, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { run.RunId, run.IdempotencyKey, run.ScopeId, Reopened = reopened });
        }
        else
        {
            Terminal.Out.WriteLine(reopened == 0
                ? $"Run {run.RunId} has no parked record"
                : $"Parked records of run {run.RunId} that the next import of scope {run.ScopeId} tries again: {reopened}");
        }

        return ExitCode.Done;
    }
}

using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary>The import of one scope under one key, for a verb that waits until it is completed, refused or failed.</summary>
internal sealed class AwaitedImport(int scopeId, string key)
{
    public static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the completion event." };

    public static readonly Option<double> Timeout = new Option<double>("--timeout")
    {
        Description = "How many seconds --wait waits, 1 to 86400.",
        HelpName = "seconds",
        DefaultValueFactory = _ => 600,
    }.Between(1, 86_400);

    /// <summary>What is heard from the bus's start on.</summary>
    public ImportEnds Heard { get; } = new();

    /// <summary>How long to wait; null when nobody asked to.</summary>
    public static TimeSpan? Limit(ParseResult parsed) => parsed.GetValue(Wait) ? TimeSpan.FromSeconds(parsed.GetValue(Timeout)) : null;

    /// <summary>Waits, prints what came of the import and tells it by the exit code.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="again">What to call to wait on.</param>
    /// <param name="json">Print the event as JSON.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="VerbException">It was refused, failed, or takes longer than the limit.</exception>
    public async Task<int> FinishAsync(TimeSpan limit, string again, bool json, CancellationToken cancellationToken)
    {
        var end = await TimeLimit.WithinAsync(
            limit,
            TimeProvider.System,
            token => Heard.NextOfAsync(scopeId, key, token),
            cancellationToken,
            otherwise: () => new VerbException($"The import under the key {key} did not complete within {TimeLimit.InSeconds(limit)}; it goes on all the same, and {again} waits on."));
        if (end is ImportEnd.Failed { Event: var failed })
        {
            throw new VerbException(Sentence(failed, again));
        }

        var completed = ((ImportEnd.Completed)end).Event;
        if (json)
        {
            CommandHost.WriteJson(completed);
        }
        else
        {
            var screen = Terminal.Screen();
            screen.Say($"Completed: run {completed.RunId}{(completed.DryRun ? ", a dry run" : "")}");
            ResultTable.Write(screen, completed.Result);
        }

        return completed.Result.ErrorCount == 0 ? ExitCode.Done : ExitCode.CompletedWithErrors;
    }

    /// <param name="failed">What was heard.</param>
    /// <param name="again">What to call to have the run go on, and to wait for it.</param>
    private static string Sentence(HokifyImportFailed failed, string again) => failed switch
    {
        { Kind: FailureKind.Failed, ResumesAt: { } at } =>
            $"{failed.Reason} The run goes on by itself at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC; {again} has it go on now, and waits.",
        { Kind: FailureKind.Failed } => $"{failed.Reason} The run goes on by itself when that is in order again; {again} waits on.",
        { Kind: FailureKind.GaveUp } => $"{failed.Reason} It does not go on by itself; {again} has it go on, and waits.",
        { Kind: FailureKind.Cancelled } => $"The import was cancelled. It stands at its checkpoint; {again} has it go on, and waits.",
        _ => failed.Reason,
    };
}

using HokifyMessaging.Receiving;

namespace HokifyMessaging.Service.Commands;

/// <summary>The import of one scope under one key, for a verb that waits until it is completed, refused or failed.</summary>
internal sealed class AwaitedImport(int scopeId, string key)
{
    public static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the completion event." };

    public static readonly Option<double> Timeout = new Option<double>("--timeout")
    {
        Description = "How many seconds --wait waits, 1 to 86400.",
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
            otherwise: () => new VerbException($"The import under the key {key} did not complete within {TimeLimit.Seconds(limit)} seconds; it goes on all the same, and {again} waits on."));
        if (end is not ImportEnd.Completed { Event: var completed })
        {
            throw new VerbException(((ImportEnd.Refused)end).Reason ?? "The importer refused the request without a reason.");
        }

        if (json)
        {
            CommandHost.WriteJson(completed);
        }
        else
        {
            Terminal.Out.WriteLine($"Completed: run {completed.RunId}{(completed.DryRun ? ", a dry run" : "")}");
            ResultTable.Write(Terminal.Screen(), completed.Result);
        }

        return completed.Result.ErrorCount == 0 ? ExitCode.Done : ExitCode.CompletedWithErrors;
    }
}

using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>Says in the log what a run could not store, and that it deleted nothing: a file with a thousand bad rows must not fill it.</summary>
internal static partial class NotStored
{
    /// <summary>So many sentences of a run are in the log, over all workers that it has had.</summary>
    public const int Named = 20;

    /// <param name="logger">The log.</param>
    /// <param name="runId">The run.</param>
    /// <param name="before">How far it had come.</param>
    /// <param name="after">How far it has come with one more transaction.</param>
    public static void Tell(ILogger logger, Guid runId, ImportProgress before, ImportProgress after)
    {
        var named = before.Tally.Failed.Values.Sum();
        foreach (var (element, exceptions) in after.Tally.Exceptions)
        {
            foreach (var exception in exceptions.Skip(before.Tally.Exceptions.GetValueOrDefault(element)?.Count ?? 0))
            {
                // That nothing was deleted is the one that nobody must overlook.
                if (named++ < Named || exception.Source == nameof(DeletionGuard))
                {
                    LogSentence(logger, runId, exception.Message);
                }
            }
        }

        var isThrough = before.Position.Phase != RunPhase.Concluding && after.Position.Phase == RunPhase.Concluding;
        if (isThrough && after.Tally.Failed.Values.Sum() - Named is var more and > 0)
        {
            LogMore(logger, runId, more);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: {Sentence}")]
    private static partial void LogSentence(ILogger logger, Guid runId, string? sentence);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: errors that are not in the log: {More}; 'hokify runs show' lists what waits to be tried again")]
    private static partial void LogMore(ILogger logger, Guid runId, int more);
}

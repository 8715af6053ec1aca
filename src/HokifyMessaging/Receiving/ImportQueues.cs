namespace HokifyMessaging.Receiving;

/// <summary>The queues of the import at the broker.</summary>
internal static class ImportQueues
{
    /// <summary>Requests that wait for an importer.</summary>
    public const string Requests = "hokify-import";

    /// <summary>Requests that were refused, and those of runs that failed, each with its reason.</summary>
    public const string Error = $"{Requests}_error";

    /// <summary>Messages of a type that nobody here reads.</summary>
    public const string Skipped = $"{Requests}_skipped";

    /// <summary>Requests that came back too often, because each worker that took them died.</summary>
    public const string Dead = $"{Requests}_dead";

    /// <summary>Those whose messages wait for an operator.</summary>
    public static IReadOnlyList<string> ForOperators { get; } = [Error, Skipped, Dead];
}

namespace HokifyMessaging.Service.Commands;

/// <summary>How a verb ends, for scripts.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It could not be done; one sentence on the error stream says why.</summary>
    public const int Failed = 1;

    /// <summary>The import that was waited for is completed, and some of its records are in error.</summary>
    public const int CompletedWithErrors = 2;

    /// <summary>Ctrl+C ended a verb that would have ended by itself; 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}

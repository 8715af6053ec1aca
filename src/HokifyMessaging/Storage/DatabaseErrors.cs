namespace HokifyMessaging.Storage;

/// <summary>Says what is wrong with the database without quoting what is in it.</summary>
internal static class DatabaseErrors
{
    /// <summary>One sentence for a failure that the database caused, itself or as a cause; null for any other.</summary>
    /// <param name="exception">The failure.</param>
    public static string? Describe(Exception exception) => exception switch
    {
        UnusableDatabaseException or StorageException => exception.Message,
        _ when DatabaseFault.Of(exception) is { } fault => $"The database cannot be used: {fault.Clause}.",
        _ => null,
    };

    /// <summary>Whether the database itself cannot be used now; false for data that it refuses, and for failures of anything else.</summary>
    /// <param name="exception">The failure.</param>
    public static bool IsUnavailable(Exception exception) => exception is StorageException || DatabaseFault.Of(exception) is { Kind: not DatabaseFaultKind.Record };

    /// <summary>Whether somebody else has locked what was needed: it goes away by itself.</summary>
    /// <param name="exception">The failure.</param>
    public static bool IsLock(Exception exception) => DatabaseFault.Of(exception) is { IsLock: true };
}

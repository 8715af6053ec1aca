using HokifyMessaging.Writing;

namespace HokifyMessaging;

/// <summary>Says what is wrong with the database without quoting what is in it.</summary>
public static class DatabaseErrors
{
    /// <summary>One sentence for a failure that the database caused, itself or as a cause; null for any other.</summary>
    /// <param name="exception">The failure.</param>
    public static string? Describe(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return DatabaseFault.Of(exception) is { } fault ? $"The database cannot be used: {fault.Description}." : null;
    }
}

namespace HokifyMessaging.Wording;

/// <summary>An instant for people.</summary>
internal static class Instant
{
    /// <summary><c>2026-02-15 02:00:00Z</c>.</summary>
    public static string Of(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

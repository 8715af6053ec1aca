namespace HokifyMessaging.Schedules;

/// <summary>The idempotency key of a scheduled import: within its scope the schedule and the time make it, so that whoever asks for it asks for the same.</summary>
internal static class ScheduleKey
{
    public static string Of(string name, DateTimeOffset instant) => string.Create(CultureInfo.InvariantCulture, $"schedule:{name}:{instant.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
}

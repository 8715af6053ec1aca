namespace HokifyMessaging.Machine;

/// <summary>Whether this machine knows the time zones that settings name.</summary>
internal static class KnownTimeZone
{
    /// <summary>Zones that every machine knows which knows any but UTC.</summary>
    private static readonly string[] KnownEverywhere = ["Europe/Vienna", "Europe/London", "America/New_York", "Asia/Tokyo"];

    /// <summary>What is wrong with the setting on this machine, in one sentence; null when nothing is.</summary>
    /// <param name="id">The setting's value.</param>
    /// <param name="setting">Which setting names it.</param>
    public static string? Problem(string id, string setting) =>
        Problem(id, zone => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _), Environment.GetEnvironmentVariable, setting);

    /// <param name="id">The setting's value.</param>
    /// <param name="isKnown">Whether the machine knows a zone.</param>
    /// <param name="environment">The process's environment.</param>
    /// <param name="setting">Which setting names the zone.</param>
    public static string? Problem(string id, Func<string, bool> isKnown, Func<string, string?> environment, string setting)
    {
        if (isKnown(id))
        {
            return null;
        }

        if (KnownEverywhere.Any(isKnown))
        {
            return $"{setting} is '{id}', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.";
        }

        // Not the setting is wrong: the machine, often a slim container, has no time zone but UTC.
        var remedy = environment("TZDIR") is { Length: > 0 } folder
            ? $"TZDIR names the folder {folder}, which holds none: unset it, or have it name the folder of the package tzdata"
            : environment("DOTNET_SYSTEM_TIMEZONE_INVARIANT") is "1" or "true"
                ? "DOTNET_SYSTEM_TIMEZONE_INVARIANT keeps the program from reading any: unset it"
                : "install the package tzdata";
        return $"{setting} is '{id}', but this machine has no time zone data; {remedy}, or set {setting} to UTC.";
    }
}

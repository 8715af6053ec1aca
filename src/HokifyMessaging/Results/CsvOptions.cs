namespace HokifyMessaging;

/// <summary>How the CSV of a run is written.</summary>
internal sealed class CsvOptions
{
    /// <summary>
    /// The time zone in which the CSV gives instants such as <c>14.02.2026 15:02:42 +01:00</c>.
    /// Default: Europe/Vienna; the IANA id of one that this machine knows.
    /// </summary>
    public string TimeZone { get; set; } = "Europe/Vienna";
}

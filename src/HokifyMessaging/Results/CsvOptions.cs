namespace HokifyMessaging;

/// <summary>How the files of a run are written: its CSV and its sheet.</summary>
internal sealed class CsvOptions
{
    /// <summary>
    /// The time zone in which the files give instants such as <c>14.02.2026 15:02:42 +01:00</c>.
    /// Default: Europe/Vienna; the IANA id of one that this machine knows.
    /// </summary>
    public string TimeZone { get; set; } = "Europe/Vienna";

    /// <summary>
    /// What separates the columns of <c>format=csv-excel</c>: Excel expects the list separator of the Windows region, which is the semicolon
    /// in German ones and the comma in English ones. Default: Semicolon; or Comma.
    /// </summary>
    public CsvSeparator ExcelSeparator { get; set; } = CsvSeparator.Semicolon;
}

/// <summary>What stands between two columns.</summary>
internal enum CsvSeparator
{
    /// <summary><c>;</c></summary>
    Semicolon,

    /// <summary><c>,</c></summary>
    Comma,
}

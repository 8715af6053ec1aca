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

    /// <summary>
    /// For whom files have <c>***</c> instead of values of people: API keys without the right <c>personal</c> always; with <c>KeysAndLinks</c> also whoever has the
    /// <c>DownloadUrl</c> of a result; with <c>Everybody</c> every file of a run, whoever asks and by whichever way, commands included. Default: Keys; KeysAndLinks or Everybody.
    /// </summary>
    public MaskedReaders MaskedFor { get; set; } = MaskedReaders.Keys;
}

/// <summary>For whom files are masked.</summary>
internal enum MaskedReaders
{
    /// <summary>API keys without the right <c>personal</c>.</summary>
    Keys,

    /// <summary>These, and whoever has a download link.</summary>
    KeysAndLinks,

    /// <summary>Everybody, also those who have the right, and commands.</summary>
    Everybody,
}

/// <summary>What stands between two columns.</summary>
internal enum CsvSeparator
{
    /// <summary><c>;</c></summary>
    Semicolon,

    /// <summary><c>,</c></summary>
    Comma,
}

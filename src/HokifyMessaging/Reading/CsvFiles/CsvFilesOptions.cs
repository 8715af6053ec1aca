namespace HokifyMessaging;

/// <summary>Which exported files to read for one scope.</summary>
internal sealed class CsvFilesOptions
{
    /// <summary>A CSV file, or a folder whose <c>*.csv</c> files are read in the order of their names; a relative path begins in the current folder. Required.</summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// What the files are written in; a byte order mark outranks it. Default: found out for each file, UTF-16 and UTF-8 where its bytes show it,
    /// else Windows-1252; a name that .NET or IANA has for an encoding, such as <c>windows-1252</c>, <c>iso-8859-15</c> or <c>utf-16</c>.
    /// </summary>
    public string Encoding { get; set; } = "";

    /// <summary>Further header names for known fields, as <c>header in the file</c> -> <c>field</c> (<c>Bewerbungsnummer</c> -> <c>matchId</c>). Case does not matter.</summary>
    public Dictionary<string, string> HeaderAliases { get; init; } = [];

    /// <summary>Whether a number such as 45000 or 45000.5 in a column of dates is one as spreadsheets keep it: days since the end of 1899, up to the year 2200. Otherwise such a number is no date. Default: false.</summary>
    public bool SerialDates { get; set; }
}

namespace HokifyMessaging;

/// <summary>Which exported files to read for one scope.</summary>
public sealed class CsvFilesOptions
{
    /// <summary>A CSV file, or a folder whose <c>*.csv</c> files are read in the order of their names.</summary>
    public string Path { get; set; } = "";

    /// <summary>Further header names for known fields, as <c>header in the file</c> -> <c>field</c> (<c>Bewerbungsnummer</c> -> <c>matchId</c>). Case does not matter.</summary>
    public Dictionary<string, string> HeaderAliases { get; init; } = [];
}

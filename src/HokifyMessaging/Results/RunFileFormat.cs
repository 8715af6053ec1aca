namespace HokifyMessaging.Results;

/// <summary>One of the files that a run can be had as.</summary>
/// <param name="Name">What it is called in requests and on the command line.</param>
/// <param name="Ending">The ending of the file's name.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="IsText">Whether it is text, in UTF-8.</param>
internal sealed record RunFileFormat(string Name, string Ending, string MediaType, bool IsText)
{
    /// <summary>The seed's CSV, for programs.</summary>
    public static readonly RunFileFormat Csv = new("csv", ".csv", "text/csv", IsText: true);

    /// <summary>The same rows as a spreadsheet program expects them when somebody opens the file.</summary>
    public static readonly RunFileFormat CsvForSpreadsheets = new("csv-excel", ".csv", "text/csv", IsText: true);

    /// <summary>The sheet for people: a row for each application.</summary>
    public static readonly RunFileFormat Workbook = new("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", IsText: false);

    public static IReadOnlyList<RunFileFormat> All { get; } = [Csv, CsvForSpreadsheets, Workbook];

    /// <summary>The content type of an answer.</summary>
    public string ContentType => IsText ? $"{MediaType}; charset=utf-8" : MediaType;

    /// <summary>All of them, as a sentence lists them.</summary>
    public static string Names { get; } = $"{string.Join(", ", All.SkipLast(1).Select(format => format.Name))} or {All[^1].Name}";

    /// <summary>By the ending of a file's name; of two that end alike, the one for programs.</summary>
    public static RunFileFormat? OfEnding(string path) => All.FirstOrDefault(format => format.Ending.Equals(Path.GetExtension(path), StringComparison.OrdinalIgnoreCase));

    public static RunFileFormat? Of(string name) => All.FirstOrDefault(format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

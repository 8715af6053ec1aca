namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// Reads hokify's flat records from CSV, be it a file or a response of the 2018 API.
/// </summary>
/// <param name="headerAliases">What the operator has said about headers.</param>
/// <param name="limits">How long a row may be.</param>
/// <param name="encoding">What the operator has said about the encoding.</param>
/// <param name="serialDates">Whether dates may be numbers as spreadsheets keep them.</param>
internal sealed class FlatCsvReader(IReadOnlyDictionary<string, string> headerAliases, ReadingOptions limits, Encoding? encoding = null, bool serialDates = false)
{
    private readonly FlatFields _fields = new(headerAliases);

    /// <param name="stream">The file; stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="end">What is known of its end, asked when the read has come to it.</param>
    public FlatCsvReading Read(Stream stream, string name, Func<KnownEnd> end) => new(stream, name, _fields, limits, encoding, serialDates, end);
}

/// <summary>What is known of the end of a text from elsewhere than the text.</summary>
/// <param name="IsCertain">Whether whoever sent it has said where it ends.</param>
/// <param name="Doubt">Why it may end elsewhere, as a part of a sentence; null where nothing speaks for that.</param>
internal sealed record KnownEnd(bool IsCertain, string? Doubt)
{
    public static KnownEnd Certain { get; } = new(true, null);

    public static KnownEnd Likely { get; } = new(false, null);

    public static KnownEnd Doubtful(string doubt) => new(false, doubt);
}

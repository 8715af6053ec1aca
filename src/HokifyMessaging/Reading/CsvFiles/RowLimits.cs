namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>How long a row of CSV may be, in characters, and how that is said.</summary>
/// <param name="name">What messages call the file or the answer.</param>
/// <param name="options">The limits in bytes, of which a character may take four.</param>
internal sealed class RowLimits(string name, ReadingOptions options)
{
    private const int BytesPerCharacter = 4;

    /// <summary>No field of an application is this long.</summary>
    public const int LongestField = 1_000_000;

    /// <summary>What is kept of a row.</summary>
    public int LongestRow { get; } = options.LargestItem / BytesPerCharacter;

    /// <summary>What is read of a row that is not kept any more.</summary>
    public long LongestPassedOver { get; } = options.LargestPage;

    /// <summary>What is wrong with a row that was not kept whole, as the end of a sentence.</summary>
    /// <param name="row">The row.</param>
    /// <param name="namesField">Whether the sentence has to say which field it is.</param>
    public string Problem(TextRow row, bool namesField) =>
        row.IsLong ? string.Create(CultureInfo.InvariantCulture, $"has more than {LongestRow:N0} characters; expected are fewer, or a larger Hokify:Reading:LargestItem")
        : namesField ? string.Create(CultureInfo.InvariantCulture, $"has a field of more than {LongestField:N0} characters, the {row.LongField + 1}th; expected are fewer")
        : string.Create(CultureInfo.InvariantCulture, $"has more than {LongestField:N0} characters; expected are fewer");

    public SourceException Endless(int line) => new(
        $"{name} line {line}: the row goes on for more than {ByteCount.Text(LongestPassedOver)}; expected is a shorter one, or a larger Hokify:Reading:LargestPage.")
    {
        IsLasting = true,
    };
}

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>Spreadsheets keep a date as the number of days since the end of 1899, and export it so where its cell is formatted as a number.</summary>
internal static class SerialDate
{
    /// <summary>The 29th of February 1900, which was none: spreadsheets count it all the same.</summary>
    private const int NoDay = 60;

    private static readonly DateTime DayZero = new(1899, 12, 30);
    private static readonly decimal End = (new DateTime(2201, 1, 1) - DayZero).Days;

    /// <returns>The date in ISO 8601; the text itself where it is no such number.</returns>
    public static string Written(string text)
    {
        if (!decimal.TryParse(text.AsSpan().Trim(), NumberStyles.AllowDecimalPoint, SeparatorOf(text), out var number)
            || number < 1 || number >= End || (int)number == NoDay)
        {
            return text;
        }

        var date = DayZero.AddDays((int)number < NoDay ? 1 : 0).AddMilliseconds((double)decimal.Round(number * 24 * 60 * 60 * 1000));
        return date.ToString(date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFF", CultureInfo.InvariantCulture);
    }

    private static NumberFormatInfo SeparatorOf(string text) =>
        text.Contains(',', StringComparison.Ordinal) ? Comma : NumberFormatInfo.InvariantInfo;

    private static readonly NumberFormatInfo Comma = new() { NumberDecimalSeparator = "," };
}

using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace HokifyMessaging.Storage;

/// <summary>An instant as UTC text of fixed width.</summary>
internal sealed class UtcText() : ValueConverter<DateTimeOffset, string>(
    instant => instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture), text => Read(text))
{
    public const string Format = "O";

    public static DateTimeOffset Read(ReadOnlySpan<char> text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset Read(string text) => Read(text.AsSpan());
}

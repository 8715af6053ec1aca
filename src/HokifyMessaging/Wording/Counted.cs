namespace HokifyMessaging.Wording;

/// <summary>
/// Texts with numbers in them, whose words agree with the numbers: <c>$"{n:N0} {n:record|records} {n:was|were} read"</c>. A format of two forms with a bar between them is the
/// first form where the number is one, and the second form elsewhere, which holds for English and for German.
/// </summary>
internal sealed class Counted : IFormatProvider, ICustomFormatter
{
    private static readonly Counted Invariant = new(CultureInfo.InvariantCulture);

    private readonly CultureInfo _culture;

    /// <param name="culture">How its numbers are written.</param>
    public Counted(CultureInfo culture) => _culture = culture;

    /// <summary>A text of a verb, a message or a file, whose numbers are written the same everywhere.</summary>
    public static string Text(FormattableString text) => text.ToString(Invariant);

    public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : _culture.GetFormat(formatType);

    public string Format(string? format, object? arg, IFormatProvider? formatProvider) =>
        format?.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar
            ? Convert.ToDecimal(arg, CultureInfo.InvariantCulture) == 1 ? format[..bar] : format[(bar + 1)..]
            : arg is IFormattable value ? value.ToString(format, _culture) : arg?.ToString() ?? "";
}

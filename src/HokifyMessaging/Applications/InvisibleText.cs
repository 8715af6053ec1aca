using System.Buffers;

namespace HokifyMessaging.Applications;

/// <summary>
/// What copying, spreadsheets and word processors leave in a text and nobody sees: zero widths, byte order marks, soft
/// hyphens, marks of the writing direction, fillers, and control characters other than blanks.
/// </summary>
internal static class InvisibleText
{
    private static readonly SearchValues<char> Invisible = SearchValues.Create(
    [
        .. Between('\u0000', '\u0008'), .. Between('\u000E', '\u001F'), .. Between('\u007F', '\u0084'), .. Between('\u0086', '\u009F'),
        '\u00AD', '\u034F', '\u061C', '\u115F', '\u1160', '\u17B4', '\u17B5', .. Between('\u180B', '\u180F'),
        .. Between('\u200B', '\u200F'), .. Between('\u202A', '\u202E'), .. Between('\u2060', '\u206F'),
        '\u2800', '\u3164', .. Between('\uFE00', '\uFE0F'), '\uFEFF', '\uFFA0', .. Between('\uFFF9', '\uFFFB'),
    ]);

    /// <summary>The text without them and without blanks at its ends; the same instance where there are none.</summary>
    public static string Without(string text) =>
        text.AsSpan().ContainsAny(Invisible) ? string.Concat(text.Where(letter => !IsOne(letter))).Trim() : text.Trim();

    public static bool IsOne(char letter) => Invisible.Contains(letter);

    private static IEnumerable<char> Between(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(letter => (char)letter);
}

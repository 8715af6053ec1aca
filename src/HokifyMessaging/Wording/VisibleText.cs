namespace HokifyMessaging.Wording;

/// <summary>
/// Text from outside as people and terminals may be shown it. What moves a cursor, turns a line around, breaks it or cannot be seen stands there as an
/// escape, such as <c>\u202E</c>. In JSON that escape is the character, so a whole JSON text may be treated alike.
/// </summary>
internal static class VisibleText
{
    /// <summary>The text with an escape for each control, format, bidirectional and line-separator character and for each half of a character; the same instance where there is none.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text) => Escaped(text, keepsLines: false);

    /// <summary>The same, no longer than is said; what is cut off is marked by an ellipsis.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">The most characters.</param>
    public static string Of(string text, int most)
    {
        // An escape is longer than what it stands for, never shorter.
        var visible = Escaped(Cut(text, most + 2), keepsLines: false);
        return visible.Length <= most ? visible : $"{Cut(visible, most - 1)}…";
    }

    /// <summary>A text of several lines: line breaks and tabs stay, all else as in <see cref="Of(string)"/>.</summary>
    /// <param name="text">Any text.</param>
    public static string OfLines(string text) => Escaped(text, keepsLines: true);

    /// <summary>Whether people see all that is in a text of one line.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsVisible(string text) => FirstHidden(text, keepsLines: false) < 0;

    /// <summary>Why a text is not taken in, as the rest of a sentence that begins with it.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Null when people see all that is in it.</returns>
    public static string? Problem(string text)
    {
        var position = FirstHidden(text, keepsLines: false);
        if (position < 0)
        {
            return null;
        }

        return Rune.TryGetRuneAt(text, position, out var rune)
            ? FormattableString.Invariant($"has a control, format or bidirectional character (U+{rune.Value:X4}) at position {position + 1}; leave it out")
            : FormattableString.Invariant($"has half a character (a lone surrogate) at position {position + 1}; leave it out");
    }

    /// <summary>At most so many characters from the beginning, and no half of one.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        return text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most)];
    }

    private static string Escaped(string text, bool keepsLines)
    {
        var first = FirstHidden(text, keepsLines);
        if (first < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var position = first; position < text.Length;)
        {
            var length = LengthAt(text, position, out var isHidden);
            foreach (var unit in text.AsSpan(position, length))
            {
                if (isHidden && !(keepsLines && IsOfLines(text, position)))
                {
                    visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
                }
                else
                {
                    visible.Append(unit);
                }
            }

            position += length;
        }

        return visible.ToString();
    }

    private static int FirstHidden(string text, bool keepsLines)
    {
        for (var position = 0; position < text.Length;)
        {
            var length = LengthAt(text, position, out var isHidden);
            if (isHidden && !(keepsLines && IsOfLines(text, position)))
            {
                return position;
            }

            position += length;
        }

        return -1;
    }

    /// <summary>How many units the character there has; half a character is hidden, too: no font shows it.</summary>
    private static int LengthAt(string text, int position, out bool isHidden)
    {
        if (text[position] is >= ' ' and < '\x7f')
        {
            isHidden = false;
            return 1;
        }

        if (!Rune.TryGetRuneAt(text, position, out var rune))
        {
            isHidden = true;
            return 1;
        }

        isHidden = Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
        return rune.Utf16SequenceLength;
    }

    /// <summary>A carriage return by itself goes back to the beginning of the line and writes over it.</summary>
    private static bool IsOfLines(string text, int position) =>
        text[position] is '\n' or '\t' || (text[position] == '\r' && position + 1 < text.Length && text[position + 1] == '\n');
}

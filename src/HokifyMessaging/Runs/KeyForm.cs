using System.Globalization;
using System.Text;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>What a key may look like: two that look alike to people should be alike.</summary>
internal static class KeyForm
{
    /// <returns>What is wrong, as the rest of a sentence that begins with the key; null when nothing is.</returns>
    public static string? Problem(string key)
    {
        if (key.Length > HokifyDbContext.KeyLength)
        {
            return FormattableString.Invariant($"has {key.Length} characters; at most {HokifyDbContext.KeyLength} are allowed");
        }

        if (key.Length > 0 && (char.IsWhiteSpace(key[0]) || char.IsWhiteSpace(key[^1])))
        {
            return "begins or ends with a blank; leave it out";
        }

        for (var position = 0; position < key.Length;)
        {
            if (!Rune.TryGetRuneAt(key, position, out var rune))
            {
                return FormattableString.Invariant($"has half a character (a lone surrogate) at position {position + 1}; leave it out");
            }

            if (IsInvisible(rune))
            {
                return FormattableString.Invariant($"has a control, format or bidirectional character (U+{rune.Value:X4}) at position {position + 1}; leave it out");
            }

            position += rune.Utf16SequenceLength;
        }

        return null;
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

namespace HokifyMessaging.Applications;

/// <summary>
/// Where an id or an address stands in a text as such, and not as a part of a longer one: <c>17</c> stands in
/// <c>application 17:</c> and neither in <c>application 170</c> nor in <c>x-17</c>.
/// </summary>
internal static class WholeText
{
    /// <summary>Whether an id stands in the text.</summary>
    public static bool HasId(string text, string id) => IndexOf(text, id, 0, StringComparison.Ordinal, IsOfIds) >= 0;

    /// <summary>Whether a mail address stands in the text, whatever the case of its letters.</summary>
    public static bool HasAddress(string text, string address) => IndexOf(text, address, 0, StringComparison.OrdinalIgnoreCase, IsOfAddresses) >= 0;

    /// <summary>A sentence of ours with something else instead of each of these ids; the same instance where it has none of them.</summary>
    /// <remarks>A number may as well be that of a line: as an id it stands behind the word, and the colon behind it.</remarks>
    public static string WithoutIds(string sentence, IReadOnlySet<string> ids, string instead)
    {
        const string Word = "application ";
        StringBuilder? changed = null;
        var kept = 0;
        for (var start = 0; start < sentence.Length; start++)
        {
            if (!IsOfIds(sentence[start]))
            {
                continue;
            }

            var end = start + 1;
            while (end < sentence.Length && IsOfIds(sentence[end]))
            {
                end++;
            }

            var id = sentence[start..end];
            var isNamed = ids.Contains(id)
                && (!id.All(char.IsAsciiDigit) || (sentence.AsSpan(0, start).EndsWith(Word) && end < sentence.Length && sentence[end] == ':'));
            if (isNamed)
            {
                changed = (changed ?? new StringBuilder()).Append(sentence, kept, start - kept).Append(instead);
                kept = end;
            }

            start = end;
        }

        return changed is null ? sentence : changed.Append(sentence, kept, sentence.Length - kept).ToString();
    }

    private static bool IsOfIds(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';

    private static bool IsOfAddresses(char letter) => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' or '+' or '%';

    private static int IndexOf(string text, string value, int from, StringComparison comparison, Func<char, bool> isPart)
    {
        for (var at = text.IndexOf(value, from, comparison); at >= 0; at = text.IndexOf(value, at + 1, comparison))
        {
            var end = at + value.Length;
            if ((at == 0 || !isPart(text[at - 1])) && (end == text.Length || !IsGoingOn(text, end, isPart)))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>A full stop at the end of a sentence is no part of an address.</summary>
    private static bool IsGoingOn(string text, int end, Func<char, bool> isPart) =>
        isPart(text[end]) && (text[end] != '.' || (end + 1 < text.Length && isPart(text[end + 1])));
}

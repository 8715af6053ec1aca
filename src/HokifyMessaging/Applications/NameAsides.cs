namespace HokifyMessaging.Applications;

/// <summary>What stands in a name in brackets or quotation marks: a nickname, a former name, the place of a degree.</summary>
internal static class NameAsides
{
    private const string Opening = "([{\"\u201E\u201C\u201D\u00AB\u00BB";
    private const string SingleQuotes = "'\u2018\u2019\u201A`\u00B4";

    /// <returns>The name without them; null where a bracket or mark has no other.</returns>
    public static string? Without(string name)
    {
        if (name.AsSpan().IndexOfAny(Opening + ")]}" + SingleQuotes) < 0)
        {
            return name;
        }

        var rest = new StringBuilder(name.Length);
        for (var index = 0; index < name.Length; index++)
        {
            var letter = name[index];
            if (letter is ')' or ']' or '}')
            {
                return null;
            }

            if (Opening.Contains(letter, StringComparison.Ordinal))
            {
                var end = name.AsSpan(index + 1).IndexOfAny(Closing(letter));
                if (end < 0)
                {
                    return null;
                }

                index += end + 1;
                rest.Append(' ');
            }
            else if (EndOfNickname(name, index) is { } end)
            {
                index = end;
                rest.Append(' ');
            }
            else
            {
                rest.Append(letter);
            }
        }

        return rest.ToString();
    }

    /// <summary>Single marks are apostrophes, too: they count where a word begins with one and the same or a later one ends with one.</summary>
    private static int? EndOfNickname(string name, int start)
    {
        if (!SingleQuotes.Contains(name[start], StringComparison.Ordinal) || (start > 0 && name[start - 1] != ' '))
        {
            return null;
        }

        for (var end = start + 2; end < name.Length; end++)
        {
            if (SingleQuotes.Contains(name[end], StringComparison.Ordinal) && (end == name.Length - 1 || name[end + 1] is ' ' or ','))
            {
                return end;
            }
        }

        return null;
    }

    private static string Closing(char opening) => opening switch
    {
        '(' => ")",
        '[' => "]",
        '{' => "}",
        _ => "\"\u201C\u201D\u00AB\u00BB",
    };
}

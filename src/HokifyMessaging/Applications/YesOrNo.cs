namespace HokifyMessaging.Applications;

/// <summary>The words in which people and systems say yes and no, in German and English.</summary>
internal static class YesOrNo
{
    public static bool? Parse(string text)
    {
        var word = text.AsSpan().Trim().TrimEnd(".!");
        return IsOneOf(word, "true", "1", "yes", "ja", "y", "j", "wahr") ? true
            : IsOneOf(word, "false", "0", "no", "nein", "n", "falsch") ? false
            : null;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, params ReadOnlySpan<string> words)
    {
        foreach (var candidate in words)
        {
            if (word.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

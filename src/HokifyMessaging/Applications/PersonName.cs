using System.Buffers;

namespace HokifyMessaging.Applications;

/// <summary>
/// First and last name of a person of whom a source gives only the whole name. Degrees and salutations have no column of their
/// own: they stay in the display name. Where it is in doubt what is what, the whole is the last name.
/// </summary>
internal sealed record PersonName(string? First, string? Last)
{
    /// <summary>No person's name: two people, an address, a number.</summary>
    private static readonly SearchValues<char> Doubtful = SearchValues.Create("0123456789@/\\&;:+=<>|_*?!%#\u2013\u2014");

    /// <summary>As the name is shown: one blank between words, and nothing that nobody sees.</summary>
    public static string Tidied(string name)
    {
        var tidied = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            if (char.IsWhiteSpace(letter))
            {
                if (tidied.Length > 0 && tidied[^1] != ' ')
                {
                    tidied.Append(' ');
                }
            }
            else if (letter is '\u2010' or '\u2011')
            {
                tidied.Append('-');
            }
            else if (!InvisibleText.IsOne(letter) || NameWords.IsJoiner(letter))
            {
                tidied.Append(letter);
            }
        }

        return tidied.ToString().TrimEnd();
    }

    /// <summary>"Mag. Anna van der Berg, MSc" and "van der Berg, Anna" are Anna van der Berg.</summary>
    public static PersonName Split(string name)
    {
        var whole = Tidied(name);
        return Understood(whole) ?? new PersonName(null, whole.Length == 0 ? null : whole);
    }

    private static PersonName? Understood(string whole)
    {
        if (whole.AsSpan().ContainsAny(Doubtful) || NameAsides.Without(whole) is not { } plain)
        {
            return null;
        }

        List<string>? last = null, first = null;
        string? suffix = null;
        foreach (var part in plain.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = NameDegrees.Without(part, isLater: last is not null);
            if (words.Count == 0)
            {
                continue;
            }

            if (words is [var only] && last is not null && NameWords.IsSuffix(only))
            {
                suffix = only;
            }
            else if (last is null)
            {
                last = words;
            }
            else if (first is null)
            {
                first = words;
            }
            else
            {
                return null;
            }
        }

        if (last is null)
        {
            return null;
        }

        return first is null ? InOrder(last, suffix) : Reversed(last, first, suffix);
    }

    /// <summary>Berg, Anna van der; before the comma one word is enough, so that a doubtful degree behind it is one.</summary>
    private static PersonName Reversed(List<string> last, List<string> first, string? suffix)
    {
        last = NameDegrees.Without(string.Join(' ', last), isLater: true) is { Count: > 0 } bare ? bare : last;
        var given = first.Count;
        while (given > 1 && NameWords.IsParticle(first[given - 1]) && char.IsLower(first[given - 1][0]))
        {
            given--;
        }

        return new PersonName(Joined(first[..given]), Joined([.. first[given..], .. last], suffix));
    }

    private static PersonName? InOrder(List<string> words, string? suffix)
    {
        if (suffix is null && words.Count > 1 && NameWords.IsSuffix(words[^1]))
        {
            suffix = words[^1];
            words = words[..^1];
        }

        if (words.Count == 1)
        {
            return new PersonName(null, Joined(words, suffix));
        }

        if (NameWords.BeginsLastName(words))
        {
            return LastNameFirst(words, suffix);
        }

        var isAllCapitals = words.TrueForAll(word => !NameWords.HasLower(word));
        var capitals = isAllCapitals ? 0 : words.TakeWhile(NameWords.IsCapitals).Count();
        if (capitals > 0 && capitals < words.Count && words[0].Length > 2 && !words.Skip(capitals).Any(NameWords.IsCapitals))
        {
            // HUBER Anna: whoever writes one of the names in capitals means the last one.
            return new PersonName(Joined(words[capitals..]), Joined(words[..capitals], suffix));
        }

        var start = words.Count - 1;
        while (!isAllCapitals && start > 1 && NameWords.IsCapitals(words[start]) && NameWords.IsCapitals(words[start - 1]))
        {
            start--;
        }

        start = WithParticles(words, start);
        return words[..start].Exists(NameWords.JoinsPeople)
            ? null
            : new PersonName(Joined(words[..start]), Joined(words[start..], suffix));
    }

    /// <summary>Where the last name begins: "von und zu Guttenberg", "Ortega y Gasset". At least one word is left for the first name.</summary>
    private static int WithParticles(List<string> words, int start)
    {
        while (true)
        {
            if (start > 1 && NameWords.IsParticle(words[start - 1]))
            {
                start--;
            }
            else if (start > 2 && NameWords.IsConnector(words[start - 1]))
            {
                start -= 2;
            }
            else if (start > 2 && words[start - 1] is "und" && NameWords.IsParticle(words[start]) && NameWords.IsParticle(words[start - 2]))
            {
                start -= 2;
            }
            else
            {
                return start;
            }
        }
    }

    /// <summary>"von Trapp", "von Trapp Maria"; with more words behind it nobody knows where the last name ends.</summary>
    private static PersonName? LastNameFirst(List<string> words, string? suffix)
    {
        var end = 0;
        while (end < words.Count - 1 && NameWords.IsParticle(words[end]))
        {
            end++;
        }

        var behind = words.Count - end - 1;
        return behind > 1 || (behind > 0 && words.TrueForAll(word => char.IsLower(word[0])))
            ? null
            : new PersonName(behind == 0 ? null : words[^1], Joined(words[..(end + 1)], suffix));
    }

    private static string Joined(List<string> words, string? suffix = null) =>
        suffix is null ? string.Join(' ', words) : $"{string.Join(' ', words)} {suffix}";
}

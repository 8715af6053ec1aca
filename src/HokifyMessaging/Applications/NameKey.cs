using System.Collections.Frozen;

namespace HokifyMessaging.Applications;

/// <summary>
/// A person's name in the form in which two spellings of it are equal: without titles and degrees, case, accents, hyphens and
/// the order of its words. Only for comparing; nobody is shown it.
/// </summary>
internal static class NameKey
{
    /// <summary>Titles, degrees and forms of address, with nothing but their letters.</summary>
    private static readonly FrozenSet<string> Titles = new[]
    {
        "ao", "ba", "bakk", "bakka", "bba", "bed", "beng", "bsc", "dd", "ddr", "di", "dipl", "diplinform", "diplkfm", "diplkffr", "diplpaed", "diplpad", "dipling",
        "diplingfh", "difh", "dr", "dra", "drin", "drmed", "drphil", "driur", "drtechn", "fh", "frau", "hc", "herr", "hr", "ing", "kommr", "llb", "llm", "ma", "mag",
        "maga", "magin", "magfh", "magafh", "mas", "mba", "mbl", "med", "meng", "miss", "mmag", "mmaga", "mph", "mr", "mrs", "ms", "msc", "phd", "pmm", "prof", "profin",
        "univprof", "univdoz", "univ", "doz", "priv", "privdoz", "stb", "eur", "dkfm",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What a degree is in. Phil and Nat are also names, so these count only behind a title.</summary>
    private static readonly FrozenSet<string> Subjects = new[]
    {
        "agr", "art", "dent", "habil", "iur", "jur", "med", "mont", "mult", "nat", "oec", "phil", "pol", "rer", "soc", "techn", "theol", "univ", "vet",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Letters that no accent is taken from, and are still written in two ways.</summary>
    private static readonly FrozenDictionary<char, string> Letters = new Dictionary<char, string>
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['ø'] = "o",
        ['ł'] = "l",
        ['đ'] = "d",
        ['ð'] = "d",
        ['þ'] = "th",
        ['ı'] = "i",
    }.ToFrozenDictionary();

    /// <returns>Empty where there is no name.</returns>
    public static string Of(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return "";
        }

        var words = new List<string>();
        var (all, isBehindTitle) = (new List<string>(), false);
        foreach (var word in Folded(name).Split([' ', ',', ';', '/'], StringSplitOptions.RemoveEmptyEntries))
        {
            isBehindTitle = Take(word, isBehindTitle, words, all);
        }

        // Whoever is called nothing but Ma is no degree.
        var kept = words.Count > 0 ? words : all;
        kept.Sort(StringComparer.Ordinal);
        return string.Join(' ', kept);
    }

    /// <returns>Whether the word was a title.</returns>
    private static bool Take(string word, bool isBehindTitle, List<string> words, List<string> all)
    {
        var letters = string.Concat(word.Where(char.IsLetterOrDigit));
        if (letters.Length == 0)
        {
            return isBehindTitle;
        }

        if (Titles.Contains(letters) || (isBehindTitle && Subjects.Contains(letters) && !all.Contains(letters)))
        {
            all.Add(letters);
            return true;
        }

        var (start, isTitle) = (0, isBehindTitle);
        for (var at = 0; at <= word.Length; at++)
        {
            if (at < word.Length && char.IsLetterOrDigit(word[at]))
            {
                continue;
            }

            if (at > start)
            {
                var part = WithoutUmlautPairs(word[start..at]);
                all.Add(part);
                isTitle = at < word.Length && word[at] == '.' && (Titles.Contains(part) || (isTitle && Subjects.Contains(part)));
                if (!isTitle)
                {
                    words.Add(part);
                }
            }

            start = at + 1;
        }

        return isTitle;
    }

    /// <summary>Lower case without accents and apostrophes; blanks of every kind are spaces, and what nobody sees is gone.</summary>
    private static string Folded(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var letter in WellFormedText.Of(name).ToLowerInvariant().Normalize(NormalizationForm.FormKD))
        {
            switch (CharUnicodeInfo.GetUnicodeCategory(letter))
            {
                case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter:
                case var _ when letter is '\'' or '’' or '‘' or '`' or '´':
                    break;
                case UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    folded.Append(' ');
                    break;
                default:
                    folded.Append(Letters.TryGetValue(letter, out var written) ? written : letter);
                    break;
            }
        }

        return folded.ToString();
    }

    /// <summary>Müller and Mueller are one: both are Muller here.</summary>
    private static string WithoutUmlautPairs(string word) =>
        word.Replace("ae", "a", StringComparison.Ordinal).Replace("oe", "o", StringComparison.Ordinal).Replace("ue", "u", StringComparison.Ordinal);
}

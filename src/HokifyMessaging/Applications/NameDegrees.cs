using System.Collections.Frozen;

namespace HokifyMessaging.Applications;

/// <summary>Academic degrees, titles and salutations around a name, as they are written in Austria and its neighbours.</summary>
internal static class NameDegrees
{
    /// <summary>Pieces of a word with dots or hyphens that make it a degree: Dipl.-Ing., Mag.a, Univ.-Prof.</summary>
    private static readonly FrozenSet<string> Strong = Set(
        "dr ddr dddr mag mmag mmmag prof doz ing dipl ddipl di ddi ll bakk dkfm akad prok lic univ priv hon ass assoc assoz komm hofr rat bgm labg dir prim mst bmstr ziv vkfm "
        + "judr mudr mddr rndr phdr paeddr pharmdr mvdr thdr drsc csc bc emer gepr staatl dipling magfh difh");

    /// <summary>Pieces that only go with others: Mag. rer. soc. oec., Dr. med. univ.</summary>
    private static readonly FrozenSet<string> Weak = Set(
        "phil med iur jur techn rer nat oec soc dent vet theol mont scient agr mult fh arch art pol biol chem pharm psych paed päd sc mus hum comm publ "
        + "hlfl htl wirtsch inform math phys kfm kffr öko ök oek soz verw ind bibl habil hc eh ao em tit o a b m d in h c e gast reg stud ost innen ra pd");

    /// <summary>Written with dots, they look like initials or names without.</summary>
    private static readonly FrozenSet<string> Letters = Set("ba ma bsc msc bed med beng meng llb llm phd mba emba bba mas mph mpa md dba dsc edd bcom mcom barch march bfa mfa pdr");

    /// <summary>Clear without dots and in any case.</summary>
    private static readonly FrozenSet<string> Clear = Set("dr ddr dddr prof mmag mmmag bsc msc mba emba llb llm phd bakk dkfm dipling kommr kommerzialrat hofrat dgkp dgks dpgkp bscn mscn");

    /// <summary>Without dots they are names as well, so that enough of the name must be left.</summary>
    private static readonly FrozenSet<string> Unclear = FrozenSet.Create(
        "Mag", "MAG", "mag", "Ing", "ING", "ing", "DI", "DDI", "DIin", "DI\u2071\u207F", "Dipl", "PD", "HR", "BA", "MA", "BEd", "MEd", "BEng", "MEng", "MAS", "MPH", "MPA", "MIM", "MTD", "MFA",
        "BFA", "BBA", "MBL", "MSSc", "MMSc", "BHSc", "MHSc", "BArch", "MArch", "MDes", "BDes", "DBA", "EdD", "DSc", "MD", "MLS", "MRes", "MPhil", "BTh", "MTh", "MSW", "BSW",
        "CPA", "CFA", "PMP", "CMC", "StB", "FH", "EMPA", "RA", "OStR", "StR", "MedR", "Akad", "LLD", "Prok", "MBE", "BPhil", "MSD");

    private static readonly FrozenSet<string> FormerNames = Set("geb geb. geborene geborener née nee vormals verh. verh gesch.");

    /// <param name="part">A name, or what stands of it between two commas.</param>
    /// <param name="isLater">Whether it stands behind a comma, where nothing but degrees may stand.</param>
    /// <returns>Its words without them.</returns>
    public static List<string> Without(string part, bool isLater)
    {
        var words = Words(part);
        var start = 0;
        while (start < words.Count && IsBefore(words, start, isLater))
        {
            start++;
        }

        if (start > 0 && isLater && IsOfTraining(words[0]))
        {
            return [];
        }

        var end = words.Count;
        for (var index = Math.Max(start, isLater ? 0 : 1); index < end; index++)
        {
            if (FormerNames.Contains(words[index]) || (index > 0 && index >= start && IsOfTraining(words[index])))
            {
                end = index;
            }
        }

        while (end > start && IsBehind(words, start, end, isLater))
        {
            end--;
        }

        while (end > start && words[end - 1] == "-")
        {
            end--;
        }

        return words[Math.Min(start, end)..end];
    }

    /// <summary>The words; a hyphen between blanks is one inside a double name.</summary>
    private static List<string> Words(string part)
    {
        var words = new List<string>(part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        for (var index = words.Count - 1; index > 0; index--)
        {
            var isJoined = index < words.Count - 1 && words[index] == "-" && !IsDegree(words[index + 1]);
            if (isJoined)
            {
                words[index - 1] = $"{words[index - 1]}-{words[index + 1]}";
                words.RemoveRange(index, 2);
            }
            else if ((words[index] is ['-', _, ..] || words[index - 1] is [_, .., '-']) && words[index] != "-")
            {
                words[index - 1] += words[index];
                words.RemoveAt(index);
            }
        }

        return words;
    }

    private static bool IsBefore(List<string> words, int index, bool isLater)
    {
        var word = words[index];
        if (NameWords.IsSalutation(word))
        {
            return true;
        }

        var left = words.Count - index - 1;
        if (Unclear.Contains(word))
        {
            return left > (word is "BA" or "MA" ? 1 : 0) || isLater;
        }

        if (IsInitials(word))
        {
            return isLater && left == 0;
        }

        // Dr.Huber: the blank is missing.
        var dot = word.LastIndexOf('.') + 1;
        if (dot > 0 && dot < word.Length - 1 && char.IsUpper(word[dot]) && !Strong.Contains(word[dot..]) && !Weak.Contains(word[dot..])
            && !Letters.Contains(string.Concat(Pieces(word))) && IsDegree(word[..dot]))
        {
            words[index] = word[dot..];
            return false;
        }

        // em. Univ.-Prof.: what goes with a degree may stand before it.
        return IsDegree(word) || (IsContinuation(word) && (index > 0 || (left > 0 && IsDegree(words[index + 1]))));
    }

    private static bool IsBehind(List<string> words, int start, int end, bool isLater)
    {
        var word = words[end - 1];
        var left = end - 1 - start;
        return Unclear.Contains(word) ? left > 1 || isLater
            : IsDegree(word) || (end - 2 >= start && IsContinuation(word) && IsBehind(words, start, end - 1, isLater) && word.Contains('.', StringComparison.Ordinal))
                ? left > 0 || isLater || word.Contains('.', StringComparison.Ordinal)
                : false;
    }

    private static bool IsDegree(string word)
    {
        if (Clear.Contains(word) || Unclear.Contains(word))
        {
            return true;
        }

        if (word.AsSpan().IndexOfAny('.', '-') < 0)
        {
            return false;
        }

        if (word.StartsWith("Dipl.-", StringComparison.OrdinalIgnoreCase) || word.StartsWith("Dipl-", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var pieces = Pieces(word);
        return pieces.Length > 0
            && ((Array.Exists(pieces, Strong.Contains) && Array.TrueForAll(pieces, piece => Strong.Contains(piece) || Weak.Contains(piece)))
                || (word.Contains('.', StringComparison.Ordinal) && word.Length > 3 && Letters.Contains(string.Concat(pieces))));
    }

    /// <summary>Behind another degree: med., h.c.; of one letter only in lower case, else it is an initial.</summary>
    private static bool IsContinuation(string word)
    {
        var pieces = Pieces(word);
        return pieces.Length > 0 && Array.TrueForAll(pieces, Weak.Contains)
            && (char.IsLower(word[0]) || (word.Contains('.', StringComparison.Ordinal) && pieces[0].Length > 2));
    }

    /// <summary>M.A. before a name is Maria Anna.</summary>
    private static bool IsInitials(string word) => word.Length == 4 && word[1] == '.' && word[3] == '.' && char.IsUpper(word[0]) && char.IsUpper(word[2]);

    /// <summary>What follows is a trade, in words: akad. Übersetzerin.</summary>
    private static bool IsOfTraining(string word) => word.ToLowerInvariant() is "akad." or "akad" or "gepr." or "staatl." or "akademische" or "akademischer";

    /// <summary>Mag.ª and Mag.ᵃ are Mag.a.</summary>
    private static string[] Pieces(string word) =>
        (Ascii.IsValid(word) ? word : WellFormedText.Of(word).Normalize(NormalizationForm.FormKC)).Replace("^", "", StringComparison.Ordinal).Split('.', '-')
            .Where(piece => piece.Length > 0).ToArray();

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}

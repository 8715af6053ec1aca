using System.Collections.Frozen;

namespace HokifyMessaging.Applications;

/// <summary>What is small in a name and decides where the last name begins.</summary>
internal static class NameWords
{
    /// <summary>Part of the last name in whatever case: von, Van, DER.</summary>
    private static readonly FrozenSet<string> Particles = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "von", "vom", "van", "vander", "vanden", "der", "den", "dem", "de", "del", "della", "dello", "delle", "degli", "dei", "dal", "dalla", "dall'",
        "di", "da", "dos", "das", "du", "des", "d'", "d\u2019", "la", "le", "los", "las", "les", "lo", "ten", "ter", "auf", "aus", "zum", "zur",
        "bin", "ben", "binti", "bint", "ibn", "abu", "abd", "abdel", "abdul", "al", "el", "al-", "el-", "mc", "mac", "o'", "o\u2019", "fitz",
        "st.", "st", "sankt", "saint", "sainte", "san", "santa", "'t", "\u2019t", "v.d.");

    /// <summary>Names of their own in capitals: Zu, An, Do.</summary>
    private static readonly FrozenSet<string> LowerParticles = FrozenSet.Create(
        "zu", "am", "im", "in", "an", "ob", "op", "bei", "te", "tho", "thor", "toe", "uit", "het", "do", "d", "af", "av",
        "as", "ash", "at", "ul", "ur", "ad", "v.", "vd.", "vd", "bar", "\u00E0");

    /// <summary>So clear that a name that begins with one begins with the last name.</summary>
    private static readonly FrozenSet<string> First = FrozenSet.Create("von", "vom", "van", "zu", "zum", "zur", "de", "del", "della", "dos", "di", "da", "du", "auf", "v.");

    /// <summary>Clear in capitals too.</summary>
    private static readonly FrozenSet<string> CapitalFirst = FrozenSet.Create("Von", "Vom", "VON", "VOM");

    /// <summary>First names as well, unless there is only one more word.</summary>
    private static readonly FrozenSet<string> FirstOfTwo = FrozenSet.Create("De", "Di", "Da", "Del", "Della", "Du", "Mc", "Mac", "D'", "O'");

    /// <summary>What follows on a particle and begins no name.</summary>
    private static readonly FrozenSet<string> Doubled = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "der", "den", "dem", "de", "het", "la", "los", "las", "und");

    private static readonly FrozenSet<string> Suffixes = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "jr", "jr.", "sr", "sr.", "jun", "jun.", "sen", "sen.", "junior", "j\u00FAnior", "senior", "ii", "ii.", "iii", "iii.", "iv", "iv.");

    private static readonly FrozenSet<string> Salutations = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "herr", "herrn", "frau", "hr.", "hr", "hrn.", "fr.", "fr", "mr.", "mr", "mrs.", "mrs", "ms.", "ms", "miss", "mme", "mme.", "madame", "monsieur",
        "signora", "signor", "sig.", "sig.ra", "sra.", "fam.", "familie");

    public static bool IsParticle(string word) => Particles.Contains(word) || LowerParticles.Contains(word);

    /// <summary>Between two last names: Ortega y Gasset, Souza e Silva.</summary>
    public static bool IsConnector(string word) => word is "y" or "e" or "i";

    /// <summary>Between two people.</summary>
    public static bool JoinsPeople(string word) =>
        word.Equals("und", StringComparison.OrdinalIgnoreCase) || word.Equals("and", StringComparison.OrdinalIgnoreCase) || word is "u." or "oder" or "y";

    public static bool BeginsLastName(List<string> words) =>
        First.Contains(words[0]) || CapitalFirst.Contains(words[0]) || (words.Count == 2 && FirstOfTwo.Contains(words[0]))
        || (words[0] is "Van" or "De" or "VAN" or "DE" && Doubled.Contains(words[1]));

    public static bool IsSuffix(string word) => Suffixes.Contains(word);

    public static bool IsSalutation(string word) => Salutations.Contains(word);

    /// <summary>HUBER, but no initial.</summary>
    public static bool IsCapitals(string word) => word.Count(char.IsUpper) > 1 && !HasLower(word) && !word.Contains('.', StringComparison.Ordinal);

    public static bool HasLower(string word) => word.Any(char.IsLower);

    /// <summary>Invisible, but a letter looks otherwise without it.</summary>
    public static bool IsJoiner(char letter) => letter is '\u200C' or '\u200D';
}

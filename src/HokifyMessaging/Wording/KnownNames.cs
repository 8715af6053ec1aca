namespace HokifyMessaging.Wording;

/// <summary>Says of a name that nobody reads which one was probably meant: what is overlooked is a wish that nobody fulfils.</summary>
internal static class KnownNames
{
    /// <summary>Shorter ones are part of too many names.</summary>
    private const int ShortestPart = 3;

    /// <summary>A sentence's beginning that names the unknown name and the nearest known one, or all of them.</summary>
    /// <param name="given">The name that is not known.</param>
    /// <param name="known">Those that are.</param>
    public static string Unknown(string given, IReadOnlyCollection<string> known) =>
        $"{Quoted(given)} is not known; " + (Nearest(given, known) is { } nearest ? $"did you mean '{nearest}'?" : $"known {(known.Count == 1 ? "is" : "are")} {string.Join(", ", known)}");

    /// <summary>A text from outside as a sentence can quote it: short, and with escapes for what moves a terminal's cursor or turns its line around.</summary>
    /// <param name="text">Any text.</param>
    public static string Quoted(string text)
    {
        const int Longest = 60;
        var quoted = VisibleText.Of(VisibleText.Cut(text, Longest));
        return text.Length > Longest ? $"'{quoted}…'" : $"'{quoted}'";
    }

    /// <summary>The known name that differs in writing only, or from which a slip or two makes the given one; null where there is none.</summary>
    /// <param name="given">The name that is not known.</param>
    /// <param name="known">Those that are.</param>
    public static string? Misspelt(string given, IReadOnlyCollection<string> known)
    {
        var text = Letters(given);
        return known
            .Select(name => (Name: name, Slips: Slips(text, Letters(name))))
            .Where(candidate => candidate.Slips <= Math.Min(2, text.Length / 3))
            .OrderBy(candidate => candidate.Slips)
            .FirstOrDefault().Name;
    }

    /// <summary>The known name that differs in writing only, of which the given one is a part, or from which a slip or two makes it; null where there is none.</summary>
    /// <param name="given">The name that is not known.</param>
    /// <param name="known">Those that are.</param>
    public static string? Nearest(string given, IReadOnlyCollection<string> known)
    {
        var text = Letters(given);
        var nearest = known
            .Select(name => (Name: name, Text: Letters(name)))
            .Select(candidate => (candidate.Name, IsPart: IsPart(text, candidate.Text), Slips: Slips(text, candidate.Text)))
            .Where(candidate => candidate.IsPart || candidate.Slips <= Math.Max(1, text.Length / 3))
            .OrderBy(candidate => candidate.Slips > 1)
            .ThenBy(candidate => !candidate.IsPart)
            .ThenBy(candidate => candidate.Slips)
            .FirstOrDefault();
        return text.Length < 2 ? null : nearest.Name;
    }

    private static bool IsPart(string one, string other) =>
        Math.Min(one.Length, other.Length) >= ShortestPart && (one.Contains(other, StringComparison.Ordinal) || other.Contains(one, StringComparison.Ordinal));

    /// <summary>Without case and separators: dry_run, dry-run and DRYRUN are one.</summary>
    private static string Letters(string name)
    {
        var letters = new StringBuilder();
        foreach (var c in name.Take(100).Where(char.IsLetterOrDigit))
        {
            letters.Append(char.ToLowerInvariant(c));
        }

        return letters.ToString();
    }

    /// <summary>How many letters are too much, missing, wrong or swapped with their neighbour.</summary>
    private static int Slips(string one, string other)
    {
        var slips = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                slips[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(slips[i - 1, j], slips[i, j - 1]) + 1,
                        slips[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    slips[i, j] = Math.Min(slips[i, j], slips[i - 2, j - 2] + 1);
                }
            }
        }

        return slips[one.Length, other.Length];
    }
}

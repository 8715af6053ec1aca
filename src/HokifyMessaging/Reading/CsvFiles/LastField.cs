using System.Buffers;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>What the last fields of other rows say about one that nothing is behind: a file that was cut inside of it looks whole otherwise.</summary>
internal enum LastFieldLikeness
{
    /// <summary>The others say nothing.</summary>
    Unknown,

    /// <summary>It ends as they end.</summary>
    Whole,

    /// <summary>It is the beginning of what they are.</summary>
    Beginning,
}

/// <summary>Compares a last field with those of the rows before it.</summary>
internal static class LastField
{
    private const int ShortestEnding = 3;
    private const int ShortestLength = 4;
    private const int NeverEmpty = 10;

    private static readonly SearchValues<char> Signs = SearchValues.Create("@./:]}>");

    public static LastFieldLikeness Compare(string field, IReadOnlyCollection<string> others)
    {
        var filled = others.Where(other => other.Length > 0).ToList();
        if (filled.Count == 0)
        {
            return field.Length == 0 && others.Count > 1 ? LastFieldLikeness.Whole : LastFieldLikeness.Unknown;
        }

        if (field.Length == 0)
        {
            return filled.Count == others.Count && filled.Count >= NeverEmpty ? LastFieldLikeness.Beginning : LastFieldLikeness.Unknown;
        }

        return ByValues(field, filled) ?? ByLength(field, filled) ?? ByEnding(field, filled) ?? LastFieldLikeness.Unknown;
    }

    /// <summary>A column of few values, such as a gender.</summary>
    private static LastFieldLikeness? ByValues(string field, List<string> others)
    {
        var values = others.Distinct().ToList();
        if (values.Count * 2 > others.Count)
        {
            return null;
        }

        var isBeginning = values.Exists(value => value.Length > field.Length && value.StartsWith(field, StringComparison.Ordinal));
        return isBeginning ? LastFieldLikeness.Beginning : values.Contains(field) ? LastFieldLikeness.Whole : null;
    }

    /// <summary>A column of one length, such as a date.</summary>
    private static LastFieldLikeness? ByLength(string field, List<string> others)
    {
        var length = others[0].Length;
        if (others.Count < 3 || length < ShortestLength || others.Exists(other => other.Length != length))
        {
            return null;
        }

        return field.Length == length ? LastFieldLikeness.Whole : field.Length < length ? LastFieldLikeness.Beginning : null;
    }

    /// <summary>A column of one ending, such as that of a file name.</summary>
    private static LastFieldLikeness? ByEnding(string field, List<string> others)
    {
        var ending = CommonEnding(others);
        if (others.Count < 2 || ending.Length < ShortestEnding)
        {
            return null;
        }

        if (field.EndsWith(ending, StringComparison.Ordinal))
        {
            return LastFieldLikeness.Whole;
        }

        var isBeginning = !field.Contains(ending[0]) || Enumerable.Range(1, ending.Length - 1).Any(length => field.EndsWith(ending[..length], StringComparison.Ordinal));
        return isBeginning ? LastFieldLikeness.Beginning : null;
    }

    /// <summary>What all end with, from its first sign on: that two names end with the same letters means nothing.</summary>
    private static string CommonEnding(List<string> texts)
    {
        var ending = texts[0];
        foreach (var text in texts)
        {
            var length = 0;
            while (length < Math.Min(ending.Length, text.Length) && ending[^(length + 1)] == text[^(length + 1)])
            {
                length++;
            }

            ending = ending[^length..];
        }

        var sign = ending.AsSpan().IndexOfAny(Signs);
        return sign < 0 ? "" : ending[sign..];
    }
}

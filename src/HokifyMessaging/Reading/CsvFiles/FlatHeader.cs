using System.IO.Hashing;
using CsvHelper;
using CsvHelper.Configuration;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// The head of a file: an optional line <c>sep=;</c> as spreadsheets write it, and the names of the columns, which also give
/// away the separator.
/// </summary>
internal sealed class FlatHeader
{
    /// <summary>A quotation mark that never closes would otherwise pull the whole file into the header.</summary>
    private const int LongestHeader = 64 * 1024;

    private const string SeparatorMark = "sep=";

    /// <summary>How the files begin that spreadsheet programs save unless they are told otherwise: an archive, and the older form as Windows-1252 shows it.</summary>
    private static readonly string[] Workbooks = ["PK\u0003\u0004", "\u00D0\u00CF\u0011\u00E0"];

    private readonly Dictionary<string, int> _indexByField = [];

    private FlatHeader(char separator, int lines, string[] names, FlatFields fields, string file)
    {
        Separator = separator;
        Lines = lines;
        Members = new string[names.Length];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < names.Length; index++)
        {
            var name = names[index].Trim();
            if (fields.FieldOf(name) is { } field)
            {
                if (!_indexByField.TryAdd(field, index))
                {
                    throw new SourceException($"{file} has two columns for {field}, '{names[_indexByField[field]].Trim()}' and '{name}'; expected is one.");
                }

                Members[index] = field;
                taken.Add(field);
            }
        }

        if (Workbooks.Any(beginning => names[0].StartsWith(beginning, StringComparison.Ordinal)))
        {
            throw new SourceException($"{file} is a workbook of a spreadsheet program and no CSV file; save it there as CSV.");
        }

        if (!_indexByField.ContainsKey(FlatFields.MatchId))
        {
            throw new SourceException($"{file} has no column {FlatFields.MatchId} in line {lines}; expected is a header line with it, or an entry in HeaderAliases that names the column that holds it.");
        }

        for (var index = 0; index < names.Length; index++)
        {
            Members[index] ??= FreeName(names[index].Trim(), index, taken);
        }

        var others = Enumerable.Range(0, names.Length).Except(_indexByField.Values).Cast<int?>();
        Columns = [.. FlatFields.All.Select(IndexOf), .. others];
        Others = names.Length - _indexByField.Count;
        Digest = XxHash64.Hash(JsonSerializer.SerializeToUtf8Bytes(Members));
    }

    public char Separator { get; }

    /// <summary>How many physical lines of the file it takes.</summary>
    public int Lines { get; }

    /// <summary>The member of the record that each column becomes: a field, or an unknown column under its own name.</summary>
    public string[] Members { get; }

    /// <summary>The columns in the order of a payload: those of the fields, null for one that the file does not have, and behind these all others from the left.</summary>
    public int?[] Columns { get; }

    /// <summary>How many columns are no field.</summary>
    public int Others { get; }

    public int? IndexOf(string field) => _indexByField.TryGetValue(field, out var index) ? index : null;

    /// <summary>Goes before what is hashed of a row: under another header, the same texts mean something else.</summary>
    public byte[] Digest { get; }

    /// <summary>Whether a line break is behind it.</summary>
    public bool HasEnd { get; private init; }

    public static async Task<FlatHeader> ReadAsync(DecodedText text, FlatFields fields, string file, CancellationToken cancellationToken)
    {
        var lines = 0;
        char? separator = null;
        var header = new StringBuilder();
        while (await text.ReadLineAsync(LongestHeader, cancellationToken) is { } line)
        {
            lines++;
            if (header.Length == 0)
            {
                if (string.IsNullOrWhiteSpace(line))
                {
                    continue;
                }

                if (separator is null && SeparatorLine(line) is { } given)
                {
                    separator = given;
                    continue;
                }
            }
            else
            {
                header.Append('\n');
            }

            header.Append(line);
            if (header.Length > LongestHeader)
            {
                throw new SourceException($"{file} has no header line within its first {LongestHeader / 1024} KB; expected is a line with the names of the columns, every quotation mark closed.");
            }

            if (!EndsInsideQuotes(header))
            {
                break;
            }
        }

        if (header.Length == 0)
        {
            throw new SourceException($"{file} is empty; expected is a header line with the names of the columns.");
        }

        var names = header.ToString();
        var found = separator ?? SeparatorOf(names);
        return new FlatHeader(found, lines, NamesIn(names, found), fields, file) { HasEnd = text.HasLineEnd };
    }

    private static string[] NamesIn(string header, char separator)
    {
        using var text = new StringReader(header);
        using var parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            BadDataFound = null,
        });
        return parser.Read() ? parser.Record! : [];
    }

    private static char? SeparatorLine(string line)
    {
        var text = line.AsSpan().Trim(' ');
        // The whole line may be a quoted field, and a spreadsheet that saved the file again has added cells behind it.
        if (text is ['"', ..])
        {
            text = text[1..];
        }

        return text.Length > SeparatorMark.Length && text.StartsWith(SeparatorMark, StringComparison.OrdinalIgnoreCase)
            ? text[SeparatorMark.Length]
            : null;
    }

    /// <summary>The candidate that stands most often outside quotation marks.</summary>
    private static char SeparatorOf(string header)
    {
        var counts = new int[3];
        ReadOnlySpan<char> candidates = [';', ',', '\t'];
        var isQuoted = false;
        foreach (var letter in header)
        {
            if (letter == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && candidates.IndexOf(letter) is >= 0 and var candidate)
            {
                counts[candidate]++;
            }
        }

        return candidates[Array.IndexOf(counts, counts.Max())];
    }

    private static bool EndsInsideQuotes(StringBuilder header)
    {
        var isQuoted = false;
        foreach (var chunk in header.GetChunks())
        {
            foreach (var letter in chunk.Span)
            {
                isQuoted ^= letter == '"';
            }
        }

        return isQuoted;
    }

    /// <summary>JSON members need different names, and an unknown column must not pass for a field.</summary>
    private static string FreeName(string name, int index, HashSet<string> taken)
    {
        var free = name.Length == 0 ? $"column {index + 1}" : name;
        while (!taken.Add(free))
        {
            free = $"{free} (column {index + 1})";
        }

        return free;
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Privacy;

namespace HokifyMessaging.Results;

/// <summary>
/// The seed's CSV: a line that names the separator, the header, the rows; UTF-8 without a byte order mark, as the seed has
/// it (Excel does not look for one in a file that begins with the separator). For spreadsheets it is the other way round: the mark, which
/// says that it is UTF-8, and no line with the separator.
/// </summary>
/// <param name="destination">Receives the file; stays open.</param>
/// <param name="zone">The time zone of the instants.</param>
/// <param name="values">Whether values of people are written.</param>
/// <param name="spreadsheetSeparator">What separates the columns for a spreadsheet program; null for the seed's form.</param>
internal sealed class RunCsvWriter(Stream destination, TimeZoneInfo zone, PeopleValues values, CsvSeparator? spreadsheetSeparator = null)
    : CsvWriter(
        new StreamWriter(destination, new UTF8Encoding(encoderShouldEmitUTF8Identifier: spreadsheetSeparator is not null), BufferSize, leaveOpen: true),
        Format(spreadsheetSeparator ?? CsvSeparator.Comma))
{
    public const string InstantFormat = "dd.MM.yyyy HH:mm:ss zzz";

    /// <summary>CsvHelper's own, a line feed, and the full-width forms, which a Japanese Excel takes for the others.</summary>
    private static readonly char[] FormulaSigns = ['=', '@', '+', '-', '\t', '\r', '\n', '＝', '＠', '＋', '－'];

    /// <summary>Blanks, control and format characters, the byte order mark among them.</summary>
    private static readonly SearchValues<char> Unseen = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(character =>
            char.IsWhiteSpace(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format)]);

    private const int BufferSize = 16 * 1024;

    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private bool _isText = true;

    public async Task WriteHeaderAsync()
    {
        if (spreadsheetSeparator is null)
        {
            WriteField("sep=,");
            await NextRecordAsync();
        }

        foreach (var column in RunCsvColumn.All)
        {
            WriteField(column.Name);
        }

        await NextRecordAsync();
    }

    public async Task WriteRowAsync(RunCsvRow row)
    {
        foreach (var column in RunCsvColumn.All)
        {
            WriteField(Cell(column.Of(row, values)));
        }

        await NextRecordAsync();
    }

    /// <summary>Called for each value that is written, with the type that it had before it was text.</summary>
    public override void WriteConvertedField(string? field, Type fieldType)
    {
        _isText = fieldType == typeof(string);
        base.WriteConvertedField(field, fieldType);
    }

    /// <summary>
    /// Only a text can be a formula: a negative number begins with a sign, and has to stay a number. What a spreadsheet does not
    /// show, or leaves out when it reads, may stand before the formula.
    /// </summary>
    protected override string? SanitizeForInjection(string? field)
    {
        if (!_isText || string.IsNullOrEmpty(field))
        {
            return field;
        }

        // It comes as it will be written, in quotation marks where it needs them; an escaped one always stands in them.
        var text = field.StartsWith('"') ? field[1..^1] : field;
        var begin = text.AsSpan().IndexOfAnyExcept(Unseen);
        return begin > 0 && FormulaSigns.Contains(text[begin]) ? $"\"'{text}\"" : base.SanitizeForInjection(field);
    }

    /// <summary>What CsvHelper writes as the seed has it; where the seed prints the name of a CLR type, its JSON.</summary>
    private object? Cell(object? value) => value switch
    {
        null or string or bool or int or long => value,
        Enum name => name.ToString(),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        DateTimeOffset instant => TimeZoneInfo.ConvertTime(instant, zone).ToString(InstantFormat, CultureInfo.InvariantCulture),
        _ => JsonSerializer.Serialize(value, value.GetType(), Json),
    };

    private static CsvConfiguration Format(CsvSeparator separator) => new(CultureInfo.InvariantCulture)
    {
        Delimiter = separator == CsvSeparator.Semicolon ? ";" : ",",
        NewLine = "\n",
        // CsvHelper's rule looks for the line end that is set, and would leave a lone carriage return bare.
        ShouldQuote = args => ConfigurationFunctions.ShouldQuote(args) || args.Field.AsSpan().ContainsAny('\r', '\n'),
        InjectionOptions = InjectionOptions.Escape,
        InjectionCharacters = FormulaSigns,
    };
}

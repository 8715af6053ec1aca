using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// Reads hokify's flat records from CSV, be it a file or a response of the 2018 API.
/// </summary>
internal sealed class FlatCsvReader(IReadOnlyDictionary<string, string> headerAliases)
{
    /// <summary>No field of an application is this long; a quotation mark that never closes is.</summary>
    private const int LongestField = 1_000_000;

    private readonly FlatFields _fields = new(headerAliases);

    /// <param name="stream">The file; stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="SourceException">The header is not usable, or a quotation mark swallows the rest of the file.</exception>
    public async IAsyncEnumerable<ApplicationRecord> ReadAsync(
        Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var encoding = await FileEncoding.DetectAsync(stream, cancellationToken).ConfigureAwait(false);
        using var text = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        var header = await FlatHeader.ReadAsync(text, _fields, name, cancellationToken).ConfigureAwait(false);

        string? malformed = null;
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            HasHeaderRecord = false,
            Delimiter = header.Separator.ToString(),
            MaxFieldSize = LongestField,
            // A quotation mark inside a field without quotation marks is just a letter.
            BadDataFound = bad => malformed = bad.Field.StartsWith('"') ? bad.Field : malformed,
        });
        csv.Context.RegisterClassMap(new FlatRecordMap(header));
        var rowBefore = 0;

        while (await ReadRowAsync(csv, header, name).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            malformed = null;
            // Every field is looked at, because CsvHelper judges a field when it is asked for it.
            var isComplete = csv.Parser.Count == header.Members.Length;
            var row = isComplete ? csv.GetRecord<FlatRecord>() : null;
            var others = isComplete ? Array.ConvertAll(header.Others, index => csv.GetField(index)) : [];
            var fields = isComplete ? null : csv.Parser.Record;
            var isUnclosed = malformed is not null && IsUnclosed(malformed, csv.Parser.RawRecord);
            // The text of a row is put together when it is asked for; a row of one line has no need of it.
            var isOneLine = !isUnclosed && csv.Parser.RawRow == rowBefore + 1;
            rowBefore = csv.Parser.RawRow;
            var lines = isOneLine ? 0 : LineBreaksWithin(csv.Parser.RawRecord, isUnclosed);
            var firstLine = header.Lines + csv.Parser.RawRow - lines;
            if (isUnclosed)
                throw Unclosed(name, firstLine);

            var position = $"{name} line {firstLine}";
            if (row is not null && malformed is null)
            {
                if (Take(new FlatRow(row, others, header, position)) is { } record)
                    yield return record;
            }
            else if ((fields ?? csv.Parser.Record) is { } texts && !Array.TrueForAll(texts, string.IsNullOrWhiteSpace))
            {
                yield return row is null
                    ? Reject(position, $"has {texts.Length} fields; the header has {header.Members.Length}", lines, texts)
                    : Reject(position, "has a quotation mark inside a quoted field; expected are two in a row", lines, texts);
            }
        }
    }

    private static async Task<bool> ReadRowAsync(CsvReader csv, FlatHeader header, string name)
    {
        try
        {
            return await csv.ReadAsync().ConfigureAwait(false);
        }
        catch (MaxFieldSizeException)
        {
            // CsvHelper's exceptions quote the row, which is a person's: they end here.
            throw Unclosed(name, header.Lines + csv.Parser.RawRow);
        }
    }

    private static SourceException Unclosed(string name, int line) =>
        new($"{name} line {line} has a quotation mark that is never closed, so that nothing behind it can be read; expected is a closing one.");

    /// <summary>Null for a row that is empty.</summary>
    private static ApplicationRecord? Take(FlatRow row) =>
        row.IsBlank ? null
        : row.PlainId is { } id ? new ApplicationRecord.Unread(id, row.Hash(), row.Read)
        : row.Read();

    private static ApplicationRecord.Rejected Reject(string position, string problem, int lines, string[] fields)
    {
        var where = lines == 0 ? problem : $"{problem}; it goes on for {lines} more lines";
        return new(new Rejection(ElementNames.CandidateProfile, position, null, "row", where, JsonSerializer.Serialize(new { row = fields })));
    }

    /// <summary>The field begins with a quotation mark, has an odd number of them and reaches to the end of the file.</summary>
    private static bool IsUnclosed(string field, string row) =>
        field.AsSpan().Count('"') % 2 == 1 && row.EndsWith(field, StringComparison.Ordinal);

    /// <summary>CsvHelper counts where a row ends; people look for where it begins.</summary>
    private static int LineBreaksWithin(string row, bool isUnclosed)
    {
        var text = row.AsSpan();
        if (!isUnclosed)
            text = text.EndsWith("\r\n") ? text[..^2] : text is [.., '\r' or '\n'] ? text[..^1] : text;
        var breaks = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\n' || (text[index] == '\r' && !text[(index + 1)..].StartsWith("\n")))
                breaks++;
        }

        return breaks;
    }
}

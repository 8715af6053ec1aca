using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// Reads hokify's flat records from CSV, be it a file or a response of the 2018 API. A row becomes the JSON object that
/// the API would have delivered, so that there is one reader for both and a payload that can be read again.
/// </summary>
internal sealed class FlatCsvReader(IReadOnlyDictionary<string, string> headerAliases)
{
    /// <summary>No field of an application is this long; a quotation mark that never closes is.</summary>
    private const int LongestField = 1_000_000;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
        var json = new ArrayBufferWriter<byte>();
        var rowBefore = 0;

        while (await ReadRowAsync(csv, header, name).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            malformed = null;
            var fields = csv.Parser.Record!;
            var isUnclosed = malformed is not null && IsUnclosed(malformed, csv.Parser.RawRecord);
            // The text of a row is put together when it is asked for; a row of one line has no need of it.
            var isOneLine = !isUnclosed && csv.Parser.RawRow == rowBefore + 1;
            rowBefore = csv.Parser.RawRow;
            var lines = isOneLine ? 0 : LineBreaksWithin(csv.Parser.RawRecord, isUnclosed);
            var firstLine = header.Lines + csv.Parser.RawRow - lines;
            if (isUnclosed)
                throw Unclosed(name, firstLine);
            if (Array.TrueForAll(fields, string.IsNullOrWhiteSpace))
                continue;

            var position = $"{name} line {firstLine}";
            if (fields.Length != header.Members.Length)
                yield return Reject(position, $"has {fields.Length} fields; the header has {header.Members.Length}", lines, fields);
            else if (malformed is not null)
                yield return Reject(position, "has a quotation mark inside a quoted field; expected are two in a row", lines, fields);
            else
                yield return Understand(csv, header, json, position);
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

    /// <summary>The row by the shape that the API has: the fields under their names, then what the file has besides.</summary>
    private static ApplicationRecord Understand(CsvReader csv, FlatHeader header, ArrayBufferWriter<byte> json, string position)
    {
        var record = csv.GetRecord<FlatRecord>();
        json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(json, Readable))
        {
            writer.WriteStartObject();
            Write(FlatFields.MatchId, record.MatchId);
            Write(FlatFields.JobId, record.JobId);
            Write(FlatFields.JobSourceId, record.JobSourceId);
            Write(FlatFields.UserId, record.UserId);
            Write(FlatFields.Name, record.Name);
            Write(FlatFields.Email, record.Email);
            Write(FlatFields.HokifyMail, record.HokifyMail);
            Write(FlatFields.Phone, record.Phone);
            Write(FlatFields.Birthday, record.Birthday);
            Write(FlatFields.Gender, record.Gender);
            Write(FlatFields.Nationality, record.Nationality);
            Write(FlatFields.ApplicationDate, record.ApplicationDate);
            Write(FlatFields.FileProfile, record.FileProfile);
            Write(FlatFields.FileCV, record.FileCV);
            Write(FlatFields.AdditionalFiles, record.AdditionalFiles);
            for (var index = 0; index < header.Members.Length; index++)
            {
                if (!header.IsField(index))
                    writer.WriteString(header.Members[index], csv.GetField(index));
            }

            writer.WriteEndObject();

            void Write(string field, string? value)
            {
                if (value is not null)
                    writer.WriteString(field, value);
            }
        }

        using var document = JsonDocument.Parse(json.WrittenMemory);
        return ApplicationPayload.Read(document.RootElement, position);
    }

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

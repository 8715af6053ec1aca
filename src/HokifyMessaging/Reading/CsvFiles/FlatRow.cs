using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// One row of a file. It is kept as the JSON object that the API would have delivered, so that it can be read again; reading
/// it the first time takes the fields as they are.
/// </summary>
/// <param name="texts">One for each column of the header.</param>
/// <param name="header">What the columns mean.</param>
/// <param name="position">Where the row stands.</param>
internal sealed class FlatRow(string[] texts, FlatHeader header, string position)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a thread keeps for the next row; larger buffers would stay with every thread that has once met a long row.</summary>
    private const int LargestKept = 1024 * 1024;

    /// <summary>One for each thread: rows are many and payloads large.</summary>
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Json, Utf8JsonWriter Writer)? _writer;

    [ThreadStatic]
    private static XxHash128? _hash;

    /// <summary>Null where it takes reading to say what is wrong with it.</summary>
    public ApplicationId? PlainId => ApplicationId.Of(Value(FlatFields.MatchId));

    /// <summary>The field of an id that is no plain text.</summary>
    public string? OddIdField =>
        Array.Find([FlatFields.MatchId, FlatFields.UserId], name => Value(name) is { } id && !Ascii.IsValid(id));

    public UInt128 Hash()
    {
        var hash = _hash ??= new XxHash128();
        hash.Reset();
        hash.Append(header.Digest);
        foreach (var column in header.Columns)
        {
            Append(hash, column is { } index ? texts[index] : null);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Says which application the row is and leaves the rest for later, where that can be told at a glance.</summary>
    public SourceRecord ReadLater(int bytes) => PlainId is { } id
        ? new SourceRecord(id, position, Read) { Hash = Hash(), Bytes = bytes }
        : new SourceRecord(position, Read()) { Bytes = bytes };

    private OrRejection<HokifyApplication> Read()
    {
        var reading = new RecordReading(Payload(), position);
        return reading.Conclude(FlatReader.Read(new Members(this, header.Others, reading), reading));
    }

    /// <summary>The JSON object that the API would have delivered: the fields under their names, then what the file has besides.</summary>
    private string Payload()
    {
        var (json, writer) = _writer ??= NewWriter();
        json.ResetWrittenCount();
        writer.Reset(json);
        writer.WriteStartObject();
        foreach (var column in header.Columns)
        {
            if (column is { } index)
            {
                writer.WriteString(header.Members[index], texts[index]);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        _writer = json.Capacity > LargestKept ? null : _writer;
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private string? Value(string field) => header.IndexOf(field) is { } index ? texts[index] : null;

    private static (ArrayBufferWriter<byte>, Utf8JsonWriter) NewWriter()
    {
        var json = new ArrayBufferWriter<byte>(4096);
        return (json, new Utf8JsonWriter(json, Readable));
    }

    /// <summary>Each text with its length before it, so that no two rows share an input.</summary>
    private static void Append(XxHash128 hash, string? text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text?.Length ?? -1);
        hash.Append(length);
        hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    /// <summary>Reads as from the payload, without making it first.</summary>
    private sealed class Members(FlatRow row, int unknown, RecordReading reading) : FlatMembers
    {
        public override int Unknown => unknown;

        public override bool Has(string name) => !string.IsNullOrEmpty(row.Value(name));

        public override string? Text(string name) => row.Value(name)?.Trim() is { Length: > 0 } text ? WellFormed(text) : null;

        public override string? Label(string name) => Text(name);

        public override string? Id(string name) => Text(name);

        public override string? Key(string name) => Text(name);

        public override DateOnly? Day(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (DateText.TryDay(text, out var day))
            {
                return day;
            }

            reading.Report(name, FailureCause.BadDate, DateText.Problem);
            return null;
        }

        public override DateTimeOffset? Instant(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (DateText.TryInstant(text, out var instant))
            {
                return instant;
            }

            reading.Report(name, FailureCause.BadDate, DateText.Problem);
            return null;
        }

        public override IReadOnlyList<Attachment>? FileList() => null;

        /// <summary>A payload has a replacement character for half a surrogate pair, and so has what is read from it.</summary>
        private static string WellFormed(string text) =>
            text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
    }
}

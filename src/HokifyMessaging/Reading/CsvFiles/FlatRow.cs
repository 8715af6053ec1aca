using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// One row of a file. It is kept as the JSON object that the API would have delivered, so that it can be read again; reading
/// it the first time takes the fields as they are.
/// </summary>
/// <param name="fields">What it has of hokify's flat record.</param>
/// <param name="others">What it has besides, in the order of <see cref="FlatHeader.Others"/>.</param>
internal sealed class FlatRow(FlatRecord fields, string?[] others, FlatHeader header, string position)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a thread keeps for the next row; larger buffers would stay with every thread that has once met a long row.</summary>
    private const int LargestKept = 1024 * 1024;

    /// <summary>One for each thread: rows are many and payloads large.</summary>
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Json, Utf8JsonWriter Writer)? _writer;

    [ThreadStatic]
    private static XxHash128? _hash;

    public bool IsBlank => IsBlankText(fields.MatchId)
        && FlatRecord.Fields.All(known => IsBlankText(known.Value(fields)))
        && Array.TrueForAll(others, IsBlankText);

    /// <summary>Null where it takes reading to say what is wrong with it.</summary>
    public ApplicationId? PlainId => ApplicationId.Of(fields.MatchId);

    /// <summary>The field of an id that is no plain text.</summary>
    public string? OddIdField =>
        !IsAscii(fields.MatchId) ? FlatFields.MatchId
        : !IsAscii(fields.UserId) ? FlatFields.UserId
        : null;

    /// <param name="column">A column of the file, from 0.</param>
    public string TextOf(int column)
    {
        var other = Array.IndexOf(header.Others, column);
        return (other < 0 ? FlatRecord.ValueOf(fields, header.Members[column]) : others[other]) ?? "";
    }

    public UInt128 Hash()
    {
        var hash = _hash ??= new XxHash128();
        hash.Reset();
        hash.Append(header.Digest);
        foreach (var (_, value) in FlatRecord.Fields)
        {
            Append(hash, value(fields));
        }

        foreach (var other in others)
        {
            Append(hash, other);
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
        return reading.Conclude(FlatReader.Read(new Members(fields, others.Length, reading), reading));
    }

    /// <summary>The JSON object that the API would have delivered: the fields under their names, then what the file has besides.</summary>
    private string Payload()
    {
        var (json, writer) = _writer ??= NewWriter();
        json.ResetWrittenCount();
        writer.Reset(json);
        writer.WriteStartObject();
        foreach (var (name, value) in FlatRecord.Fields)
        {
            if (value(fields) is { } text)
            {
                writer.WriteString(name, text);
            }
        }

        foreach (var (index, column) in header.Others.Index())
        {
            writer.WriteString(header.Members[column], others[index]);
        }

        writer.WriteEndObject();
        writer.Flush();
        _writer = json.Capacity > LargestKept ? null : _writer;
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

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

    private static bool IsAscii(string? text) => text is null || Ascii.IsValid(text);

    private static bool IsBlankText(string? text) => string.IsNullOrWhiteSpace(text);

    /// <summary>Reads as from the payload, without making it first.</summary>
    private sealed class Members(FlatRecord fields, int unknown, RecordReading reading) : FlatMembers
    {
        public override int Unknown => unknown;

        public override bool Has(string name) => !string.IsNullOrEmpty(Value(name));

        public override string? Text(string name) => Value(name)?.Trim() is { Length: > 0 } text ? WellFormed(text) : null;

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

            reading.Report(name, DateText.Problem);
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

            reading.Report(name, DateText.Problem);
            return null;
        }

        public override IReadOnlyList<Attachment>? FileList() => null;

        private string? Value(string name) => FlatRecord.ValueOf(fields, name);

        /// <summary>A payload has a replacement character for half a surrogate pair, and so has what is read from it.</summary>
        private static string WellFormed(string text) =>
            text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
    }
}

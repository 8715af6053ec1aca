using System.Buffers;
using System.Text.Encodings.Web;

namespace HokifyMessaging.Applications;

/// <summary>
/// The JSON texts of those columns that hold a list or an object; umlauts stay readable. Written value by value, because every new record has
/// them, and a serializer cannot be generated for an encoder of one's own.
/// </summary>
internal static class CvText
{
    private const int LargestKept = 64 * 1024;

    /// <summary>These texts go to the database; pages and CSV escape for themselves.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One for each thread: records are many.</summary>
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public static string? Of(IReadOnlyList<Experience> experiences) => Of(experiences, static (json, experience) =>
    {
        Write(json, "title"u8, experience.Title);
        Write(json, "company"u8, experience.Company);
        Write(json, "summary"u8, experience.Summary);
        json.WriteStartArray("fields"u8);
        foreach (var field in experience.Fields)
        {
            json.WriteStringValue(field);
        }

        json.WriteEndArray();
        Write(json, "start"u8, experience.Start);
        Write(json, "end"u8, experience.End);
        json.WriteBoolean("isCurrent"u8, experience.IsCurrent);
    });

    public static string? Of(IReadOnlyList<Education> educations) => Of(educations, static (json, education) =>
    {
        Write(json, "school"u8, education.School);
        Write(json, "level"u8, education.Level);
        Write(json, "degree"u8, education.Degree);
        Write(json, "description"u8, education.Description);
        Write(json, "start"u8, education.Start);
        Write(json, "end"u8, education.End);
        Write(json, "status"u8, education.Status);
    });

    public static string? Of(IReadOnlyList<Skill> skills) => Of(skills, static (json, skill) =>
    {
        Write(json, "category"u8, skill.Category);
        Write(json, "title"u8, skill.Title);
        Write(json, "text"u8, skill.Text);
    });

    public static string? Of(Attachment? attachment) => attachment is null ? null : Written(attachment, static (json, document) =>
    {
        json.WriteStartObject();
        Write(json, "type"u8, document.Type);
        Write(json, "title"u8, document.Title);
        Write(json, "url"u8, document.Url);
        Write(json, "originalName"u8, document.OriginalName);
        Write(json, "details"u8, document.Details);
        json.WriteEndObject();
    });

    private static string? Of<T>(IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write) => items.Count == 0 ? null : Written((items, write), static (json, list) =>
    {
        json.WriteStartArray();
        foreach (var item in list.items)
        {
            json.WriteStartObject();
            list.write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Written<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4 * 1024);
        var json = _writer ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        json.Reset();
        write(json, value);
        json.Flush();
        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        if (buffer.Capacity > LargestKept)
        {
            (_buffer, _writer) = (null, null);
        }

        return text;
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? instant)
    {
        if (instant is { } given)
        {
            json.WriteString(name, given);
        }
    }
}

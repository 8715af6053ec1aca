using System.Text.Encodings.Web;

namespace HokifyMessaging.Privacy;

/// <summary>Texts of the database that are JSON as a rule. Records that could not be understood are kept as they came, and may be anything.</summary>
internal static class StoredJson
{
    /// <summary>For people to read, and for files that no browser takes for a page.</summary>
    public static readonly JsonSerializerOptions ForPeople = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = Deepest };

    /// <summary>Deeper than anything that is taken in.</summary>
    private const int Deepest = 512;

    /// <returns>Null where it is none, or has half a character in it that only a text can hold.</returns>
    public static JsonDocument? Parse(string text)
    {
        JsonDocument? json = null;
        try
        {
            json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = Deepest });

            // What is read is looked at more closely when it is written.
            JsonSerializer.Serialize(Stream.Null, json.RootElement, ForPeople);
            return json;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            json?.Dispose();
            return null;
        }
    }

    /// <summary>With a line for each member; the text itself where it is no JSON.</summary>
    public static string Pretty(string text)
    {
        using var json = Parse(text);
        return json is null ? text : JsonSerializer.Serialize(json.RootElement, ForPeople);
    }
}

using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>The stored event as people read JSON. A page has room for its beginning; the whole is in the API and at the broker.</summary>
internal static class RunEventText
{
    private const int Longest = 6_000;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string stored)
    {
        var text = JsonNode.Parse(stored)!.ToJsonString(Json);
        return VisibleText.Cut(text, Longest) is { } cut && cut.Length < text.Length ? $"{cut}\n…" : text;
    }
}

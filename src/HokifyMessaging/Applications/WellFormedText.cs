namespace HokifyMessaging.Applications;

/// <summary>A text that can be normalized: half a character and U+FFFE, which is none, are told by an exception otherwise.</summary>
internal static class WellFormedText
{
    public static string Of(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || text.Contains('\uFFFE') ? string.Concat(text.EnumerateRunes()).Replace('\uFFFE', '\uFFFD') : text;
}

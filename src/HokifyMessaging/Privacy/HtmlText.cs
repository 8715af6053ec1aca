namespace HokifyMessaging.Privacy;

/// <summary>Text from outside as a part of a page: nothing in it runs, and nothing hides or turns around what stands beside it.</summary>
internal static class HtmlText
{
    /// <summary>Cannot be seen, but belong to names: without them letters of Persian and of Indian languages, and pictures of several people, fall apart.</summary>
    private static readonly char[] Joiners = ['\u200c', '\u200d'];

    /// <summary>Within a text of ours.</summary>
    public static string Of(string text)
    {
        var html = new StringBuilder(text.Length + 16);
        for (var from = 0; from <= text.Length;)
        {
            var next = text.IndexOfAny(Joiners, from);
            var end = next < 0 ? text.Length : next;
            Append(html, VisibleText.OfLines(text[from..end]));
            if (next >= 0)
            {
                html.Append(text[next]);
            }

            from = end + 1;
        }

        return html.ToString();
    }

    /// <summary>By itself: whichever way it is written, what stands around it is not.</summary>
    public static string Isolated(string text) => $"<bdi>{Of(text)}</bdi>";

    private static void Append(StringBuilder html, string text)
    {
        foreach (var sign in text)
        {
            _ = sign switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                _ => html.Append(sign),
            };
        }
    }
}

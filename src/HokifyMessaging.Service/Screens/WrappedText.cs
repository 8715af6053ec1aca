using System.Text;

namespace HokifyMessaging.Service.Screens;

/// <summary>Text in lines of some width, broken between words alone: an id or a key that a line ends in the middle of cannot be copied.</summary>
internal static class WrappedText
{
    /// <summary>The lines; a word that is wider than a line has one of its own, as long as it is.</summary>
    public static IEnumerable<string> Of(string text, int width)
    {
        if (text.Length <= width)
        {
            yield return text;
            yield break;
        }

        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }

    public static int LongestWord(string text) => text.Split(' ').Max(word => word.Length);
}

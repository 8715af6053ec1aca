using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>Something that is said of something, under a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">What is said; nothing is shown where it is null or empty.</param>
/// <param name="IsWhole">Whether it stays in one line: it is there to be copied.</param>
internal sealed record Fact(string Name, string? Value, bool IsWhole = false)
{
    private const int Gap = 2;

    /// <summary>Shows facts, one beneath the other.</summary>
    /// <param name="screen">Where.</param>
    /// <param name="facts">The facts.</param>
    /// <param name="indent">How far they begin from the left.</param>
    /// <param name="nameWidth">How wide the names are, where others are shown above or below; null for as wide as they need to be.</param>
    public static void Write(IAnsiConsole screen, IReadOnlyCollection<Fact> facts, int indent = 0, int? nameWidth = null)
    {
        var said = facts.Where(fact => !string.IsNullOrEmpty(fact.Value)).ToList();
        var names = nameWidth ?? said.Select(fact => fact.Name.Length).DefaultIfEmpty().Max();
        foreach (var fact in said)
        {
            fact.Write(screen, indent, names);
        }
    }

    private void Write(IAnsiConsole screen, int indent, int names)
    {
        var (value, at, left) = (VisibleText.Of(Value!), indent + names + Gap, new string(' ', indent));
        if ((IsWhole ? value.Length : WrappedText.LongestWord(value)) > screen.Profile.Width - at)
        {
            // Beside its name it does not fit: beneath it there is more room.
            screen.Raw(left + Name);
            (at, left) = (indent + Gap, new string(' ', indent + Gap));
        }
        else
        {
            left += Name.PadRight(names + Gap);
        }

        foreach (var line in IsWhole ? [value] : WrappedText.Of(value, Math.Max(1, screen.Profile.Width - at)))
        {
            screen.Raw(left + line);
            left = new string(' ', at);
        }
    }
}

using HokifyMessaging.Service.Commands;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>Lines of a screen that its own layout would cut wherever they are too long.</summary>
internal static class ScreenLines
{
    /// <summary>Says something, in as many lines as it takes.</summary>
    /// <param name="screen">Where.</param>
    /// <param name="text">What; what comes from outside is shown visibly.</param>
    /// <param name="indent">How far the lines begin from the left.</param>
    public static void Say(this IAnsiConsole screen, string text, int indent = 0)
    {
        foreach (var line in WrappedText.Of(VisibleText.Of(text), Math.Max(1, screen.Profile.Width - indent)))
        {
            screen.Raw(new string(' ', indent) + line);
        }
    }

    /// <summary>Says a sentence of a list: what is its beginning can be seen.</summary>
    public static void SayItem(this IAnsiConsole screen, string text)
    {
        var bullet = "- ";
        foreach (var line in WrappedText.Of(VisibleText.Of(text), Math.Max(1, screen.Profile.Width - bullet.Length)))
        {
            screen.Raw(bullet + line);
            bullet = "  ";
        }
    }

    /// <summary>A blank line.</summary>
    public static void Gap(this IAnsiConsole screen) => screen.Raw("");

    /// <summary>A line as it is, which the terminal itself may break; all of it is visible text.</summary>
    public static void Raw(this IAnsiConsole screen, string line) => Terminal.Visible(screen.Profile.Out.Writer).WriteLine(line.TrimEnd());
}

using HokifyMessaging.Service.Commands;
using Spectre.Console;

namespace HokifyMessaging.Tests.Service;

/// <summary>Screens of any width, as text.</summary>
internal static class Shown
{
    /// <summary>How wide screens are, as people have them.</summary>
    public static readonly int[] Widths = [40, 60, 80, 120, 200];

    public static string At(int width, Action<IAnsiConsole> show)
    {
        using var output = new StringWriter();
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        screen.Profile.Width = width;
        show(Terminal.Visible(screen));
        return output.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The same at several widths, one beneath the other.</summary>
    public static string AtEach(IEnumerable<int> widths, Action<IAnsiConsole> show) =>
        string.Join('\n', widths.Select(width => $"{new string('=', width)}\n{At(width, show)}"));
}

using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace HokifyMessaging.Service.Commands;

/// <summary>
/// The terminal that the verbs write to, and the only way to it: what comes from outside is shown with escapes for what would move the cursor, colour, turn around
/// or hide the rest of a line. Only tables and bars, which are ours, send a terminal anything but text.
/// </summary>
internal static class Terminal
{
    /// <summary>A line of this many characters is never broken.</summary>
    private const int Unlimited = 100_000;

    private const int Narrowest = 20;
    private const int NarrowPage = 80;
    private const int WidestPage = 100;

#pragma warning disable RS0030 // Here is where the others are sent.
    /// <summary>The output, for text of ours with lines and tabs in it.</summary>
    public static TextWriter Out => Visible(Console.Out);

    /// <summary>The error stream, likewise.</summary>
    public static TextWriter Error => Visible(Console.Error);

    /// <summary>What is piped in or typed, as bytes.</summary>
    public static Stream In() => Console.OpenStandardInput();

    /// <summary>The error stream for a bar that moves.</summary>
    public static IAnsiConsole ErrorScreen() => Wide(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }), Console.IsErrorRedirected);

    /// <summary>
    /// The output for lists and sentences, as wide as the terminal is, or as <c>COLUMNS</c> says; where it is a file or a pipe, lines are as long as they need to be.
    /// </summary>
    public static IAnsiConsole Screen() => Wide(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }), Console.IsOutputRedirected);

    /// <summary>Whether somebody sits there who is shown what is said, and can answer.</summary>
    public static bool IsInteractive => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>An answer; null where the input has ended.</summary>
    public static async Task<string?> ReadLineAsync(CancellationToken cancellationToken) => await Console.In.ReadLineAsync(cancellationToken);

    /// <summary>How wide a page of text is: as the terminal, but no wider than is good to read.</summary>
    public static int PageWidth() => Wished ?? (Console.IsOutputRedirected ? NarrowPage : Math.Clamp(AnsiConsole.Profile.Width, Narrowest, WidestPage));
#pragma warning restore RS0030

    private static IAnsiConsole Wide(IAnsiConsole screen, bool isRedirected)
    {
        screen.Profile.Width = Wished ?? (isRedirected ? Unlimited : screen.Profile.Width);
        return Visible(screen);
    }

    /// <summary>The width that the user wants, as shells and other programs have it.</summary>
    private static int? Wished => int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns >= Narrowest
        ? columns
        : null;

    /// <summary>Writes text of several lines visibly.</summary>
    public static TextWriter Visible(TextWriter output) => new VisibleWriter(output);

    /// <summary>Has a screen show the text of whatever is written to it visibly.</summary>
    public static IAnsiConsole Visible(IAnsiConsole screen)
    {
        screen.Pipeline.Attach(new VisibleTexts());
        return screen;
    }

    /// <summary>One line, whatever is in it, to the error stream.</summary>
    public static Task TellAsync(string sentence) => Error.WriteLineAsync(VisibleText.Of(sentence));

    /// <summary>A text from outside as a part of what a screen shows: visible before it is measured, and no markup.</summary>
    public static string Plain(string? text) => text is null ? "" : Markup.Escape(VisibleText.Of(text));

    /// <summary>A value as a part of a command line that can be copied.</summary>
    public static string Argument(string value) =>
        value.Length > 0 && value.All(sign => char.IsLetterOrDigit(sign) || "./\\-_:,=+@".Contains(sign, StringComparison.Ordinal)) ? value : $"\"{value}\"";

    private sealed class VisibleWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => inner.Write(VisibleText.OfLines(value.ToString()));

        public override void Write(char[] buffer, int index, int count) => inner.Write(VisibleText.OfLines(new string(buffer, index, count)));

        public override void Write(string? value) => inner.Write(value is null ? null : VisibleText.OfLines(value));

        public override void WriteLine() => inner.WriteLine();

        public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : VisibleText.OfLines(value));

        public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(value is null ? null : VisibleText.OfLines(value));

        public override void Flush() => inner.Flush();

        public override Task FlushAsync() => inner.FlushAsync();
    }

    private sealed class VisibleTexts : IRenderHook
    {
        public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(shown => new VisibleSegments(shown));
    }

    private sealed class VisibleSegments(IRenderable shown) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => shown.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => shown.Render(options, maxWidth).Select(segment =>
            segment.IsControlCode || segment.IsLineBreak || VisibleText.IsVisible(segment.Text) ? segment : new Segment(VisibleText.OfLines(segment.Text), segment.Style));
    }
}

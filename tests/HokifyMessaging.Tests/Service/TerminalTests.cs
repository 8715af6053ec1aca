using HokifyMessaging.Service.Commands;
using HokifyMessaging.Wording;
using Spectre.Console;

namespace HokifyMessaging.Tests.Service;

/// <summary>What reaches a terminal is text and our own tables.</summary>
public sealed class TerminalTests
{
    public static TheoryData<string> Kinds => [.. HostileTexts.All.Select(hostile => hostile.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_from_outside_moves_no_cursor_however_it_is_written(string kind)
    {
        var text = HostileTexts.All.Single(hostile => hostile.Kind == kind).Text;
        using var output = new StringWriter();
        using var lines = Terminal.Visible(output);
        var screen = Screen(output);

        lines.WriteLine(text);
        lines.Write(text);
        lines.Write(text.ToCharArray());
        lines.WriteLine("{0} again", text);
        screen.Write(new Table().Border(TableBorder.Ascii).AddColumns("key", "reason").AddRow(Terminal.Plain(text), Terminal.Plain(text)));
        screen.Write(new Table().Border(TableBorder.Ascii).AddColumn("raw").AddRow(new Text(text)));
        screen.WriteLine(text);
        screen.MarkupLine($"  {Terminal.Plain(text)}");

        HostileTexts.AreVisibleIn(output.ToString(), "the terminal");
        Assert.Contains(VisibleText.Of(text), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_and_colours_of_our_own_stay()
    {
        using var output = new StringWriter();
        var screen = Screen(output, AnsiSupport.Yes);

        screen.MarkupLine("[green]ok[/]: everything came out");
        screen.Write(new Table().Border(TableBorder.Ascii).AddColumns("key", "reason").AddRow("nightly", "two\nlines"));

        Assert.Contains("\u001b[", output.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"\| nightly \| two    \|\s+\|         \| lines  \|", output.ToString());
    }

    [Fact]
    public void Columns_are_as_wide_as_what_is_shown_in_them()
    {
        using var output = new StringWriter();
        var screen = Screen(output);

        screen.Write(new Table().Border(TableBorder.Ascii).AddColumns("key").AddRow(Terminal.Plain("a\u202eb")).AddRow("nightly"));

        Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Length).Distinct());
    }

    private static IAnsiConsole Screen(TextWriter output, AnsiSupport ansi = AnsiSupport.No) => Terminal.Visible(AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = ansi,
        ColorSystem = ansi == AnsiSupport.Yes ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Out = new AnsiConsoleOutput(output),
    }));
}

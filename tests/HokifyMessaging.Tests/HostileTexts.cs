using System.Text;
using HokifyMessaging.Wording;

namespace HokifyMessaging.Tests;

/// <summary>Texts that do something to whoever is shown them, of each kind some.</summary>
internal static class HostileTexts
{
    /// <summary>By what they do.</summary>
    public static readonly IReadOnlyList<(string Kind, string Text)> All =
    [
        ("a forged line of the log", "nightly\r\n2026-03-01 04:30:00Z info: Everything is fine"),
        ("a line feed", "a\nb"),
        ("a carriage return that writes over the line", "refused\rgranted"),
        ("a vertical tab and a form feed", "a\u000bb\fc"),
        ("a tab", "a\tb"),
        ("an escape sequence that clears the screen", "a\u001b[2J\u001b[Hb"),
        ("an escape sequence that colours", "\u001b[31mred\u001b[0m"),
        ("an escape sequence that sets the title", "a\u001b]0;owned\u0007b"),
        ("a control sequence introducer of one character", "a\u009b31mb"),
        ("a null", "a\0b"),
        ("backspaces", "abc\b\b\bxyz"),
        ("a delete", "a\u007fb"),
        ("a next line", "a\u0085b"),
        ("a right-to-left override", "photo_\u202egpj.exe"),
        ("a left-to-right override", "a\u202db"),
        ("embeddings that are never ended", "a\u202ab\u202bc"),
        ("isolates", "a\u2066b\u2067c\u2068d\u2069"),
        ("marks of the writing direction", "a\u200eb\u200fc\u061cd"),
        ("a line separator", "a\u2028b"),
        ("a paragraph separator", "a\u2029b"),
        ("zero widths", "pay\u200bpal\u200c\u200d\u2060"),
        ("a byte order mark in the middle", "a\ufeffb"),
        ("a soft hyphen", "a\u00adb"),
        ("an interlinear annotation", "a\ufff9b\ufffac\ufffb"),
        ("tags beyond the first plane", "a\U000E0041\U000E007Fb"),
        ("half a character", "a\ud83db"),
        ("the other half of one", "a\ude00b"),
        ("halves in the wrong order", "a\ude00\ud83d"),
    ];

    /// <summary>Those that UTF-8 can hold, as JSON, headers and the names of files need it.</summary>
    public static IEnumerable<(string Kind, string Text)> Whole => All.Where(hostile => IsWhole(hostile.Text));

    /// <summary>Fails where people would not see all of a text.</summary>
    public static void AreVisible(string shown, string where) =>
        Assert.True(VisibleText.IsVisible(shown), $"{where} has what nobody sees: {VisibleText.Of(shown)}");

    /// <summary>The same of an output of several lines.</summary>
    public static void AreVisibleIn(string lines, string where)
    {
        foreach (var line in lines.Split('\n'))
        {
            AreVisible(line.TrimEnd('\r').Replace('\t', ' '), where);
        }
    }

    private static bool IsWhole(string text)
    {
        for (var position = 0; position < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, position, out var rune))
            {
                return false;
            }

            position += rune.Utf16SequenceLength;
        }

        return true;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Wording;

namespace HokifyMessaging.Tests.Wording;

public sealed class VisibleTextTests
{
    /// <summary>Any text, with what is hidden in it more often than chance has it.</summary>
    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.String,
            Gen.OneOfConst([.. HostileTexts.All.Select(hostile => hostile.Text)]),
            Gen.OneOfConst("täglich/große 工作 😀", "'; DROP TABLE ImportRun; --", "👩🏽", "", " ", "\\u202E", "שלום", "العربية", "é"))
        .List[0, 5].Select(parts => string.Concat(parts));

    private static readonly JsonSerializerOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    [Theory]
    [InlineData("a\u202eb", "a\\u202Eb")]
    [InlineData("\u001b[31mred", "\\u001B[31mred")]
    [InlineData("a\r\nb\tc", "a\\u000D\\u000Ab\\u0009c")]
    [InlineData("a\u2028b", "a\\u2028b")]
    [InlineData("😀\U000E0041", "😀\\uDB40\\uDC41")]
    [InlineData("täglich/große 工作 😀 שלום", "täglich/große 工作 😀 שלום")]
    public void What_cannot_be_seen_stands_there_as_an_escape(string text, string visible) => Assert.Equal(visible, VisibleText.Of(text));

    [Fact]
    public void So_does_half_a_character() => Assert.Equal("a\\uD83D\\uDE00\\uD83D", VisibleText.Of("a\ud83d\\uDE00\ud83d"));

    [Theory]
    [InlineData("a\n\tb\r\nc", "a\n\tb\r\nc")]
    [InlineData("a\rb", "a\\u000Db")]
    [InlineData("a\n\u001b[2Jb", "a\n\\u001B[2Jb")]
    public void Line_breaks_and_tabs_stay_where_a_text_has_several_lines(string text, string visible) => Assert.Equal(visible, VisibleText.OfLines(text));

    [Theory]
    [InlineData("12345", 5, "12345")]
    [InlineData("123456", 5, "1234…")]
    [InlineData("1234\u202e", 5, "1234…")]
    [InlineData("123😀5", 5, "123…")]
    [InlineData("1234😀", 5, "1234…")]
    public void A_text_is_cut_between_characters_and_says_so(string text, int most, string visible) => Assert.Equal(visible, VisibleText.Of(text, most));

    [Fact]
    public void Whatever_a_text_is_nothing_of_it_stays_hidden() => Texts.Sample(
        text =>
        {
            var visible = VisibleText.Of(text);
            Assert.DoesNotContain(visible.EnumerateRunes(), rune => rune == Rune.ReplacementChar && !text.Contains('\ufffd', StringComparison.Ordinal));
            Assert.All(visible.EnumerateRunes(), IsSeen);
            Assert.Equal(visible, VisibleText.Of(visible));
            Assert.Equal(VisibleText.IsVisible(text), ReferenceEquals(text, visible));
            Assert.Equal(VisibleText.IsVisible(text), VisibleText.Problem(text) is null);
            Assert.All(VisibleText.OfLines(text).Replace("\r\n", "", StringComparison.Ordinal).EnumerateRunes().Where(rune => rune.Value is not ('\n' or '\t')), IsSeen);
            Assert.InRange(VisibleText.Of(text, 10).Length, 0, 10);
        },
        iter: Examples.Of(2_000));

    [Fact]
    public void In_JSON_the_escape_is_the_character() => Texts.Sample(
        text =>
        {
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            var json = JsonSerializer.Serialize(new { text }, Indented);

            Assert.Equal(text, JsonDocument.Parse(VisibleText.OfLines(json)).RootElement.GetProperty("text").GetString());
        },
        iter: Examples.Of(500));

    private static void IsSeen(Rune rune) => Assert.False(
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate,
        $"U+{rune.Value:X4}");
}

using System.Globalization;
using System.Xml;
using HokifyMessaging.Results;

namespace HokifyMessaging.Tests.Results;

public sealed class CellTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Köchin für Österreich, ß & <b> \"寿司\"")]
    [InlineData("=1+1")]
    [InlineData("0660 1234567")]
    [InlineData("  außen  ")]
    [InlineData("eins\nzwei\tdrei")]
    public void What_a_cell_can_hold_stays_as_it_is(string text) => Assert.Same(text, CellText.Of(text));

    [Theory]
    [InlineData("a\0b\u0008c\u001Fd", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("\uFFFE\uFFFF", "\uFFFD\uFFFD")]
    [InlineData("eins\r\nzwei\rdrei", "eins\nzwei\ndrei")]
    [InlineData("_x00_ x_0041_ _y0041_ __ 👩‍🍳", "_x00_ x_0041_ _y0041_ __ 👩‍🍳")]
    [InlineData("_x0041_", "_x005F_x0041_")]
    [InlineData("a_x000d__x000D_b", "a_x005F_x000d__x005F_x000D_b")]
    [InlineData("_x0041_x0042_", "_x005F_x0041_x005F_x0042_")]
    public void What_XML_or_a_spreadsheet_program_would_change_is_written_so_that_it_is_seen(string text, string cell)
    {
        Assert.Equal(cell, CellText.Of(text));
        XmlConvert.VerifyXmlChars(CellText.Of(text));
    }

    [Fact]
    public void Half_a_sign_of_two_characters_is_replaced_and_a_whole_one_stays() =>
        Assert.Equal("\uFFFD😀\uFFFD!", CellText.Of(string.Concat('\uDE00', "😀", '\uD83D', '!')));

    [Theory]
    [InlineData(32_767, 0)]
    [InlineData(32_768, 1)]
    [InlineData(40_000, 1)]
    public void A_text_that_is_too_long_for_a_cell_is_cut_and_says_so(int length, int cuts)
    {
        var text = new string('x', length);

        var cell = CellText.Of(text);

        Assert.Equal(CellText.MaxLength, cell.Length);
        var mark = string.Create(CultureInfo.InvariantCulture, $"… (cut: this text has {length} characters, and a cell holds 32767)");
        Assert.Equal(cuts == 1 ? $"{text[..(32_767 - mark.Length)]}{mark}" : text, cell);
    }

    [Fact]
    public void No_sign_of_two_characters_is_cut_in_half()
    {
        foreach (var before in new[] { "", "x" })
        {
            var cell = CellText.Of(before + string.Concat(Enumerable.Repeat("😀", 20_000)));

            Assert.DoesNotContain('\uFFFD', cell);
            Assert.InRange(cell.Length, CellText.MaxLength - 1, CellText.MaxLength);
            XmlConvert.VerifyXmlChars(cell);
        }
    }
}

using System.Text;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>Bytes that do not belong to the encoding of their file.</summary>
public sealed class OddBytesTests
{
    private static readonly Encoding Windows1252 = TextEncodings.Find("windows-1252")!;

    public static TheoryData<byte[]> OddTexts => new()
    {
        { Windows1252.GetBytes("J\u00f6rg") },
        { Windows1252.GetBytes("Gr\u00f6\u00dfe") },
        { Windows1252.GetBytes("\u20ac 12") },
        { [.. Encoding.UTF8.GetBytes("Jürgen "), 0xC3] },
        { [0xFF, (byte)'x'] },
    };

    [Theory]
    [MemberData(nameof(OddTexts))]
    public async Task A_byte_that_is_no_UTF_8_spoils_its_row_at_most_and_is_reported(byte[] odd)
    {
        byte[] text = [.. "matchId;name\nm1;Müller\nm2;"u8, .. odd, .. "\nm3;Größe\n"u8];

        var csv = await Csv.ReadAsync(text);

        Assert.Equal(["m1", "m2", "m3"], csv.Ids);
        Assert.Equal(["Müller", "Größe"], csv.Understood.Where(application => application.Id.Value != "m2").Select(application => application.Person.DisplayName));
        Assert.Equal("file.csv holds bytes that are no utf-8 in line 3; they were read as windows-1252, expected is a file in one encoding.", csv.Oddity);
        Assert.Null(csv.Flaw);
    }

    [Fact]
    public async Task Letters_in_another_encoding_are_read_where_they_stand()
    {
        byte[] text = [.. "matchId;name\nm1;Müller\nm2;"u8, .. Windows1252.GetBytes("J\u00f6rg Gr\u00f6\u00dfe"), .. "\nm3;x\n"u8];

        var csv = await Csv.ReadAsync(text);

        Assert.Equal("Jörg Größe", csv.Understood.ElementAt(1).Person.DisplayName);
    }

    [Fact]
    public async Task Many_odd_rows_among_many_are_all_counted_and_the_first_are_named()
    {
        var rows = Enumerable.Range(0, 20_000).Select(row => (Row: row, IsOdd: row % 1_000 == 7)).ToList();
        byte[] text = [.. "matchId;name\n"u8, .. rows.SelectMany(row => row.IsOdd ? Windows1252.GetBytes($"m{row.Row};J\u00f6rg\n") : Encoding.UTF8.GetBytes($"m{row.Row};Jörg\n"))];

        var csv = await Csv.ReadAsync(text);

        Assert.All(csv.Understood, application => Assert.Equal("Jörg", application.Person.DisplayName));
        Assert.Contains("in line 9, 1009, 2009, 3009, 4009, 5009, 6009, 7009, 8009, 9009 and 10 more;", csv.Oddity, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Spaß…")]
    [InlineData("ß“")]
    [InlineData("Ä…")]
    public async Task A_file_in_Windows_1252_may_hold_letters_that_happen_to_be_UTF_8(string name)
    {
        var rows = string.Concat(Enumerable.Range(0, 30).Select(row => $"m{row};Größe\n"));

        var csv = await Csv.ReadAsync(Windows1252.GetBytes($"matchId;name\n{rows}last;{name}\n"));

        Assert.Equal(name, csv.Understood.Last().Person.DisplayName);
        Assert.Null(csv.Oddity);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UTF_16_is_known_with_and_without_its_mark(bool hasMark)
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] text = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes("matchId;name\nm1;Jörg Größe\n")];

            Assert.Equal("Jörg Größe", Assert.Single((await Csv.ReadAsync(text)).Understood).Person.DisplayName);
        }
    }

    [Theory]
    [InlineData("iso-8859-15", "€uro Škoda")]
    [InlineData("ibm850", "Jörg Größe")]
    [InlineData("macintosh", "Jörg Größe")]
    [InlineData("shift_jis", "山田 太郎")]
    [InlineData("windows-1250", "Dvořák Łukasz")]
    public async Task An_encoding_that_is_named_is_used(string encoding, string name)
    {
        var given = TextEncodings.Find(encoding)!;

        var csv = await Csv.ReadAsync(given.GetBytes($"matchId;name\nm1;{name}\n"), encoding: given);

        Assert.Equal(name, Assert.Single(csv.Understood).Person.DisplayName);
        Assert.Null(csv.Oddity);
    }

    [Fact]
    public async Task A_byte_order_mark_outranks_the_encoding_that_is_named()
    {
        var csv = await Csv.ReadAsync([.. Encoding.UTF8.Preamble, .. "matchId;name\nm1;Jörg\n"u8], encoding: Windows1252);

        Assert.Equal("Jörg", Assert.Single(csv.Understood).Person.DisplayName);
    }

    [Fact]
    public async Task Bytes_that_the_named_encoding_does_not_have_are_replaced_and_reported()
    {
        byte[] half = [0, 0xD8];
        byte[] text = [.. Encoding.Unicode.GetBytes("matchId;name\nm1;x"), .. half, .. Encoding.Unicode.GetBytes("y\nm2;z\n")];

        var csv = await Csv.ReadAsync(text, encoding: Encoding.Unicode);

        Assert.Equal(["m1", "m2"], csv.Ids);
        Assert.Contains("in line 2; they were replaced", csv.Oddity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_holds_an_odd_byte_is_no_id()
    {
        byte[] text = [.. "matchId;name\nm1;Jörg\nm"u8, 0xFC, .. "2;x\nm3;y\n"u8];

        var csv = await Csv.ReadAsync(text);

        Assert.Equal(["m1", "m3"], csv.Ids);
        Assert.Equal("file.csv line 3: matchId holds bytes that are no utf-8; expected are letters and digits.", Assert.Single(csv.Rejections));
    }
}

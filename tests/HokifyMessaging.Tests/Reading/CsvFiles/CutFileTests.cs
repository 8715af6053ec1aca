using System.Globalization;
using System.Text;
using CsCheck;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>A text that ends early.</summary>
public sealed class CutFileTests
{
    [Theory]
    [InlineData("m2;Ben", "line 3 ends after 2 of 3 fields, with no line break behind it")]
    [InlineData("m2", "line 3 ends after 1 of 3 fields, with no line break behind it")]
    [InlineData("m2;Ben;", "line 3 has no line break behind it, and it is fresh")]
    [InlineData("m2;Ben;geheim", "line 3 has no line break behind it, and it is fresh")]
    [InlineData("m2;\"Ben;geheim\n", "line 3 has a quotation mark that is never closed")]
    [InlineData("m2;Ben;\"geheim\nm3;x;y\nm4;x;y\n", "line 3 has a quotation mark that is never closed")]
    [InlineData("m2;Ben;\"geheim\"\"", "line 3 has a quotation mark that is never closed")]
    [InlineData(";;", "line 3 has no line break behind it, and it is fresh")]
    public async Task A_row_that_was_cut_is_reported_and_not_read(string cut, string problem)
    {
        var csv = await Csv.ReadAsync("matchId;name;phone\nm1;Anna;1\n" + cut, Csv.Fresh);

        Assert.Equal(["m1"], csv.Ids);
        Assert.StartsWith($"file.csv is not whole: {problem}", csv.Flaw, StringComparison.Ordinal);
        var rejection = Assert.Single(csv.Rejections);
        Assert.StartsWith("file.csv line 3: row is cut: it ", rejection, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", rejection + csv.Flaw, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ö")]
    [InlineData("€")]
    [InlineData("👩")]
    public async Task A_file_that_ends_in_the_middle_of_a_letter_keeps_the_letters_before_it(string letter)
    {
        var whole = Encoding.UTF8.GetBytes("matchId;name\nm1;Jörg\nm2;" + letter);
        for (var missing = 1; missing < Encoding.UTF8.GetByteCount(letter); missing++)
        {
            var csv = await Csv.ReadAsync(whole[..^missing], KnownEnd.Likely);

            Assert.Equal("Jörg", Assert.Single(csv.Understood).Person.DisplayName);
            Assert.Equal("file.csv is not whole: line 3 ends in the middle of a letter; expected is a copy that is complete.", csv.Flaw);
            Assert.Null(csv.Oddity);
        }
    }

    [Fact]
    public async Task UTF_16_that_ends_in_the_middle_of_a_letter_is_not_whole() =>
        Assert.Contains("in the middle of a letter", (await Csv.ReadAsync(Encoding.Unicode.GetBytes("matchId;name\nm1;Jörg\nm2;x")[..^1], KnownEnd.Likely)).Flaw, StringComparison.Ordinal);

    [Theory]
    [InlineData("matchId;name\nm1;Anna\nm2;Ben")]
    [InlineData("matchId;name\nm1;\nm2;Ben")]
    [InlineData("matchId;name\nm2;Ben")]
    [InlineData("matchId;name\nm2;\"Ben\"")]
    [InlineData("matchId;name\nm2;Ben\n  ")]
    [InlineData("matchId;name\r\nm2;Ben\r")]
    public async Task A_file_that_has_come_to_rest_needs_no_line_break_at_its_end(string text)
    {
        var csv = await Csv.ReadAsync(text, KnownEnd.Likely);

        Assert.Equal("m2", csv.Ids.Last());
        Assert.Null(csv.Flaw);
        Assert.Empty(csv.Rejections);
    }

    [Theory]
    [InlineData("phone", "\"1\"", "\"2\"")]
    [InlineData("email", "a@one.example;b@two.example", "c@three.example")]
    [InlineData("fileCV", "https://x/aa.pdf;https://x/b.pdf", "https://x/ccc.pdf")]
    [InlineData("birthday", "01.02.1990;03.04.1991;05.06.1992", "07.08.1993")]
    [InlineData("gender", "male;female;male;female", "male")]
    [InlineData("frei", ";;", "")]
    public async Task A_last_field_that_ends_as_all_others_do_is_whole_in_a_fresh_file_too(string column, string others, string last)
    {
        var rows = others.Split(';').Select((other, index) => $"m{index};{other}\n");

        var csv = await Csv.ReadAsync($"matchId;{column}\n{string.Concat(rows)}last;{last}", Csv.Fresh);

        Assert.Null(csv.Flaw);
        Assert.Equal("last", csv.Ids.Last());
    }

    [Theory]
    [InlineData("email", "a@one.example;b@two.example", "c@three.exa")]
    [InlineData("email", "a@one.example;b@two.example", "c@three")]
    [InlineData("fileCV", "https://x/aa.pdf;https://x/b.pdf", "https://x/ccc")]
    [InlineData("birthday", "01.02.1990;03.04.1991;05.06.1992", "07.08.19")]
    [InlineData("gender", "male;female;male;female", "fem")]
    [InlineData("phone", "1;2;3;44;5;6;7;8;9;10", "")]
    public async Task A_last_field_that_is_the_beginning_of_what_the_others_are_was_cut_however_old_the_file_is(string column, string others, string last)
    {
        var rows = others.Split(';').Select((other, index) => $"m{index};{other}\n");

        var csv = await Csv.ReadAsync($"matchId;{column}\n{string.Concat(rows)}last;{last}", KnownEnd.Likely);

        Assert.DoesNotContain("last", csv.Ids);
        Assert.Contains("its last field looks like the beginning of one", csv.Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_was_cut_is_no_file_without_applications() =>
        Assert.StartsWith("file.csv may not be whole: it ends with its header line", (await Csv.ReadAsync("matchId;na", Csv.Fresh)).Flaw, StringComparison.Ordinal);

    /// <summary>The last column says nothing about itself: its values differ in length and have no ending in common.</summary>
    [Fact]
    public Task Wherever_a_file_is_cut_no_row_is_read_otherwise_than_it_was_and_the_cut_is_noticed()
    {
        var cell = Gen.String[Gen.Char["ab ;,\"\r\n'äß€"], 0, 6];
        var last = Gen.String[Gen.Char["abcäö;"], 0, 1];
        return Gen.Select(Gen.OneOfConst("\n", "\r\n"), Gen.Select(cell, last).Array[1, 4]).SampleAsync(async (lineBreak, cells) =>
        {
            var (text, ends) = (new StringBuilder("matchId;name;phone" + lineBreak), new HashSet<int>());
            ends.Add(Bytes(text));
            ends.Add(Bytes(text) - lineBreak.Length + 1);
            foreach (var (index, (name, phone)) in cells.Index())
            {
                text.Append(CultureInfo.InvariantCulture, $"m{index};{Quoted(name)};{Quoted($"{index}{new string('x', index * 2)}{phone}")}");
                ends.Add(Bytes(text));
                text.Append(lineBreak);
                ends.Add(Bytes(text));
                ends.Add(Bytes(text) - lineBreak.Length + 1);
            }

            var whole = Encoding.UTF8.GetBytes(text.ToString());
            var read = await Csv.ReadAsync(whole, Csv.Fresh);
            var rows = read.Understood.Select(application => application.Payload).ToHashSet();
            Assert.Equal((cells.Length, null), (rows.Count, read.Flaw));
            for (var length = 1; length < whole.Length; length++)
            {
                try
                {
                    var cut = await Csv.ReadAsync(whole[..length], Csv.Fresh);
                    Assert.All(cut.Understood, application => Assert.Contains(application.Payload, rows));
                    Assert.True(cut.Flaw is not null || ends.Contains(length), $"{length} bytes of '{text}' pass for whole");
                }
                catch (SourceException)
                {
                    // Without a usable header nothing is read.
                    Assert.True(length < ends.Min());
                }
            }
        }, iter: Examples.Of(50));

        static int Bytes(StringBuilder text) => Encoding.UTF8.GetByteCount(text.ToString());

        static string Quoted(string value) => value.AsSpan().ContainsAny("\";\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }

    [Fact]
    public async Task A_stray_quotation_mark_that_swallows_the_rest_leaves_the_rows_before_it()
    {
        var csv = await Csv.ReadAsync("matchId;name\nm1;x\nm2;\"geheim\nm3;y\nm4;z\n");

        Assert.Equal(["m1"], csv.Ids);
        Assert.Equal("file.csv is not whole: line 3 has a quotation mark that is never closed, so that nothing behind it can be read; expected is a closing one.", csv.Flaw);
    }
}

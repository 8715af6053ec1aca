using System.Globalization;
using System.Text;
using CsCheck;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>Fields that would fill the memory, and that the rows around them are still the rows that the parser sees.</summary>
public sealed class LongFieldTests
{
    private const int Megabytes = 3_000_000;

    public static TheoryData<string, string> LongFields => new()
    {
        { new string('x', Megabytes), "name" },
        { $"\"{new string('x', Megabytes)}\"", "name" },
        { $"\"{string.Concat(Enumerable.Repeat("zwei\n\"\"Zeilen\"\"\r\n", 200_000))}\"", "name" },
        { $"\"{new string('"', Megabytes)}\"", "name" },
        { $"\"{new string('x', 999_990)}\"\"{new string('x', 999_990)}\"", "name" },
    };

    [Theory]
    [MemberData(nameof(LongFields))]
    public async Task A_field_of_megabytes_costs_its_row_and_is_named(string field, string name)
    {
        var csv = await Csv.ReadAsync($"matchId;name;phone\nm1;Anna;1\nm2;{field};2\nm3;\"Clara \"\"C\"\"\";3\n");

        Assert.Equal(["m1", "m3"], csv.Ids);
        Assert.StartsWith($"file.csv line 3, application m2: {name} has more than 1,000,000 characters; expected are fewer", Assert.Single(csv.Rejections), StringComparison.Ordinal);
        Assert.Null(csv.Flaw);
        Assert.Equal("Clara \"C\"", csv.Understood.Last().Person.DisplayName);
    }

    [Theory]
    [InlineData("m2;Ben;{0}")]
    [InlineData("{0};Ben;2")]
    [InlineData("m2;{0};2;zu viel")]
    [InlineData("m2;{0}")]
    public async Task It_may_be_any_field_of_any_row(string row)
    {
        var csv = await Csv.ReadAsync($"matchId;name;phone\nm1;Anna;1\n{string.Format(CultureInfo.InvariantCulture, row, new string('x', Megabytes))}\nm3;Clara;3\n");

        Assert.Equal(["m1", "m3"], csv.Ids);
        Assert.StartsWith("file.csv line 3", Assert.Single(csv.Rejections), StringComparison.Ordinal);
        Assert.Contains("more than 1,000,000 characters", Assert.Single(csv.Rejections), StringComparison.Ordinal);
        Assert.Null(csv.Flaw);
    }

    [Fact]
    public async Task A_row_of_nothing_but_separators_is_refused_with_their_number()
    {
        var csv = await Csv.ReadAsync($"matchId;name\n{new string(';', Megabytes)}x\nm3;Clara\n");

        Assert.Equal(["m3"], csv.Ids);
        Assert.Equal("file.csv line 2: row has 3000001 fields; the header has 2.", Assert.Single(csv.Rejections));
    }

    [Fact]
    public async Task A_quotation_mark_that_is_never_closed_is_still_called_that()
    {
        var csv = await Csv.ReadAsync($"matchId;name\nm1;Anna\nm2;\"{new string('x', Megabytes)}\nm3;y\n");

        Assert.Equal(["m1"], csv.Ids);
        Assert.Contains("line 3 has a quotation mark that is never closed", csv.Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public Task Rows_and_fields_are_those_that_the_parser_sees_whatever_the_quotation_marks()
    {
        var text = Gen.String[Gen.Char["ab;\"\r\n"], 0, 40];
        return text.SampleAsync(async rest =>
        {
            using var plain = new StringReader(rest);
            using var parser = new CsvParser(plain, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = ";", BadDataFound = null });
            var seen = new List<int>();
            while (await parser.ReadAsync())
            {
                seen.Add(parser.Count);
            }

            var decoded = await DecodedText.OpenAsync(new MemoryStream(Encoding.UTF8.GetBytes(rest)), null, TestContext.Current.CancellationToken);
            using var rows = new RowText(decoded, ';', 0, new RowLimits("file.csv", new ReadingOptions()), TestContext.Current.CancellationToken);
            using var copy = new CsvParser(rows, new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = ";", BadDataFound = null });
            var told = new List<TextRow>();
            while (await copy.ReadAsync())
            {
                told.Add(rows.Next());
            }

            Assert.Equal(seen, told.Select(row => row.Fields));
            Assert.All(told.SkipLast(1), row => Assert.True(row.HasEnd && !row.IsOpen));
            Assert.Equal(told.Select(row => row.Line).Order(), told.Select(row => row.Line));
        }, iter: Examples.Of(1_000));
    }
}

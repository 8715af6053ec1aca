using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Applications;
using HokifyMessaging.Results;
using static HokifyMessaging.Tests.Results.CsvSetup;

namespace HokifyMessaging.Tests.Results;

/// <summary>The same rows in the form that spreadsheet programs open.</summary>
public sealed class RunCsvForSpreadsheetsTests
{
    [Theory]
    [InlineData(null, ';')]
    [InlineData("Comma", ',')]
    public async Task For_spreadsheets_the_same_cells_begin_with_a_byte_order_mark_and_no_line_with_the_separator(string? separator, char expected)
    {
        await using var setup = await StartAsync(separator is null ? [] : [("Hokify:Csv:ExcelSeparator", separator)]);
        var run = await setup.AddRunOfAsync(new ProfileColumns { Name = "Köchin; \"Chefin\", ß", Comment = "eins\nzwei", CoverLetter = "=1+1" });

        var bytes = await setup.BytesAsync(run, RunFileFormat.CsvForSpreadsheets);
        using var csv = new CsvReader(
            new StringReader(Encoding.UTF8.GetString(bytes.AsSpan(3))), new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = $"{expected}", DetectColumnCountChanges = true });
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add(csv.Parser.Record!);
        }

        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var seed = await setup.CsvAsync(run);
        Assert.Equal(seed.Header, rows[0]);
        Assert.Equal(seed.Rows.Select(row => row.Values), rows.Skip(1));
    }
}

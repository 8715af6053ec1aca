using System.Globalization;
using CsvHelper;
using HokifyMessaging.Applications;
using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;

namespace HokifyMessaging.IntegrationTests.Spreadsheets;

/// <summary>The files for people in the spreadsheet program that they may open them with.</summary>
public sealed class WorkbookInLibreOfficeTests
{
    /// <summary>Commas, texts in quotes, UTF-8, each cell as it is shown.</summary>
    private const string AsShown = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";

    private static readonly DateTimeOffset Summer = new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_thousand_applications_are_converted_back_with_every_cell_right()
    {
        var rows = Enumerable.Range(1, 20_000).Select(i => new RunSheetRow(
            Id(i), $"Änne Größ {i}", i % 3 == 0 ? null : $"Köchin für Österreich ({i % 500}), ß", $"person{i}@example.at", $"0660 {i:D7}", i % 7 == 0 ? null : Summer.AddSeconds(-i),
            "Updated", "Changed: job, cover letter.", Summer.AddMinutes(i), i % 5 == 0 ? Summer.AddDays(i % 300) : null)).ToList();

        await RequireSameAsync(rows);
    }

    [Fact]
    public async Task Whatever_a_text_begins_with_or_has_in_it_the_cell_shows_it_and_runs_nothing()
    {
        string[] texts =
        [
            "=1+1", "=HYPERLINK(\"http://evil.example\",\"hier\")", "+436601234567", "-1+1", "@SUM(1;2)", "\t=1+1", "00043", "5E10", "1.2.2026", "TRUE", "'schon", "  außen  ",
            "eins\nzwei \"drei\", vier;", "👩‍🍳 寿司 ẞ", "<b>&amp;]]>", "_x0041_", "_x005F_", "a\0b\u001Fc", "a\uD83Db", new string('x', 40_000),
        ];

        await RequireSameAsync([.. texts.Select((text, i) => new RunSheetRow(Id(i), text, text, null, text, null, "Created", text, Summer))]);
    }

    [Theory]
    [InlineData(59)]
    [InlineData(44)]
    public async Task The_CSV_for_spreadsheets_shows_umlauts_and_splits_columns(int code)
    {
        var folder = Directory.CreateTempSubdirectory("hokify-spreadsheet-");
        try
        {
            var libreOffice = ForeignPlatforms.RequireSpreadsheet(folder);
            var csv = Path.Combine(folder.FullName, "run.csv");
            await using (var stream = File.Create(csv))
            await using (var writer = new RunCsvWriter(stream, TimeZoneInfo.Utc, PeopleValues.Shown, code == 59 ? CsvSeparator.Semicolon : CsvSeparator.Comma))
            {
                await writer.WriteHeaderAsync();
                var columns = new ProfileColumns { Name = "Köchin; Grüße, ß", Comment = "eins\nzwei", CoverLetter = "=1+1" };
                await writer.WriteRowAsync(new RunCsvRow.Profile(1, "Gasthaus", new ShownProfile(17, 1, "a1", 5, null, false, null, columns), []));
            }

            var (exitCode, _, errors) = await ForeignProgram.RunAsync(
                libreOffice, string.Create(CultureInfo.InvariantCulture, $"--infilter=CSV:{code},34,76"), "--convert-to", "xlsx", "--outdir", folder.FullName, csv);
            Assert.True(exitCode == 0, errors);
            var shown = Sheet.Read(Path.ChangeExtension(csv, "xlsx"));

            Assert.Equal(RunCsvColumn.All.Select(column => column.Name), shown[0].Values.Select(cell => cell.Text));
            var row = shown[1].ToDictionary(cell => shown[0][cell.Key].Text!, cell => cell.Value);
            Assert.Equal(("Köchin; Grüße, ß", "eins\nzwei", "'=1+1", 17), (row["Name"].Text, row["Comment"].Text, row["CoverLetter"].Text, row["Id"].Number));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RequireSameAsync(List<RunSheetRow> rows)
    {
        var folder = Directory.CreateTempSubdirectory("hokify-spreadsheet-");
        try
        {
            var libreOffice = ForeignPlatforms.RequireSpreadsheet(folder);
            var file = Path.Combine(folder.FullName, "run.xlsx");
            await using (var stream = File.Create(file))
            await using (var workbook = await RunWorkbook.BeginAsync(stream, TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna"), PeopleValues.Shown, RunWorkbook.MostRows, Cancel))
            {
                foreach (var row in rows)
                {
                    await workbook.AddAsync(row, Cancel);
                }

                await workbook.EndAsync(["A sentence."], Cancel);
            }

            var (exitCode, _, errors) = await ForeignProgram.RunAsync(libreOffice, "--convert-to", AsShown, "--outdir", folder.FullName, file);
            Assert.True(exitCode == 0, errors);

            var shown = Read(Path.ChangeExtension(file, "csv"));
            Assert.Equal(["Name", "Job", "Mail", "Phone", "Applied", "What happened", "Why", "When", "Next try", "Application"], shown[0]);
            Assert.Equal(rows.Count + 1, shown.Count);
            Assert.All(rows.Zip(shown.Skip(1)), pair => Assert.Equal(Cells(pair.First), pair.Second));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Cells(RunSheetRow row) =>
    [
        Text(row.Name), Text(row.Job), Text(row.Mail), Text(row.Phone), Instant(row.AppliedAt), row.What, Text(row.Why), Instant(row.When), Instant(row.NextTry), row.Application,
    ];

    /// <summary>What a cell shows is what was written, without what it takes to write it.</summary>
    private static string Text(string? text) => CellText.Of(text ?? "").Replace("_x005F_", "_", StringComparison.Ordinal);

    private static string Instant(DateTimeOffset? instant) =>
        instant is { } at ? at.ToOffset(TimeSpan.FromHours(TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna").GetUtcOffset(at).TotalHours)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "";

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:d24}");

    private static List<string[]> Read(string file)
    {
        using var csv = new CsvReader(new StreamReader(file), CultureInfo.InvariantCulture);
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add(csv.Parser.Record!);
        }

        return rows;
    }
}

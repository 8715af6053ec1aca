using System.Globalization;
using CsvHelper;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Storage;

namespace HokifyMessaging.IntegrationTests.Spreadsheets;

/// <summary>The CSV of a run in the spreadsheet program that recruiters may open it with.</summary>
public sealed class SpreadsheetTests
{
    /// <summary>What an import dialog asks: separated by commas, texts in quotes, UTF-8, from the first line on.</summary>
    private const string CommasQuotesUtf8 = "CSV:44,34,76,1";

    private static readonly DateTimeOffset Summer = new(2026, 7, 15, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LibreOffice_shows_each_cell_as_it_was_written_and_runs_none_of_them()
    {
        var folder = Directory.CreateTempSubdirectory("hokify-spreadsheet-");
        try
        {
            var libreOffice = ForeignPlatforms.RequireSpreadsheet(folder);
            var csv = Path.Combine(folder.FullName, "run.csv");
            await WriteAsync(csv);

            // It does run what is not escaped.
            var bare = Path.Combine(folder.FullName, "bare.csv");
            await File.WriteAllTextAsync(bare, "bare,=1+1\n", Cancel);
            var (exitCode, _, errors) = await ForeignProgram.RunAsync(
                libreOffice, $"--infilter={CommasQuotesUtf8}", "--convert-to", "xlsx", "--outdir", folder.FullName, csv, bare);
            Assert.True(exitCode == 0, errors);

            Assert.Equal(new Cell(null, 2, "1+1"), Sheet.Read(Path.ChangeExtension(bare, "xlsx"))[0]["B"]);
            RequireSame(Written(csv), Sheet.Read(Path.ChangeExtension(csv, "xlsx")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RequireSame(List<Dictionary<string, string>> written, IReadOnlyList<IReadOnlyDictionary<string, Cell>> shown)
    {
        var columns = shown[1].ToDictionary(cell => cell.Key, cell => cell.Value.Text!);
        Assert.Equal(RunCsvColumn.All.Select(column => column.Name), columns.Values);
        Assert.Equal(written.Count, shown.Count - 2);
        foreach (var (row, cells) in written.Zip(shown.Skip(2)))
        {
            Assert.All(cells.Values, cell => Assert.Null(cell.Formula));
            Assert.Equal(
                row.Where(cell => cell.Value != ""),
                cells.Select(cell => KeyValuePair.Create(columns[cell.Key], Shown(row[columns[cell.Key]], cell.Value))));
        }

        var (profile, log, result) = (Named(0), Named(1), Named(2));
        Assert.Equal((17, 1, -3), (profile["Id"].Number, profile["RowNumber"].Number, profile["Sort"].Number));
        Assert.Equal("Köchin für Österreich, ß & 👩‍🍳", profile["Name"].Text);
        Assert.Equal("'=HYPERLINK(\"http://evil.example\",\"hier\")", profile["CoverLetter"].Text);
        Assert.Equal("eins\nzwei \"drei\"", profile["Comment"].Text);
        Assert.Equal(("True", "15.07.2026 14:00:00 +02:00"), (profile["Consent"].Text, profile["DatePublish"].Text));
        Assert.Equal((-2146233033, 60), (log["ResultCode"].Number, log["RetryInterval"].Number));
        Assert.Equal("'@SUM(1;2)", log["ElementDisplayName"].Text);
        Assert.Equal((4, """{"CandidateProfile":4}"""), (result["OkCount"].Number, result["CreatedCounts"].Text));

        Dictionary<string, Cell> Named(int row) => shown[row + 2].ToDictionary(cell => columns[cell.Key], cell => cell.Value);
    }

    /// <summary>A cell as it would be written: a spreadsheet program counts the days of a date that it knows as one.</summary>
    private static string Shown(string written, Cell cell)
    {
        const string Date = "yyyy-MM-dd HH:mm:ss";
        if (cell.Number is not { } number)
        {
            return cell.Text!;
        }

        return DateTime.TryParseExact(written, Date, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? DateTime.FromOADate(number).ToString(Date, CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);
    }

    private static List<Dictionary<string, string>> Written(string file)
    {
        using var text = new StreamReader(file);
        Assert.Equal("\"sep=,\"", text.ReadLine());
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        Assert.True(csv.Read() && csv.ReadHeader());
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!));
        }

        return rows;
    }

    private static async Task WriteAsync(string file)
    {
        await using var stream = File.Create(file);
        await using var csv = new RunCsvWriter(stream, TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna"), PeopleValues.Shown);
        await csv.WriteHeaderAsync();
        await csv.WriteRowAsync(new RunCsvRow.Profile(1, "Gasthaus zur Köchin", Profile(), [Log()]));
        await csv.WriteRowAsync(new RunCsvRow.Log(2, "Gasthaus zur Köchin", Log()));
        await csv.WriteRowAsync(new RunCsvRow.Result(
            new ExportImportResult { CreatedCounts = new Dictionary<string, int> { ["CandidateProfile"] = 4 }, OkCount = 4 },
            ["Ein Satz, mit Komma."],
            []));
    }

    private static ShownProfile Profile() => new(17, 1, "636b5e00a1b2c3d4e5f60001", 5, Summer, false, "[]", new ProfileColumns
    {
        Name = "Köchin für Österreich, ß & 👩‍🍳",
        CoverLetter = "=HYPERLINK(\"http://evil.example\",\"hier\")",
        Comment = "eins\nzwei \"drei\"",
        PreferredSallery = "+2.400 EUR",
        PreferredText = "-1+1",
        CurrentExpectations = "\t=1+1",
        CurrentEarliestEntryDate = new DateTime(2026, 2, 14, 15, 2, 42),
        CurrentEmployer = "=cmd|' /C calc'!A0",
        Consent = true,
        Sort = -3,
        DatePublish = Summer,
        CandidateName = "'Änne",
    });

    private static ActivityLog Log() => new()
    {
        Id = 40,
        ScopeId = 1,
        Name = ActivityName.Rejected,
        Status = ActivityStatus.Open,
        ReferenceId = "636b5e00a1b2c3d4e5f60001",
        ElementName = ElementNames.CandidateProfile,
        ElementDisplayName = "@SUM(1;2)",
        Command = ActivityLog.Import,
        Date = Summer,
        Data = """{"name":"=1+1"}""",
        ResultCode = -2146233033,
        ResultData = "applications.csv line 42: birthday is not a date.",
        RetryInterval = 60,
    };
}

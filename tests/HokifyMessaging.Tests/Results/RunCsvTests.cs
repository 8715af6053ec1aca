using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Storage;
using static HokifyMessaging.Tests.Results.CsvSetup;

namespace HokifyMessaging.Tests.Results;

/// <summary>The form of the file: the seed's.</summary>
public sealed class RunCsvTests
{
    private static readonly byte[] Seed = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "seed-result.csv"));

    [Fact]
    public async Task The_line_with_the_separator_and_the_header_are_the_seeds_byte_for_byte_whatever_the_rows()
    {
        await using var setup = await StartAsync();
        var (empty, full) = (Guid.NewGuid(), await setup.AddRunOfAsync(new ProfileColumns { Name = "Köchin" }));
        await setup.AddAsync(Run(empty));
        var seed = Seed.AsSpan(0, Seed.AsSpan().IndexOf("\n1,"u8) + 1).ToArray();

        Assert.Equal(71, Encoding.UTF8.GetString(seed).Split('\n')[1].Split(',').Length);
        Assert.Equal(seed, (await setup.BytesAsync(empty))[..seed.Length]);
        Assert.Equal(seed, (await setup.BytesAsync(full))[..seed.Length]);
    }

    [Fact]
    public async Task The_seeds_sample_is_written_again_cell_by_cell_with_JSON_for_the_names_of_types()
    {
        await using var setup = await StartAsync(
            ("Hokify:Scopes:2:Name", "Zwei"), ("Hokify:Scopes:2:Source", "CsvFiles"), ("Hokify:Scopes:2:CsvFiles:Path", "exports"));
        var seed = CsvFile.Read(Seed);
        var run = Guid.NewGuid();
        var counts = new Dictionary<string, int> { ["sample string 1"] = 2 };
        await setup.AddAsync(
            Scope(),
            Run(run, new ExportImportResult
            {
                CreatedCounts = counts,
                UpdatedCounts = counts,
                DeletedCounts = counts,
                UnchangedCounts = counts,
                Exceptions = new Dictionary<string, IReadOnlyList<ImportException>> { ["sample string 1"] = [new ImportException { HResult = -3 }] },
                DownloadUrl = "sample string 1",
                OkCount = 2,
                ErrorCount = 3,
                StatsCounter = counts,
            }),
            Person(),
            SeedsProfile(seed.Rows[0]),
            Touch(run, 2, 1),
            SeedsLog(seed.Rows[1], run));

        var file = await setup.CsvAsync(run);

        Assert.Equal(4, file.Rows.Count);
        Assert.Equal(
            Expected(
                seed.Rows[0],
                ("Scope", "Zwei"),
                ("RowNumber", "1"),
                ("CoverLetterFile", """{"Title":"Anschreiben"}"""),
                ("CandidateName", "Änne"),
                ("_ActivityLogs", """[{"Id":2,"Name":"Created","Status":"Done","Command":"HokifyImport","Date":"2026-03-01T08:00:00+00:00","DateExecuted":null,"ResultCode":0,"ResultData":null,"RetryCount":0,"RetryInterval":0}]""")),
            file.Rows[0]);
        Assert.Equal(
            Expected(
                seed.Rows[1],
                ("Scope", "4"),
                ("RowNumber", "3"),
                ("Name", "Failed"),
                ("Status", "Superseded"),
                // An activity log has nothing of the kind.
                ("IsActive", ""), ("Sort", ""), ("Comment", ""), ("DatePublish", ""), ("DateExpires", ""), ("IsDeleted", ""), ("History", "")),
            file.Rows[2]);
        Assert.Equal(
            Expected(
                seed.Rows[2],
                ("CreatedCounts", """{"sample string 1":2}"""),
                ("UpdatedCounts", """{"sample string 1":2}"""),
                ("DeletedCounts", """{"sample string 1":2}"""),
                ("UnchangedCounts", """{"sample string 1":2}"""),
                ("StatsCounter", """{"sample string 1":2}"""),
                ("Exceptions", """{"sample string 1":[{"ClassName":"System.Exception","Message":null,"Data":null,"InnerException":null,"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":-3,"Source":null,"WatsonBuckets":null}]}"""),
                ("Logs", file.Result["Logs"]),
                ("ExceptionLogs", """["System.Exception","2 further failures are counted and not listed."]""")),
            file.Result);
    }

    [Theory]
    [InlineData("2026-01-15T12:00:00Z", null, "15.01.2026 13:00:00 +01:00")]
    [InlineData("2026-07-15T12:00:00Z", null, "15.07.2026 14:00:00 +02:00")]
    [InlineData("2026-03-29T00:59:59Z", null, "29.03.2026 01:59:59 +01:00")]
    [InlineData("2026-03-29T01:00:00Z", null, "29.03.2026 03:00:00 +02:00")]
    [InlineData("2026-10-25T00:30:00Z", null, "25.10.2026 02:30:00 +02:00")]
    [InlineData("2026-10-25T01:30:00Z", null, "25.10.2026 02:30:00 +01:00")]
    [InlineData("2026-07-15T12:00:00.999Z", "America/St_Johns", "15.07.2026 09:30:00 -02:30")]
    [InlineData("2026-07-15T12:00:00Z", "UTC", "15.07.2026 12:00:00 +00:00")]
    public async Task Instants_are_given_in_Viennas_time_unless_another_zone_is_configured(string instant, string? zone, string cell)
    {
        await using var setup = await StartAsync(zone is null ? [] : [("Hokify:Csv:TimeZone", zone)]);
        var at = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);
        var run = await setup.AddRunOfAsync(new ProfileColumns { DatePublish = at }, (profile, log) => (profile.Version, log.Date) = (at, at));

        var file = await setup.CsvAsync(run);

        Assert.Equal((cell, cell, cell), (file.Rows[0]["DatePublish"], file.Rows[0]["Version"], file.Rows[1]["Date"]));
        var window = zone switch { null => "09:00:00 +01:00", "UTC" => "08:00:00 +00:00", _ => "04:30:00 -03:30" };
        Assert.Equal($"It read everything up to 01.03.2026 {window}.", file.Sentences("Logs")[1]);
    }

    [Fact]
    public async Task Flags_numbers_and_dates_have_the_seeds_form_whatever_the_machines_culture()
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(
            new ProfileColumns
            {
                Consent = true,
                Sort = -1234567,
                PreferredEmloyerSelectionMode = 0,
                CurrentEarliestEntryDate = new DateTime(2026, 2, 14, 15, 2, 42, 999),
                CurrentEndOfEducation = new DateTime(999, 1, 1),
            },
            (_, log) => log.ResultCode = -2146233033);
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("ar-SA") { NumberFormat = { NegativeSign = "minus" }, DateTimeFormat = { TimeSeparator = "." } };
        try
        {
            var file = await setup.CsvAsync(run);

            var row = file.Rows[0];
            Assert.Equal(("True", "False", "False"), (row["Consent"], row["ConsentGDPR"], row["IsDeleted"]));
            Assert.Equal(("-1234567", "0"), (row["Sort"], row["PreferredEmloyerSelectionMode"]));
            Assert.Equal(("2026-02-14 15:02:42", "0999-01-01 00:00:00", ""), (row["CurrentEarliestEntryDate"], row["CurrentEndOfEducation"], row["CurrentJobHuntingSince"]));
            Assert.Equal("-2146233033", file.Rows[1]["ResultCode"]);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("=HYPERLINK(\"http://evil.example\",\"click\")")]
    [InlineData("+436601234567")]
    [InlineData("-5 Tage")]
    [InlineData("-5")]
    [InlineData("@SUM(A1:A9)")]
    [InlineData("\t=1+1")]
    [InlineData("\r=1+1")]
    [InlineData("\n=1+1")]
    [InlineData("＝1+1")]
    [InlineData("\0=1+1")]
    [InlineData("\u200B=1+1")]
    [InlineData("\uFEFF@SUM(A1:A9)")]
    [InlineData("\u00A0\u2060+1")]
    [InlineData("  \u202E-1")]
    public async Task A_text_that_a_spreadsheet_would_run_is_escaped_and_a_negative_number_is_not(string text)
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(
            new ProfileColumns { Name = text, Sort = -5 },
            (_, log) => (log.ElementDisplayName, log.ResultCode) = (text, -2146233033));

        var file = await setup.CsvAsync(run);

        var cell = $",\"'{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",";
        Assert.Equal(3, file.Text.Split(cell).Length);
        Assert.Equal(("'" + text, "'" + text), (file.Rows[0]["Name"], file.Rows[1]["ElementDisplayName"]));
        Assert.Equal(3, file.Text.Split(",-5,", StringSplitOptions.None).Length + file.Text.Split(",-2146233033,").Length - 1);
    }

    [Theory]
    [InlineData("Köchin, Kellner; \"Chefin\"")]
    [InlineData("\"")]
    [InlineData("\"=1+1\"")]
    [InlineData("eins\nzwei\r\ndrei\rvier")]
    [InlineData("👩‍🍳 Ångström ẞ 寿司 \u202E")]
    [InlineData("  außen  ")]
    [InlineData("'schon")]
    [InlineData("a=1\tb")]
    [InlineData("sep=;")]
    public async Task Any_other_text_is_read_back_as_it_was(string text)
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(
            new ProfileColumns { CoverLetter = text, Comment = text, CandidateName = text },
            (profile, log) => (profile.History, log.Data, log.ResultData) = (text, text, text));

        var file = await setup.CsvAsync(run);

        var (profile, log) = (file.Rows[0], file.Rows[1]);
        Assert.All(new[] { profile["CoverLetter"], profile["Comment"], profile["CandidateName"], profile["History"], log["Data"], log["ResultData"] }, cell => Assert.Equal(text, cell));
        Assert.Equal(text, JsonDocument.Parse(profile["_ActivityLogs"]).RootElement[0].GetProperty("ResultData").GetString());
    }

    [Fact]
    public async Task Half_a_character_does_not_end_the_file()
    {
        await using var setup = await StartAsync();
        var columns = new ProfileColumns { Name = "halb" };
        var run = await setup.AddRunOfAsync(columns);

        using var file = new MemoryStream();
        await using (var csv = new RunCsvWriter(file, TimeZoneInfo.Utc, PeopleValues.Shown))
        {
            await csv.WriteHeaderAsync();
            await csv.WriteRowAsync(new RunCsvRow.Log(1, "1", Touch(run, 1, 1)) with { Scope = "\uD83D" });
        }

        Assert.Equal("\uFFFD", CsvFile.Read(file.ToArray()).Rows[0]["Scope"]);
    }

    private static Dictionary<string, string> Expected(IReadOnlyDictionary<string, string> seed, params (string Column, string Cell)[] differing)
    {
        var row = new Dictionary<string, string>(seed);
        foreach (var (column, cell) in differing)
        {
            row[column] = cell;
        }

        return row;
    }

    private static CandidateProfile SeedsProfile(IReadOnlyDictionary<string, string> row)
    {
        var columns = new ProfileColumns { CoverLetterFile = """{"Title":"Anschreiben"}""", CandidateName = "Änne" };
        foreach (var property in ProfileColumns.All.Select(c => typeof(ProfileColumns).GetProperty(c.Name, BindingFlags.Public | BindingFlags.Instance)!))
        {
            if (property.Name is not (nameof(ProfileColumns.CoverLetterFile) or nameof(ProfileColumns.CandidateName)))
            {
                property.SetValue(columns, Value(property.PropertyType, row[property.Name]));
            }
        }

        var profile = Profile(1, columns);
        (profile.ScopeId, profile.ReferenceId, profile.CandidateId) = (2, row["ReferenceId"], 1);
        (profile.Version, profile.IsDeleted, profile.History) = (Instant(row["Version"]), true, row["History"]);
        return profile;
    }

    private static ActivityLog SeedsLog(IReadOnlyDictionary<string, string> row, Guid run) => new()
    {
        Id = 3,
        ScopeId = 4,
        RunId = run,
        Name = ActivityName.Failed,
        Status = ActivityStatus.Superseded,
        ReferenceId = row["ReferenceId"],
        Version = Instant(row["Version"]),
        ElementDisplayName = row["ElementDisplayName"],
        Command = row["Command"],
        Date = Instant(row["Date"]),
        DateExecuted = Instant(row["DateExecuted"]),
        ElementName = row["ElementName"],
        ElementId = 1,
        Data = row["Data"],
        ResultCode = 1,
        ResultData = row["ResultData"],
        RetryCount = 1,
        RetryInterval = 1,
    };

    private static object Value(Type type, string cell) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(DateTimeOffset) => Instant(cell),
        var t => Convert.ChangeType(cell, t, CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset Instant(string cell) => DateTimeOffset.ParseExact(cell, "dd.MM.yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture);
}

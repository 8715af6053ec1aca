using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Storage;
using static HokifyMessaging.Tests.Results.CsvSetup;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Results;

/// <summary>Which rows the sheet of a run has, after all that can happen to its records.</summary>
public sealed class RunSheetTests
{
    private static readonly CandidateColumns Mizzi = new() { DisplayName = "Mizzi Muster", Email = "mizzi@example.at", Phone = "0660 0001" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_lists_each_application_once_with_who_which_job_what_happened_why_and_when()
    {
        await using var setup = await StartAsync();
        var applied = new ProfileColumns { Name = "Kellner", CandidateName = "Mizzi Muster", DatePublish = new DateTimeOffset(2026, 7, 15, 12, 0, 0, 700, TimeSpan.Zero) };
        await setup.ImportAsync(Record.Application("a1", candidate: Mizzi, profile: applied), Record.Application("a2", "p2"), Record.Application("a3", "p3"));

        var run = await setup.OpenAsync();
        await setup.WriteAsync(
            run,
            Record.Ready(Record.Application("a1", version: 1, candidate: Mizzi with { Phone = "0660 0002" }, profile: applied with { Name = "Koch", PreferredSallery = "2.400" })),
            Record.Ready(Record.Application("a2", "p2")));
        await setup.WriteAsync(run, Record.Ready(Record.Application("a4", "p4")), Record.Rejected("a5", """{"matchId":"a5","name":"Änne","email":"aenne@example.at","phone":"0043 1"}"""));
        Assert.True(await setup.Worker.DeleteMissingAsync(run));
        await setup.Worker.ConcludeAsync(run);
        var sheet = await setup.WorkbookAsync(run.RunId);

        Assert.Equal(["Applications", "Import"], sheet.Sheets.Select(s => s.Name));
        Assert.Equal(["Name", "Job", "Mail", "Phone", "Applied", "What happened", "Why", "When", "Next try", "Application"], sheet.Applications.Titles);
        Assert.Equal(
            [
                "a1 Updated: Changed: job, preferred salary, phone.",
                "a4 Created: ",
                "a3 Deleted: The source no longer has it.",
                "a5 Rejected, is tried again: page 1, item 1, application a5: datematch is not a date; expected is ISO 8601.",
            ],
            sheet.Rows.Select(row => $"{row["Application"]} {row["What happened"]}: {row.GetValueOrDefault("Why")}"));
        var (updated, rejected) = (sheet.Rows[0], sheet.Rows[3]);
        Assert.Equal(("Mizzi Muster", "Koch", "mizzi@example.at", "0660 0002"), (updated["Name"], updated["Job"], updated["Mail"], updated["Phone"]));
        Assert.Equal((new DateTime(2026, 7, 15, 14, 0, 0), new DateTime(2026, 10, 1, 11, 0, 0)), (updated["Applied"], updated["When"]));
        Assert.Equal(("Änne", "aenne@example.at", "0043 1"), (rejected["Name"], rejected["Mail"], rejected["Phone"]));
        Assert.Equal(new DateTime(2026, 10, 1, 11, 1, 0), rejected["Next try"]);
        Assert.DoesNotContain(updated.Keys, title => title == "Next try");
        Assert.Contains($"Run {run.RunId}: Full import of scope 1, Gasthaus zur Köchin.", sheet.Sentences);
        Assert.Contains("Those that it found unchanged, and those of people who were erased, are counted below and not listed.", sheet.Sentences[0], StringComparison.Ordinal);
        Assert.Contains("CandidateProfile: 1 created, 1 updated, 1 deleted, 1 unchanged.", sheet.Sentences);
    }

    [Fact]
    public async Task The_header_stays_in_view_and_filters_and_the_columns_are_wide_enough()
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(new ProfileColumns { Name = "Köchin" });

        var sheet = (await setup.WorkbookAsync(run)).Applications;

        Assert.Equal((1, "A1:J1048576"), (sheet.FrozenRows, sheet.Filter));
        Assert.Equal(sheet.Titles.Count, sheet.Widths.Count);
        Assert.All(sheet.Widths, width => Assert.InRange(width, 20, 60));
    }

    [Fact]
    public async Task A_run_that_changed_nothing_has_a_header_and_says_so()
    {
        await using var setup = await StartAsync();
        var run = Guid.NewGuid();
        await setup.AddAsync(Scope(), Run(run, new ExportImportResult { UnchangedCounts = new Dictionary<string, int> { ["CandidateProfile"] = 7 } }));

        var sheet = await setup.WorkbookAsync(run);

        Assert.Empty(sheet.Rows);
        Assert.Equal(10, sheet.Applications.Titles.Count);
        Assert.Contains("CandidateProfile: 0 created, 0 updated, 0 deleted, 7 unchanged.", sheet.Sentences);
    }

    [Fact]
    public async Task A_dry_run_says_that_it_changed_nothing()
    {
        await using var setup = await StartAsync();
        var run = await setup.Worker.OpenAsync(dryRun: true);
        await setup.WriteAsync(run, Record.Ready(Record.Application("a1")));
        await setup.Worker.ConcludeAsync(run);

        var sheet = await setup.WorkbookAsync(run.RunId);

        Assert.Empty(sheet.Rows);
        Assert.Equal("A dry run changes nothing, so no application is listed; what it would have done is counted below.", sheet.Sentences[0]);
    }

    [Fact]
    public async Task A_person_who_changed_while_the_application_did_not_is_a_row_of_that_application()
    {
        await using var setup = await StartAsync();
        await setup.ImportAsync(Record.Application("a1", candidate: Mizzi), Record.Application("a2", candidate: Mizzi));

        var run = await setup.ImportAsync(Record.Application("a1", version: 2, candidate: Mizzi with { Phone = "0660 0002" }), Record.Application("a2", candidate: Mizzi));
        var row = Assert.Single((await setup.WorkbookAsync(run)).Rows);

        Assert.Equal(("a1", "Person updated", "Changed: phone.", "0660 0002"), (row["Application"], row["What happened"], row["Why"], row["Phone"]));
    }

    [Fact]
    public async Task A_record_that_is_stored_by_a_retry_is_listed_once_in_each_of_both_runs()
    {
        await using var setup = await StartAsync();
        var application = Record.Application("a1");
        await setup.Database.RefuseAsync(setup.Worker, "a1");
        var failed = await setup.ImportAsync(application);
        await setup.Database.AcceptAsync(setup.Worker);

        var before = Assert.Single((await setup.WorkbookAsync(failed)).Rows);
        setup.Worker.Clock.Advance(TimeSpan.FromDays(1));
        var retried = await setup.OpenAsync(RunPhase.Retrying);
        await setup.WriteAsync(retried, Record.Ready(application) with { LedgerReference = "a1" });
        await setup.Worker.ConcludeAsync(retried);
        var (after, own) = (Assert.Single((await setup.WorkbookAsync(failed)).Rows), Assert.Single((await setup.WorkbookAsync(retried.RunId)).Rows));

        Assert.Equal("Failed, is tried again", before["What happened"]);
        Assert.StartsWith("page 1, application a1, application a1:", (string)before["Why"], StringComparison.Ordinal);
        Assert.Equal(("Failed, stored later", "Mizzi Muster", "a1"), (after["What happened"], after["Name"], after["Application"]));
        Assert.Equal(("Created", "a1"), (own["What happened"], own["Application"]));
    }

    [Theory]
    [InlineData(nameof(ActivityName.Rejected), nameof(ActivityStatus.Parked), "Rejected, waits for an operator")]
    [InlineData(nameof(ActivityName.Failed), nameof(ActivityStatus.Parked), "Failed, waits for an operator")]
    [InlineData(nameof(ActivityName.Rejected), nameof(ActivityStatus.Superseded), "Rejected, overtaken")]
    [InlineData(nameof(ActivityName.Rejected), nameof(ActivityStatus.Open), "Rejected, is tried again")]
    public async Task What_became_of_a_record_that_could_not_be_stored_stands_in_words_that_can_be_filtered_by(string name, string status, string what)
    {
        await using var setup = await StartAsync();
        var run = Guid.NewGuid();
        var log = Touch(run, 1, 1, Enum.Parse<ActivityName>(name));
        (log.Status, log.ElementId, log.ResultData, log.Data) = (Enum.Parse<ActivityStatus>(status), null, "a sentence", "no JSON");
        await setup.AddAsync(Scope(), Run(run), log);

        Assert.Equal(what, Assert.Single((await setup.WorkbookAsync(run)).Rows)["What happened"]);
    }

    [Fact]
    public async Task Fields_that_are_no_longer_remembered_are_said_not_to_be()
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(new ProfileColumns(), (profile, log) => (profile.History, log.Name) = ("""[{"time":"2026-03-01T08:00:00+00:00","run":"019c60a5-7c00-7000-8000-5a64ed47e597","field":"Name","old":null,"new":"x"}]""", ActivityName.Updated));

        Assert.Equal("Which fields changed is no longer known: only the last changes are kept.", Assert.Single((await setup.WorkbookAsync(run)).Rows)["Why"]);
    }

    [Fact]
    public async Task Nothing_of_a_person_who_was_erased_is_in_the_sheet_of_any_run()
    {
        await using var setup = await StartAsync();
        var (id, person) = ("geheime-bewerbung", "geheime-person");
        var secret = new ProfileColumns { Name = "Geheimrätin", CandidateName = "Geheim Rat" };
        var created = await setup.ImportAsync(Record.Application(id, person, profile: secret), Record.Application("a2", "p2"));
        var updated = await setup.ImportAsync(Record.Application(id, person, version: 1, profile: secret with { Comment = "geheimer" }));
        var rejected = await setup.OpenAsync();
        await setup.WriteAsync(rejected, Record.Rejected(id, """{"note":"geheim"}"""));
        await setup.Worker.ConcludeAsync(rejected);
        Assert.Contains("Geheim", (await setup.WorkbookAsync(updated)).Text, StringComparison.Ordinal);

        var erasing = await setup.ImportAsync(Record.Application(id, person, version: 2, erased: true));

        foreach (var run in new[] { created, updated, rejected.RunId, erasing })
        {
            var sheet = await setup.WorkbookAsync(run);
            Assert.DoesNotContain("geheim", sheet.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"erased", sheet.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(run == created ? ["a2"] : [], sheet.Rows.Select(row => row["Application"]));
        }
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("=HYPERLINK(\"http://evil.example\",\"click\")")]
    [InlineData("+436601234567")]
    [InlineData("@SUM(A1:A9)")]
    [InlineData("00043")]
    [InlineData("  außen  ")]
    [InlineData("<b>&amp;]]>")]
    [InlineData("👩‍🍳 eins\nzwei")]
    [InlineData("5,07E+23")]
    public async Task Any_text_is_a_text(string text)
    {
        await using var setup = await StartAsync();
        var run = await setup.AddRunOfAsync(new ProfileColumns { Name = text, CandidateName = text });

        var row = Assert.Single((await setup.WorkbookAsync(run)).Rows);

        Assert.Equal((text, text), (row["Name"], row["Job"]));
    }

    [Theory]
    [InlineData("1899-12-31T12:00:00Z", "1899-12-31 12:00:00")]
    [InlineData("1900-02-28T23:59:59Z", "1900-02-28 23:59:59")]
    [InlineData("1900-03-01T00:00:00Z", null)]
    [InlineData("2200-12-31T23:59:59.999Z", null)]
    public async Task A_date_that_no_spreadsheet_program_can_count_with_is_a_text(string instant, string? text)
    {
        await using var setup = await StartAsync(("Hokify:Csv:TimeZone", "UTC"));
        var at = DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);
        var run = await setup.AddRunOfAsync(new ProfileColumns { DatePublish = at });

        var applied = Assert.Single((await setup.WorkbookAsync(run)).Rows)["Applied"];

        Assert.Equal(text ?? (object)at.UtcDateTime.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond)), applied);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 3)]
    public async Task What_one_sheet_does_not_hold_goes_on_on_the_next(int rows, int sheets)
    {
        using var file = new MemoryStream();
        await using (var workbook = await RunWorkbook.BeginAsync(file, TimeZoneInfo.Utc, PeopleValues.Shown, mostRows: 3, Cancel))
        {
            for (var i = 1; i <= rows; i++)
            {
                await workbook.AddAsync(new RunSheetRow($"a{i}", null, null, null, null, null, "Created", null, Record.Epoch), Cancel);
            }

            await workbook.EndAsync(["A sentence."], Cancel);
        }

        var read = Workbook.Read(file.ToArray());

        Assert.Equal(new[] { "Applications", "Applications 2", "Applications 3" }.Take(sheets).Append("Import"), read.Sheets.Select(sheet => sheet.Name));
        Assert.All(read.Sheets.SkipLast(1), sheet => Assert.Equal((1, "A1:J3", 10), (sheet.FrozenRows, sheet.Filter, sheet.Titles.Count)));
        Assert.Equal(Enumerable.Range(1, rows).Select(i => $"a{i}"), read.Rows.Select(row => row["Application"]));
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_named_and_nothing_is_written()
    {
        await using var setup = await StartAsync();
        using var file = new MemoryStream();
        var run = Guid.NewGuid();

        var exception = await Assert.ThrowsAsync<KeyNotFoundException>(() => setup.WriteAsync(run, file, RunFileFormat.Workbook));

        Assert.Equal(($"There is no run {run}.", 0), (exception.Message, file.Length));
    }
}

using HokifyMessaging.CheckUp;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service;
using HokifyMessaging.Service.Demo;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Tests.Service.Screens;

/// <summary>What verbs show, as somebody has looked at it; and that it can be copied at any width.</summary>
public sealed class ScreenTests
{
    private static readonly DateTimeOffset Night = SampleRuns.Night;

    private static readonly IReadOnlyList<QueueState> Queues =
    [
        new("hokify-import", true, "quorum", 2, 1, 1, null),
        new("hokify-import_error", true, "classic", 12, 0, 0, new OldestMessage("ScopeId 7 is not configured; the scopes are 1 and 2.", Night)) { Healed = 3 },
        new("hokify-import_skipped", false, null, 0, 0, 0, null),
        new("hokify-import_dead", true, "quorum", 1, 0, 0, null),
    ];

    private static readonly IReadOnlyList<MessageSurvey> Surveys =
    [
        new("hokify-import_error", 3004, 0,
        [
            new("The key '…' belongs to another request; what differs is ImportMode.", 3000, Night, Night.AddHours(3), new MessageExample("6f9619ff-8b86-d011-b42d-00cf4fc964ff", 1, "nightly-2026-02-15") { RunId = SampleRuns.Completed.RunId }),
            new("ScopeId 7 is not configured; the scopes are 1 and 2.", 4, null, null, new MessageExample(null, 7, "crm-1")),
        ]),
        new("hokify-import_skipped", 100_000, 17, [new("not said", 100_000, null, null, new MessageExample("m-1", null, null))]),
        new("hokify-import_dead", 0, 1, []) { NotLookedAt = "a quorum queue counts each look at a message as a delivery" },
    ];

    private static readonly RecordTrail Trail = new()
    {
        Asked = SampleRuns.Application,
        Scopes = [new ScopeReach(1, Night), new ScopeReach(2, null)],
        IsCut = true,
        NotKnown = ["Whoever was erased is recognized by the id of the person or of an application; by an address only where it came without a name."],
        Found =
        [
            Found(RecordFate.Stored) with { Version = Night.AddDays(-40) },
            Found(RecordFate.Deleted) with { ScopeId = 2 },
            Found(RecordFate.Waiting) with { Reason = SampleRuns.Result.Exceptions["CandidateProfile"][0].Message, DueAt = Night.AddMinutes(4), StoredAt = null, ChangedAt = null },
            Found(RecordFate.Parked) with { Reason = "The database refused it: a text is too long.", RetryCount = 10 },
            Found(RecordFate.Dropped) with { StoredAt = null, ChangedAt = null, Reason = "It could not be stored for so long that it was dropped because of its age. The database refused it: a text is too long." },
            Found(RecordFate.Withheld) with { ErasedAt = Night, StoredAt = null, ChangedAt = null, PersonReferenceId = null, Events = [] },
        ],
    };

    private static readonly IReadOnlyList<Finding> Findings =
    [
        new("settings", Verdict.Ok, "Read from /srv/hokify/appsettings.json and the environment; all of them are known, and in their ranges."),
        new("database", Verdict.Note, "The database file /srv/hokify/hokify.db is locked by somebody who writes; writes of others wait until they are done."),
        new("broker's management", Verdict.Unknown, "The management API at http://broker:15672/ cannot be reached, because nobody listens there."),
        new("scope 2", Verdict.Wrong, "AtsApi cannot be read: hokify answered 401 (Unauthorized) to POST auth/token; check mandator and token."),
    ];

    private static readonly IReadOnlyList<ScopeStanding> Scopes =
    [
        Standing(1) with
        {
            Name = "Vienna", Source = "AtsApi", Watermark = Night, LagSeconds = 252, LastCompleteRead = Night.AddSeconds(12),
            Work = new ScopeWork(SampleRuns.Completed.RunId, "process 4711 on recruiting-2, version 0.1.0", Night.AddMinutes(5), IsSilent: false),
            WaitingRuns = 3, WaitingRecords = 12, ParkedRecords = 1,
        },
        Standing(2) with
        {
            Source = "CsvFiles", Watermark = Night.AddDays(-2), LagSeconds = 173_000, ResumingRuns = 2, SourceChangedAt = Night.AddDays(-1),
            Work = new ScopeWork(null, "process 17 on recruiting-1", Night.AddHours(-1), IsSilent: true),
        },
        Standing(3) with { Name = "Graz" },
    ];

    private static readonly IReadOnlyList<AuditView> Audit =
    [
        new(3, Night, "operator", "recruiting-1", AuditAction.SetWatermark, 1, "From 2026-02-15 02:00:00Z to none."),
        new(2, Night, "officer", "recruiting-1", AuditAction.ExportPeople, 1, "People whose data was exported: 1; their applications: 2; as html."),
        new(1, Night.AddDays(-1), "root", "recruiting-2", AuditAction.ForgetErasureKey, null, "Hashes of erased ids and addresses that were deleted: 3."),
    ];

    private static readonly Dictionary<string, Action<IAnsiConsole>> Screens = new()
    {
        ["runs"] = screen => RunsScreen.List(screen, [SampleRuns.Queued, SampleRuns.Unattended, SampleRuns.Failed, SampleRuns.Completed]),
        ["runs-none"] = screen => RunsScreen.List(screen, []),
        ["runs-show-completed"] = screen => RunsScreen.Show(screen, SampleRuns.Details(SampleRuns.Completed)),
        ["runs-show-failed"] = screen => RunsScreen.Show(screen, SampleRuns.Details(SampleRuns.Failed) with { WaitingCount = 0, Waiting = [] }),
        ["runs-show-unattended"] = screen => RunsScreen.Show(screen, SampleRuns.Details(SampleRuns.Unattended) with { WaitingCount = 0, Waiting = [] }),
        ["runs-show-aged"] = screen => RunsScreen.Show(screen, SampleRuns.Details(SampleRuns.Completed) with { DetailsForgottenAt = Night.AddDays(30), WaitingCount = 0, Waiting = [] }),
        ["result"] = screen => ResultTable.Write(screen, SampleRuns.Result),
        ["queues"] = screen => QueuesScreen.Show(screen, Queues),
        ["queues-all"] = screen => QueuesScreen.Show(screen, Surveys),
        ["demo"] = Demonstrate,
        ["doctor"] = screen => FindingsScreen.Show(screen, Findings),
        ["scopes"] = screen => ScopesScreen.Show(screen, Scopes),
        ["audit"] = screen => AuditScreen.Show(screen, Audit),
        ["find"] = screen => FindScreen.Show(screen, Trail),
        ["find-nothing"] = screen => FindScreen.Show(screen, Trail with { Found = [], IsCut = false }),
    };

    public static TheoryData<string> Names => [.. Screens.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_was_looked_at(string name) => Approval.Holds(Shown.AtEach([80, 120], Screens[name]), name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_lines_end_between_words_at_any_width(string name)
    {
        var words = Words(Shown.At(100_000, Screens[name]));
        foreach (var width in Shown.Widths)
        {
            var shown = Shown.At(width, Screens[name]);

            Assert.Empty(Words(shown).Where(word => word.Length > 12).Except(words));
            Assert.All(shown.Split('\n').Where(line => line.Length > width), line => Assert.DoesNotContain(' ', line.Trim()));
        }
    }

    [Fact]
    public void A_list_is_a_table_where_the_screen_is_wide_and_blocks_where_it_is_not()
    {
        Assert.StartsWith($"{SampleRuns.Completed.RunId}\n  created", Shown.At(119, screen => RunsScreen.List(screen, [SampleRuns.Completed])), StringComparison.Ordinal);
        Assert.StartsWith("id       ", Shown.At(120, screen => RunsScreen.List(screen, [SampleRuns.Completed])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_gets_a_line_for_each_run_however_long_it_is()
    {
        var lines = Shown.At(100_000, screen => RunsScreen.List(screen, [SampleRuns.Queued, SampleRuns.Completed])).TrimEnd().Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.EndsWith("nightly-2026-02-15  scheduler", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0.00 s")]
    [InlineData(40, "0.04 s")]
    [InlineData(999, "1.0 s")]
    [InlineData(12_340, "12.3 s")]
    [InlineData(59_949, "59.9 s")]
    [InlineData(59_960, "1 min 00 s")]
    [InlineData(252_000, "4 min 12 s")]
    [InlineData(3_599_700, "1 h 00 min")]
    [InlineData(7_380_000, "2 h 03 min")]
    [InlineData(86_399_000, "1 d 00 h")]
    [InlineData(273_600_000, "3 d 04 h")]
    public void A_duration_is_as_exact_as_anybody_needs_it(long milliseconds, string shown) => Assert.Equal(shown, ShownValue.Of(TimeSpan.FromMilliseconds(milliseconds)));

    private static void Demonstrate(IAnsiConsole screen)
    {
        var demo = new DemoScreen(screen);
        demo.Say("A hokify with 500 applications listens on http://127.0.0.1:34801/; the database is a SQLite file in /tmp/hokify-demo-jVI5qO.");
        demo.Heading("1. A request asks for a full import");
        demo.Result(new HokifyImportCompleted
        {
            RunId = SampleRuns.Completed.RunId,
            IdempotencyKey = "demo-full",
            ScopeId = 1,
            ImportMode = ImportMode.Full,
            StartedAt = Night,
            CompletedAt = Night.AddSeconds(12),
            Result = SampleRuns.Result,
        });
        demo.Changes([new RunChange("CandidateProfile", "Created", SampleRuns.Application)]);
        demo.Outcome(new DemoStep("The same request again changed nothing, did not ask hokify, and had the same event announced under the same MessageId.", []));
        demo.Outcome(new DemoStep("The first import stored every application of hokify once.", ["records fetched: expected 500, found 499"]));
    }

    private static FoundRecord Found(RecordFate fate) => new()
    {
        ScopeId = 1,
        ElementName = "CandidateProfile",
        ReferenceId = SampleRuns.Application,
        Fate = fate,
        PersonReferenceId = "2eb1b688fc70783f95b9fd46",
        StoredAt = Night.AddDays(-30),
        ChangedAt = Night,
        Events =
        [
            new RecordEvent(SampleRuns.Failed.RunId, SampleRuns.Failed.IdempotencyKey, Night, "updated", RecordDecision.Changed) { Fields = [new ChangedField("PreferredSallery", null, null, true), new ChangedField("Status", null, null, true)] },
            new RecordEvent(SampleRuns.Completed.RunId, SampleRuns.Completed.IdempotencyKey, Night.AddDays(-30), "created", RecordDecision.New),
        ],
    };

    private static HashSet<string> Words(string text) => [.. text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    private static ScopeStanding Standing(int scopeId) => new()
    {
        ScopeId = scopeId,
        Name = null,
        Source = null,
        Watermark = null,
        LagSeconds = null,
        LastCompleteRead = null,
        Work = null,
        WaitingRuns = 0,
        ResumingRuns = 0,
        WaitingRecords = 0,
        ParkedRecords = 0,
        SourceChangedAt = null,
    };
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>The files that people are given: what they look like, and that nothing in the data does anything to whoever opens them.</summary>
public sealed partial class PeoplePageTests
{
    private const string Script = "<script>alert(1)</script><img src=x onerror=alert(1)></style></pre></dl><!--\" ' &amp;";

    private static readonly TimeZoneInfo Vienna = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");

    public static TheoryData<string> Languages => [.. PeopleFormat.Languages];

    public static TheoryData<string> Hostile => [.. HostileTexts.All.Select(hostile => hostile.Kind)];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task It_was_looked_at(string language) => Approval.Holds(await PageAsync(Sample(), language), $"people-page-{language}");

    [Theory]
    [InlineData("de", "Die Daten, wie sie empfangen wurden, sind nicht mehr gespeichert.")]
    [InlineData("en", "The data as it was received is no longer stored.")]
    public async Task It_says_where_the_data_as_it_was_received_is_not_there_any_more(string language, string sentence)
    {
        Assert.DoesNotContain(sentence, await PageAsync(Document(Person("Muster", "{}")), language), StringComparison.Ordinal);
        Assert.Contains(sentence, await PageAsync(Document(Person("Muster", payload: null)), language), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Nothing_of_the_data_is_taken_for_a_part_of_the_page(string language)
    {
        var tags = Tags(await PageAsync(Sample(), language));

        var page = await PageAsync(Document(Person(text: Script, payload: Script)), language);

        Assert.Subset(tags, Tags(page));
        Assert.DoesNotContain("script", Tags(page));
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?i)<[^>]*\s(href|src|on\w+|action)\s*=", page);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task What_hides_or_turns_lines_around_is_seen_and_kept_to_itself(string kind)
    {
        var text = HostileTexts.All.Single(hostile => hostile.Kind == kind).Text;

        var page = await PageAsync(Document(Person(text, payload: text)), "en");

        HostileTexts.AreVisibleIn(page.Replace("\u200c", "", StringComparison.Ordinal).Replace("\u200d", "", StringComparison.Ordinal), "the page");
        Assert.Equal(Values().Count(page), page.Split("<bdi>").Length - 1);
    }

    [Fact]
    public async Task Names_that_are_written_from_the_right_and_those_of_several_signs_stay_whole()
    {
        const string Persian = "می\u200cخواهم", Family = "👩\u200d👩\u200d👦";

        var page = await PageAsync(Document(Person($"{Persian} {Family}", payload: "{}")), "de");

        Assert.Contains($"<bdi>{Persian} {Family}</bdi>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON at all: {\"name\":", "\"no JSON at all: {\\\"name\\\":\"")]
    [InlineData("""{"a":1,"a":2,"n":1.50}""", """{"a":1,"a":2,"n":1.50}""")]
    [InlineData("""{"half":"\ud800"}""", "\"{\\\"half\\\":\\\"\\\\ud800\\\"}\"")]
    [InlineData("", "\"\"")]
    [InlineData("null", "null")]
    public async Task A_record_that_is_no_JSON_is_a_text_and_one_that_is_stays_as_it_is(string payload, string written)
    {
        using var json = JsonDocument.Parse(await JsonAsync(Document(Person("x", payload))));

        var payloadThere = json.RootElement.GetProperty("people")[0].GetProperty("rows").GetProperty("CandidateProfile")[0].GetProperty("SourcePayload");
        Assert.Equal(WithoutBlanks(written), WithoutBlanks(payloadThere.GetRawText()));

        static string WithoutBlanks(string text) => string.Concat(text.Where(sign => !char.IsWhiteSpace(sign)));
    }

    [Fact]
    public async Task A_record_of_many_megabytes_is_handed_out_whole()
    {
        var text = new string('ä', 5_000_000);
        var document = Document(Person("x", payload: $$"""{"text":"{{text}}"}"""));

        Assert.Contains(text, await PageAsync(document, "de"), StringComparison.Ordinal);
        Assert.Contains(text, await JsonAsync(document), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Halves_of_characters_do_not_keep_the_file_from_being_written()
    {
        foreach (var (_, text) in HostileTexts.All)
        {
            using var json = JsonDocument.Parse(await JsonAsync(Document(Person(text, payload: text))));
            Assert.Equal(
                Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)),
                json.RootElement.GetProperty("people")[0].GetProperty("rows").GetProperty("Candidate")[0].GetProperty("LastName").GetString());
        }
    }

    private static HashSet<string> Tags(string page) => [.. Tag().Matches(page).Select(tag => tag.Groups["name"].Value)];

    private static async Task<string> PageAsync(PeopleDocument document, string language)
    {
        using var output = new MemoryStream();
        await new PeoplePage(document, new PeopleFormat(PeopleFormat.Html, language).Words, Vienna).WriteAsync(output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task<string> JsonAsync(PeopleDocument document)
    {
        using var output = new MemoryStream();
        await PeopleJson.WriteAsync(document, output, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static PeopleDocument Document(PersonRows person) => new(Record.Epoch, new DataSource(1, "Wien", "AtsApi", "https://hokify.com/ats-api", Record.Epoch), new PrivacyOptions(), [person], Rule: null, Kept(new KeptApplication(null, IsHeld: false, null)));

    private static Dictionary<long, KeptApplication> Kept(KeptApplication application) => new() { [1] = application };

    /// <summary>Somebody of whom there is one of everything.</summary>
    private static PeopleDocument Sample()
    {
        var person = Person("Muster", """{"_id":"5f1d7f0b2c3e4a5b6c7d8e9e","user":{"general":{"firstName":"Mizzi"}}}""");
        return new(
            Record.Epoch,
            new DataSource(1, "Gasthaus zur Sandkiste", "AtsApi", "https://hokify.com/ats-api", Record.Epoch),
            new PrivacyOptions
            {
                Controller = "Gasthaus zur Sandkiste, Praterstraße 1, 1020 Wien",
                Purposes = [new ToldText { German = "Besetzung offener Stellen", English = "filling open positions" }],
                Recipients = [new ToldText { English = "branch managers" }],
            },
            [
                person,
                person with
                {
                    Candidates = [],
                    Profiles = [],
                    Activities = [new ActivityLog
                    {
                        Id = 9, ScopeId = 1, Name = ActivityName.Rejected, Status = ActivityStatus.Open, ReferenceId = "5f1d7f0b2c3e4a5b6c7d8e9a", ElementName = "CandidateProfile", Command = ActivityLog.Import,
                        Date = Record.Epoch, Data = """{"birthday":"31.02.1990"}""", ResultCode = -1, ResultData = "page 1, item 1, birthday: is not a date", RetryCount = 2, RetryInterval = 240, DueAt = Record.Epoch.AddMinutes(4),
                    }],
                    NotKnown = ["Whether the person was erased before cannot be told: the key is missing."],
                },
            ],
            RetentionRule.Of(new ScopeRetentionOptions { Preset = RetentionPreset.Austria, TalentPool = new TalentPoolOptions { Months = 24 } }, TimeZoneInfo.Utc),
            Kept(new KeptApplication(Record.Epoch.AddMonths(7), IsHeld: true, HeldUntil: null)));
    }

    private static PersonRows Person(string text, string? payload)
    {
        var person = new Candidate
        {
            Id = 1,
            ScopeId = 1,
            ReferenceId = "5f1d7f0b2c3e4a5b6c7d8e9f",
            ContentHash = [1, 2],
            Version = Record.Epoch,
            CreatedAt = Record.Epoch,
            ChangedAt = Record.Epoch.AddDays(1),
            History = JsonSerializer.Serialize(new[] { new { time = Record.Epoch, run = Guid.Empty, field = "City", old = text, @new = (string?)null } }),
            Columns = new CandidateColumns { FirstName = "Mizzi", LastName = text, Birthday = new DateOnly(1990, 2, 28), City = "Wien", PictureUrl = "javascript:alert(1)", Skills = """["Kochen","Backen"]""", Experiences = """[{"company":"Gasthaus","positions":["Köchin"],"from":"2020"}]""" },
        };
        var application = new CandidateProfile
        {
            Id = 1,
            ScopeId = 1,
            ReferenceId = "5f1d7f0b2c3e4a5b6c7d8e9e",
            CandidateId = 1,
            ContentHash = [3],
            CreatedAt = Record.Epoch,
            ChangedAt = Record.Epoch,
            History = text,
            SourcePayload = payload,
            Columns = new ProfileColumns { Name = text, Comment = $"{text}\n{text}", IsActive = true, DatePublish = Record.Epoch, CurrentJobHuntingSince = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Unspecified) },
        };
        return new PersonRows
        {
            Plans = [],
            Candidates = [person],
            Profiles = [application],
            Activities = [ActivityLog.OfDone(1, Guid.Empty, ActivityName.Created, "CandidateProfile", "5f1d7f0b2c3e4a5b6c7d8e9e", Record.Epoch)],
            Mentions = [new PersonMention("ImportRun", "Tally", "019c60a5-7c00-7000-8000-5a64ed47e597", Record.Epoch, $"page 1, item 1: {text}")],
            NotKnown = [],
        };
    }

    [GeneratedRegex(@"</?(?<name>[a-zA-Z!][\w-]*)")]
    private static partial Regex Tag();

    [GeneratedRegex(@"<bdi>[^<]*</bdi>")]
    private static partial Regex Values();
}

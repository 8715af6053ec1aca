using System.Net;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Service.Http;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>Who sees what waits, and who decides on it.</summary>
public sealed class WaitingAccessTests : IAsyncLifetime
{
    private const string Page = "/console/waiting";

    private readonly string _mine = ApiKey.Create();
    private readonly string _theirs = ApiKey.Create();
    private readonly string _reader = ApiKey.Create();
    private HttpService _service = null!;
    private long _entry;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 1, settings: [.. Key("mine", _mine, "1", "read,operate"), .. Key("theirs", _theirs, "2", "read,operate"), .. Key("reader", _reader, "all", "read")]);
        _entry = await ParkAsync(_service, scopeId: 1, "r1");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task What_waits_in_another_scope_is_neither_shown_nor_decided_on()
    {
        using var theirs = await ConsoleClient.SignedInAsync(_service, _theirs);

        Assert.Contains("Nothing waits:", await theirs.PageAsync(Page), StringComparison.Ordinal);
        Assert.Contains("not among the scopes of the API key", await theirs.PageAsync($"{Page}?scopeId=1", HttpStatusCode.Forbidden), StringComparison.Ordinal);
        foreach (var fields in new[] { new[] { ("what", "drop"), ("reason", "old"), ("pick", $"{_entry}") }, [("what", "try"), ("which", "all")], [("what", "ramp")] })
        {
            using var pressed = await theirs.SendFormAsync(Page, fields);
            Assert.Equal(HttpStatusCode.Found, pressed.StatusCode);
        }

        Assert.Equal((ActivityStatus.Parked, 0), await _service.QueryAsync(async db => ((await db.ActivityLogs.SingleAsync(l => l.Id == _entry, Cancel)).Status, await db.Ramps.CountAsync(Cancel))));
    }

    [Fact]
    public async Task A_ramp_of_another_scope_is_as_absent_as_one_that_never_was_and_stays_as_it_is()
    {
        var started = Assert.IsType<RampStart.Started>(await _service.Services.GetRequiredService<RampBook>().StartAsync(1, new WaitingFilter(), new Actor("karin", "office"), Cancel)).Ramp;
        var page = $"{Page}/ramps/{started.Id}";
        using var theirs = await ConsoleClient.SignedInAsync(_service, _theirs);

        Assert.Contains("There is no such ramp", await theirs.PageAsync(page, HttpStatusCode.NotFound), StringComparison.Ordinal);
        using var pressed = await theirs.SendFormToAsync(Page, page);
        Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);
        Assert.Null((await _service.QueryAsync(db => db.Ramps.AsNoTracking().SingleAsync(Cancel))).End);

        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);
        Assert.Contains("karin", await mine.PageAsync(page), StringComparison.Ordinal);
        using var stopped = await mine.SendFormAsync(page);
        Assert.Equal(RampEnd.ByHand, (await _service.QueryAsync(db => db.Ramps.AsNoTracking().SingleAsync(Cancel))).End);
        Assert.Contains("The ramp was stopped", await mine.PageAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_only_look_finds_no_button_and_a_form_of_elsewhere_does_nothing()
    {
        using var reader = await ConsoleClient.SignedInAsync(_service, _reader);
        var page = await reader.PageAsync(Page);
        Assert.Contains("text longer than its column", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"what\"", page, StringComparison.Ordinal);
        using var pressed = await reader.SendFormAsync(Page, ("what", "park"), ("which", "all"));
        Assert.Equal(HttpStatusCode.Forbidden, pressed.StatusCode);

        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);
        using var form = new FormUrlEncodedContent([new("what", "drop"), new("which", "all"), new("reason", "old")]);
        using var forged = await mine.Http.PostAsync(Page, form, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("picked", ".", "Nothing was dropped: the reason is missing", true)]
    [InlineData("all", " . ", "Nothing was dropped: the reason is missing", true)]
    [InlineData("picked", "old ones", "Nothing was done: no record was ticked.", false)]
    public async Task A_form_that_is_refused_comes_back_with_what_was_ticked_and_typed(string which, string reason, string sentence, bool isTicked)
    {
        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);
        (string, string)[] form = [("what", "drop"), ("which", which), ("reason", reason), .. isTicked ? [("pick", $"{_entry}")] : Array.Empty<(string, string)>()];

        using var refused = await mine.SendFormAsync($"{Page}?cause=TooLong", form);

        Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
        var page = System.Net.WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync(Cancel));
        Assert.Contains(sentence, page, StringComparison.Ordinal);
        Assert.Equal(isTicked, page.Contains($"name=\"pick\" value=\"{_entry}\" checked=\"checked\"", StringComparison.Ordinal));
        Assert.Contains($"name=\"which\" value=\"{which}\" checked=\"checked\"", page, StringComparison.Ordinal);
        Assert.Contains($"name=\"reason\" value=\"{reason}\"", page, StringComparison.Ordinal);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(Cancel)));
        Assert.DoesNotContain(sentence, await mine.PageAsync(Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_tried_now_has_an_import_asked_for_it_and_is_tried_by_that()
    {
        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);

        using var tried = await mine.SendFormAsync($"{Page}?cause=TooLong", ("what", "try"), ("pick", $"{_entry}"));

        Assert.Equal($"{Page}?cause=TooLong", tried.Headers.Location!.OriginalString);
        Assert.Contains("1 is tried by an import that is asked for now.", await mine.PageAsync($"{Page}?cause=TooLong"), StringComparison.Ordinal);
        var run = await _service.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.RequestedBy == "mine", Cancel));
        Assert.Equal((1, false, ImportMode.Incremental), (run.ScopeId, run.DryRun, run.ImportMode));
        await ImportSetup.Until(async () => await _service.QueryAsync(db => db.ActivityLogs.AnyAsync(l => l.Id == _entry && l.LastRunId == run.Id, Cancel)));
        Assert.Equal(("mine", AuditAction.RetryRecords), await _service.QueryAsync(db => db.Audit.Select(a => ValueTuple.Create(a.Who, a.Action)).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task What_is_tried_now_is_due_although_its_scope_is_in_no_settings_and_the_page_says_what_is_missing()
    {
        var other = ApiKey.Create();
        await using var service = await HttpService.StartAsync(applications: 1, settings: Key("all", other, "all", "read,operate"));
        await ParkAsync(service, scopeId: 7, "r7");
        using var operators = await ConsoleClient.SignedInAsync(service, other);

        using var tried = await operators.SendFormAsync(Page, ("what", "try"), ("which", "all"));

        Assert.Contains("none can be asked for now. ", await operators.PageAsync(Page), StringComparison.Ordinal);
        Assert.Equal(ActivityStatus.Open, await service.QueryAsync(db => db.ActivityLogs.Where(l => l.ReferenceId == "r7").Select(l => l.Status).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task What_is_decided_is_said_on_the_page_that_follows_and_is_in_the_audit_log_under_the_key()
    {
        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);

        using var dropped = await mine.SendFormAsync($"{Page}?cause=TooLong", ("what", "drop"), ("which", "all"), ("reason", "twice the same"));
        Assert.Contains("1 was dropped.", await mine.PageAsync($"{Page}?cause=TooLong"), StringComparison.Ordinal);
        using var odd = await mine.SendFormAsync(Page, ("what", "dance"), ("which", "all"));
        Assert.Equal(HttpStatusCode.NotFound, odd.StatusCode);

        Assert.Equal(
            [("mine", AuditAction.DropRecords)],
            (await _service.QueryAsync(db => db.Audit.OrderBy(a => a.Id).Select(a => new { a.Who, a.Action }).ToListAsync(Cancel))).Select(a => (a.Who, a.Action)));
    }

    [Theory]
    [InlineData("?cause=Weather", "cause is 'Weather'")]
    [InlineData("?state=Done", "state is 'Done'")]
    [InlineData("?colour=red", "'colour' is not known")]
    [InlineData("?runId=x", "runId is 'x'")]
    [InlineData("?after=x", "after is 'x'; it must come from the link of a page before.")]
    public async Task An_odd_filter_is_named_and_not_ignored(string query, string said)
    {
        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);

        Assert.Contains(said, await mine.PageAsync(Page + query, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        using var pressed = await mine.SendFormToAsync(Page, Page + query, ("what", "try"), ("which", "all"));
        Assert.Equal(HttpStatusCode.BadRequest, pressed.StatusCode);
    }

    /// <summary>A record that waits for somebody, in a scope of which nothing else is known.</summary>
    private static Task<long> ParkAsync(HttpService service, int scopeId, string id) => service.QueryAsync(async db =>
    {
        var run = new ImportRun { Id = Guid.NewGuid(), IdempotencyKey = "before", ScopeId = scopeId, State = RunState.Cancelled, Phase = RunPhase.Reading, CreatedAt = DateTimeOffset.UnixEpoch, Tally = "{}" };
        if (!await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, Cancel))
        {
            db.Scopes.Add(new ScopeState { ScopeId = scopeId });
        }

        db.ImportRuns.Add(run);
        var entry = new ActivityLog
        {
            ScopeId = scopeId,
            RunId = run.Id,
            LastRunId = run.Id,
            Name = ActivityName.Rejected,
            Status = ActivityStatus.Parked,
            ReferenceId = id,
            ElementName = ElementNames.CandidateProfile,
            Command = ActivityLog.Import,
            Date = DateTimeOffset.UnixEpoch,
            Cause = FailureCause.TooLong,
            Field = "Comment",
            ResultData = $"page 1, item 1, application {id}: Comment has 9 characters; <b>the</b> column holds at most 8.",
            Data = "{}",
        };
        db.ActivityLogs.Add(entry);
        await db.SaveChangesAsync(Cancel);
        return entry.Id;
    });

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];
}

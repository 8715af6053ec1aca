using System.Net;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>Who sees scopes, schedules and what became of people on the console, and who may do something about them.</summary>
public sealed class ScopePageAccessTests : IAsyncLifetime
{
    private readonly string _mine = ApiKey.Create();
    private readonly string _theirs = ApiKey.Create();
    private readonly string _reader = ApiKey.Create();
    private readonly string _seer = ApiKey.Create();
    private HttpService _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await HttpService.StartAsync(applications: 5, settings:
    [
        .. Key("mine", _mine, "1", "read,import,operate"),
        .. Key("theirs", _theirs, "2", "read,import,operate,personal"),
        .. Key("reader", _reader, "all", "read"),
        .. Key("seer", _seer, "1", "read,personal"),
        new("Hokify:Scopes:1:Schedules:nightly:Cron", "30 2 * * *"),
    ]);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_scope_and_a_schedule_of_others_are_as_absent_as_those_that_never_were()
    {
        using var theirs = await ConsoleClient.SignedInAsync(_service, _theirs);

        Assert.DoesNotContain("/console/scopes/1", await theirs.PageAsync("/console/scopes"), StringComparison.Ordinal);
        Assert.DoesNotContain("nightly", await theirs.PageAsync("/console/schedules"), StringComparison.Ordinal);
        Assert.Contains("There is no such scope", await theirs.PageAsync("/console/scopes/1", HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("There is no such scope", await theirs.PageAsync("/console/scopes/777", HttpStatusCode.NotFound), StringComparison.Ordinal);
        foreach (var (address, fields) in new (string, (string, string)[])[]
        {
            ("/console/schedules?handler=pause", [("of", "1/nightly")]),
            ("/console/schedules?handler=remove", [("of", "1/nightly")]),
            ("/console/schedules?handler=add", [("scopeId", "1"), ("name", "x"), ("cron", "0 * * * *"), ("timeZone", "UTC")]),
            ("/console/scopes/1?handler=again", [("from", "")]),
            ("/console/scopes/1?handler=request", [("mode", "Full")]),
            ("/console/scopes/1?handler=test", []),
        })
        {
            using var pressed = await theirs.SendFormToAsync("/console/scopes", address, fields);
            Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);
        }

        Assert.Equal((0, 0), await _service.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.Audit.CountAsync(Cancel))));
    }

    [Fact]
    public async Task Buttons_that_a_key_may_not_press_are_not_there_and_do_nothing()
    {
        using var reader = await ConsoleClient.SignedInAsync(_service, _reader);

        Assert.DoesNotContain("handler=", await reader.PageAsync("/console/scopes/1"), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"of\"", await reader.PageAsync("/console/schedules"), StringComparison.Ordinal);
        foreach (var (address, fields) in new (string, (string, string)[])[]
        {
            ("/console/schedules?handler=pause", [("of", "1/nightly")]),
            ("/console/schedules?handler=add", [("scopeId", "1"), ("name", "x"), ("cron", "0 * * * *"), ("timeZone", "UTC")]),
            ("/console/scopes/1?handler=again", [("from", "")]),
            ("/console/scopes/1?handler=request", [("mode", "Full")]),
            ("/console/scopes/1?handler=test", []),
        })
        {
            using var pressed = await reader.SendFormToAsync("/console/scopes", address, fields);
            Assert.Equal(HttpStatusCode.Forbidden, pressed.StatusCode);
        }

        Assert.Equal((0, 0), await _service.QueryAsync(async db => (await db.ImportRuns.CountAsync(Cancel), await db.Audit.CountAsync(Cancel))));
    }

    [Theory]
    [InlineData("/console/scopes?x=1", "'x' is not known")]
    [InlineData("/console/scopes?after=one", "after is 'one'")]
    [InlineData("/console/scopes/1?x=1", "'x' is not known")]
    [InlineData("/console/schedules?scopeId=one", "scopeId is 'one'")]
    [InlineData("/console/explain?asked=5f1d7f0b2c3e4a5b6c7d8e9f", "'asked' is not known")]
    public async Task What_no_page_knows_in_an_address_is_named(string address, string said)
    {
        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);

        Assert.Contains(said, await mine.PageAsync(address, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_people_are_shown_to_the_right_personal_alone_and_in_no_other_scope()
    {
        const string Secret = "Unmistakable Value";
        using var created = await _service.PostAsync("/api/imports", "{}", ("X-Api-Key", _mine), ("Idempotency-Key", "first"));
        var run = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await Importing.ImportSetup.Until(async () => await _service.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.Id == run && r.State == RunState.Completed, Cancel)));
        var id = await _service.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).FirstAsync(Cancel));
        var history = $$"""[{"time":"2026-01-01T00:00:00+00:00","run":"{{run}}","field":"PreferredText","old":"{{Secret}}","new":null}]""";
        await _service.QueryAsync(db => db.CandidateProfiles.Where(p => p.ReferenceId == id).ExecuteUpdateAsync(set => set.SetProperty(p => p.History, history), Cancel));
        await _service.QueryAsync(db => db.ActivityLogs.Where(l => l.ReferenceId == id).ExecuteUpdateAsync(set => set.SetProperty(l => l.Name, ActivityName.Updated), Cancel));

        var byMine = await ExplainAsync(_mine, id);
        Assert.Contains("wished: more", byMine, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, byMine, StringComparison.Ordinal);
        Assert.Contains("Nothing has been imported yet.", await ExplainAsync(_theirs, id), StringComparison.Ordinal);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.LookAtPerson, Cancel)));

        Assert.Contains(Secret, await ExplainAsync(_seer, id), StringComparison.Ordinal);
        Assert.Equal("seer", await _service.QueryAsync(db => db.Audit.Where(a => a.Action == AuditAction.LookAtPerson).Select(a => a.Who).SingleAsync(Cancel)));
    }

    private async Task<string> ExplainAsync(string key, string asked)
    {
        using var client = await ConsoleClient.SignedInAsync(_service, key);
        using var answer = await client.SendFormToAsync("/console/explain", "/console/explain", ("asked", asked));
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];
}

using System.Net;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Whoever takes a file, asks for an import or cancels one is in the audit log; what cannot be noted is not handed out.</summary>
public sealed class AuditedDownloadTests : IAsyncLifetime
{
    private readonly string _reader = ApiKey.Create();
    private readonly string _officer = ApiKey.Create();
    private readonly string _elsewhere = ApiKey.Create();
    private HttpService _service = null!;
    private string _run = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 4, settings:
        [
            .. GuardedService.Key("reader", _reader, rights: "read"),
            .. GuardedService.Key("officer", _officer),
            .. GuardedService.Key("elsewhere", _elsewhere, scopes: "2"),
        ]);
        _run = await _service.ImportWithAsync(_officer);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Who_took_which_file_of_which_run_and_whether_people_were_in_it()
    {
        foreach (var (address, key) in new[] { ($"{_run}/records.csv", _reader), ($"{_run}/records.csv?format=csv-excel", _officer), ($"{_run}/records.xlsx", _officer), (_service.LinkTo(_run), "") })
        {
            using var file = await _service.GetAsync(address, [.. key.Length > 0 ? [("X-Api-Key", key)] : Array.Empty<(string, string)>()]);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        }

        var id = LargeRuns.IdOf(_run);
        Assert.Equal(
            [
                ("reader", $"Run {id} as csv, without values of people."),
                ("officer", $"Run {id} as csv-excel, with values of people."),
                ("officer", $"Run {id} as xlsx, with values of people."),
                ("download link", $"Run {id} as csv, with values of people."),
            ],
            (await TakenAsync()).Select(entry => (entry.Who, entry.Detail)));
        Assert.All(await TakenAsync(), entry => Assert.Equal((1, Environment.MachineName), (entry.ScopeId, entry.Machine)));
    }

    [Fact]
    public async Task What_sends_no_file_is_no_download()
    {
        using var file = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _reader));
        var tag = file.Headers.ETag!.ToString();
        for (var again = 0; again < 3; again++)
        {
            using var unchanged = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _reader), ("If-None-Match", tag));
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }

        using var head = await _service.SendAsync(HttpMethod.Head, $"{_run}/records.csv", null, ("X-Api-Key", _reader));
        using var nowhere = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _reader), ("Range", "bytes=9-1"));
        using var hidden = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _elsewhere));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.NotFound), (head.StatusCode, nowhere.StatusCode, hidden.StatusCode));
        Assert.Single(await TakenAsync());
    }

    [Fact]
    public async Task A_file_that_is_fetched_in_parts_is_one_download_for_each_who_fetches_it_and_none_can_begin_in_the_middle_unnoticed()
    {
        // Several at once, none of them with the first byte.
        await Task.WhenAll(Enumerable.Range(1, 8).Select(part => PartAsync(_reader, $"bytes={part * 10}-{(part * 10) + 9}")));
        Assert.Equal("reader", Assert.Single(await TakenAsync()).Who);

        await PartAsync(_reader, "bytes=0-9");
        await PartAsync(_officer, "bytes=-5");
        Assert.Equal(["reader", "officer"], (await TakenAsync()).Select(entry => entry.Who));

        // Who takes the whole again takes it again.
        using var whole = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _reader));
        Assert.Equal(3, (await TakenAsync()).Count);

        async Task PartAsync(string key, string range)
        {
            using var part = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", key), ("Range", range));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        }
    }

    [Fact]
    public async Task Without_its_entry_nothing_is_handed_out_whatever_keeps_it_from_being_written()
    {
        await _service.QueryAsync(db => db.Database.ExecuteSqlRawAsync("CREATE TRIGGER NoAudit BEFORE INSERT ON Audit BEGIN SELECT RAISE(ABORT, 'full'); END", Cancel));
        var application = await _service.QueryAsync(db => db.CandidateProfiles.Select(p => p.ReferenceId).FirstAsync(Cancel));
        var before = await _service.QueryAsync(db => db.Audit.CountAsync(Cancel));

        foreach (var address in new[] { $"{_run}/records.csv", $"{_run}/records.xlsx", _service.LinkTo(_run) })
        {
            using var refused = await _service.GetAsync(address, ("X-Api-Key", _officer));
            Assert.Equal(
                "The download cannot be noted in the audit log now, and nothing is handed out without that; ask again later.", await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable));
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using var export = await _service.PostAsync("/api/people/exports", $$"""{"applicationId": "{{application}}"}""", ("X-Api-Key", _officer));
        await HttpService.ProblemAsync(export, HttpStatusCode.ServiceUnavailable);
        Assert.DoesNotContain(application, await export.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(before, await _service.QueryAsync(db => db.Audit.CountAsync(Cancel)));

        // As soon as it can be noted it is handed out, and noted.
        await _service.QueryAsync(db => db.Database.ExecuteSqlRawAsync("DROP TRIGGER NoAudit", Cancel));
        using var file = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _officer), ("Range", "bytes=0-9"));
        Assert.Equal(HttpStatusCode.PartialContent, file.StatusCode);
        Assert.Single(await TakenAsync());
    }

    [Fact]
    public async Task What_is_asked_for_and_cancelled_over_HTTP_is_noted_once_and_replays_are_not()
    {
        _service.Sandbox.HoldUp();
        const string Body = """{"importMode": "Full", "idempotencyKey": "nightly"}""";
        using var asked = await _service.PostAsync("/api/imports", Body, ("X-Api-Key", _officer));
        using var replayed = await _service.PostAsync("/api/imports", Body, ("X-Api-Key", _officer));
        var run = asked.Headers.Location!.ToString();
        for (var again = 0; again < 2; again++)
        {
            using var cancelled = await _service.SendAsync(HttpMethod.Delete, run, null, ("X-Api-Key", _officer));
        }

        var id = LargeRuns.IdOf(run);
        var entries = await _service.QueryAsync(db => db.Audit.AsNoTracking().Where(a => a.Detail.Contains($"{id}")).OrderBy(a => a.Id).ToListAsync(Cancel));
        Assert.Equal(
            [(AuditAction.RequestImport, "officer", $"Run {id}, a full import."), (AuditAction.CancelImport, "officer", $"Run {id}.")],
            entries.Select(entry => (entry.Action, entry.Who, entry.Detail)));
    }

    [Fact]
    public async Task The_log_is_listed_page_by_page_and_a_key_sees_its_scopes()
    {
        using var other = await _service.PostAsync("/api/imports", """{"scopeId": 2, "dryRun": true}""", ("X-Api-Key", _elsewhere));
        await _service.QueryAsync(db =>
        {
            db.Audit.Add(AuditEntry.Of(Actor.OfUser(), TimeProvider.System.GetUtcNow(), Deed.TakeBackup()));
            return db.SaveChangesAsync(Cancel);
        });
        using var file = await _service.GetAsync($"{_run}/records.csv", ("X-Api-Key", _reader));

        var seen = new List<string>();
        var next = "/api/audit?limit=1";
        while (next is not null)
        {
            var page = await HttpService.JsonAsync(await _service.GetAsync(next, ("X-Api-Key", _officer)));
            seen.AddRange(page["items"]!.AsArray().Select(item => $"{item!["action"]} {item["scopeId"]} {item["who"]}"));
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(["TakeFile 1 reader", $"TakeBackup  {Environment.UserName}", "RequestImport 2 elsewhere", "RequestImport 1 officer"], seen);
        var theirs = await HttpService.JsonAsync(await _service.GetAsync("/api/audit", ("X-Api-Key", _elsewhere)));
        Assert.Equal(["RequestImport"], theirs["items"]!.AsArray().Select(item => $"{item!["action"]}"));
        var taken = await HttpService.JsonAsync(await _service.GetAsync("/api/audit?action=takeFile&scopeId=1&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", ("X-Api-Key", _officer)));
        Assert.Single(taken["items"]!.AsArray());

        using var refused = await _service.GetAsync("/api/audit", ("X-Api-Key", _reader));
        Assert.Equal("The API key 'reader' lacks the right 'operate'.", await HttpService.ProblemAsync(refused, HttpStatusCode.Forbidden));
        Assert.StartsWith("action is 'theft'; it must be one of SetWatermark", await HttpService.ProblemAsync(await _service.GetAsync("/api/audit?action=theft", ("X-Api-Key", _officer)), HttpStatusCode.BadRequest, "action"), StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<AuditEntry>> TakenAsync() =>
        await _service.QueryAsync(db => db.Audit.AsNoTracking().Where(a => a.Action == AuditAction.TakeFile).OrderBy(a => a.Id).ToListAsync(Cancel));
}

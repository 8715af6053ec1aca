using System.Net;
using HokifyMessaging.Service.WebConsole.Assets;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>What pages show, and what they say to what is odd.</summary>
public sealed class ConsolePagesTests : IAsyncLifetime
{
    private HttpService _service = null!;
    private ConsoleClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 5);
        _client = await ConsoleClient.SignedInAsync(_service, _service.Token!);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData("/console/runs?state=Nonsense", "state is 'Nonsense'")]
    [InlineData("/console/runs?stat=Failed", "'stat' is not known; did you mean 'state'?")]
    [InlineData("/console/runs?state=Failed&state=Queued", "state is given 2 times")]
    [InlineData("/console/runs?from=31.02.2026", "from is '31.02.2026'; it must be a date such as 2026-03-01.")]
    [InlineData("/console/runs?scopeId=one", "scopeId is 'one'")]
    [InlineData("/console/runs?after=x", "after is 'x'")]
    [InlineData("/console/audit?action=Dance", "action is 'Dance'")]
    [InlineData("/console/queues?x=1", "'x' is not known")]
    public async Task An_odd_filter_is_named_and_not_ignored(string address, string said) =>
        Assert.Contains(said, await _client.PageAsync(address, HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task What_somebody_else_has_written_is_shown_as_text()
    {
        const string Hostile = "<script>alert(1)</script>=HYPERLINK(\"x\")";
        using var created = await _service.PostAsync("/api/imports", $$"""{"requestedBy": "{{Hostile.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""", ("Idempotency-Key", Hostile));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();

        foreach (var address in new[] { "/console/runs", $"/console/runs/{id}", $"/console/runs?q={Uri.EscapeDataString(Hostile)}" })
        {
            var page = await _client.Http.GetStringAsync(address, Cancel);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;=HYPERLINK(&quot;x&quot;)", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_is_found_by_its_id_its_key_the_beginning_of_it_a_record_and_words_of_a_reason()
    {
        var id = await ImportAsync("nightly/2026-03-01");
        await ImportAsync("weekly/2026-03-01");
        await _service.QueryAsync(async db =>
        {
            db.ImportRuns.Add(new ImportRun
            {
                Id = Guid.NewGuid(),
                IdempotencyKey = "broken",
                ScopeId = 1,
                State = RunState.Failed,
                Phase = RunPhase.Reading,
                CreatedAt = DateTimeOffset.UnixEpoch.AddYears(50),
                Tally = "{}",
                Failure = "hokify answers 418",
            });
            return await db.SaveChangesAsync(Cancel);
        });

        Assert.Equal("nightly/2026-03-01", Assert.Single(await FoundAsync(id.ToString())));
        Assert.Equal("nightly/2026-03-01", Assert.Single(await FoundAsync("nightly/2026-03-01")));
        Assert.Equal("weekly/2026-03-01", Assert.Single(await FoundAsync("week")));
        Assert.Equal("broken", Assert.Single(await FoundAsync("answers 418")));
        Assert.Empty(await FoundAsync("nobody"));
    }

    [Theory]
    [InlineData("de-AT,de;q=0.9,en;q=0.5", "de", "Läufe")]
    [InlineData("en-US,en;q=0.9,de;q=0.5", "en", "Runs")]
    [InlineData("fr,de;q=0.3", "de", "Läufe")]
    [InlineData("fr", "en", "Runs")]
    public async Task A_page_speaks_the_language_that_its_reader_prefers(string preferred, string language, string title)
    {
        _client.Http.DefaultRequestHeaders.Add("Accept-Language", preferred);
        var page = await _client.PageAsync("/console/runs");
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
        Assert.Contains($"<h1>{title}</h1>", page, StringComparison.Ordinal);

        using var changed = await _client.SendFormToAsync("/console/runs", "/console/language", ("to", language == "de" ? "en" : "de"), ("back", "/console/runs?state=Failed"));
        Assert.Equal("/console/runs?state=Failed", changed.Headers.Location!.OriginalString);
        Assert.DoesNotContain($"<html lang=\"{language}\">", await _client.PageAsync("/console/runs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_there_is_said_on_a_page()
    {
        Assert.Contains("There is no page at this address.", await _client.PageAsync("/console/nowhere/at/all", HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("There is no such run", await _client.PageAsync($"/console/runs/{Guid.Empty}", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console/runs?handler=whatever")]
    [InlineData("/console/runs?handler=cancel")]
    [InlineData("/console/waiting?state=Parked&handler=whatever")]
    [InlineData("/console/schedules?handler=pause&handler=add")]
    [InlineData("/console/sign-in?handler=whatever")]
    [InlineData("/console/language?handler=whatever")]
    public async Task An_address_that_names_a_button_which_its_page_does_not_have_is_none(string address)
    {
        Assert.Contains("There is no page at this address.", await _client.PageAsync(address, HttpStatusCode.NotFound), StringComparison.Ordinal);
        using var pressed = await _client.SendFormToAsync("/console/runs", address);
        Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);
    }

    [Fact]
    public async Task A_form_that_is_sent_to_a_page_without_one_finds_none_and_a_button_is_no_page()
    {
        using var pressed = await _client.SendFormToAsync("/console/runs", "/console/runs");
        Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);

        // A form that was refused stands at the address of its button, where somebody may load it again.
        Assert.Contains("<h1>Schedules</h1>", await _client.PageAsync("/console/schedules?handler=add"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_ours_is_a_page_with_the_number_under_which_the_log_has_it()
    {
        await _service.QueryAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE ImportRun RENAME TO Away", Cancel));
        using var failed = await _client.GetAsync("/console/runs");
        var page = WebUtility.HtmlDecode(await failed.Content.ReadAsStringAsync(Cancel));
        await _service.QueryAsync(db => db.Database.ExecuteSqlRawAsync("ALTER TABLE Away RENAME TO ImportRun", Cancel));

        Assert.True((int)failed.StatusCode >= 500, $"{failed.StatusCode}");
        Assert.DoesNotContain("no such table", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", page, StringComparison.Ordinal);
        _ = await _client.PageAsync("/console/runs");
    }

    [Theory]
    [InlineData("csv", "text/csv")]
    [InlineData("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    public async Task A_runs_files_are_handed_out_and_noted(string format, string mediaType)
    {
        var id = await ImportAsync("with a file");
        using var file = await _client.GetAsync($"/console/runs/{id}?handler=file&format={format}");
        Assert.Equal((HttpStatusCode.OK, mediaType), (file.StatusCode, file.Content.Headers.ContentType?.MediaType));
        Assert.NotEmpty(await file.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(1, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.TakeFile && a.Who == "local", Cancel)));
        Assert.Contains("format is 'pdf'", await _client.PageAsync($"/console/runs/{id}?handler=file&format=pdf", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_load_nothing_but_the_style_sheet_the_script_and_the_picture_and_these_may_be_kept()
    {
        using var page = await _client.GetAsync("/console/runs");
        Assert.Equal(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        foreach (var asset in new[] { ConsoleAssets.Style, ConsoleAssets.Script, ConsoleAssets.Icon })
        {
            using var answer = await _client.GetAsync(asset.Address);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            Assert.Equal(asset.Bytes, await answer.Content.ReadAsByteArrayAsync(Cancel));
        }

        Assert.InRange(ConsoleAssets.Script.Bytes.Length, 1, 6 * 1024);
    }

    private async Task<Guid> ImportAsync(string key)
    {
        using var created = await _service.PostAsync("/api/imports", "{}", ("Idempotency-Key", key));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await _service.UntilAsync($"/api/imports/{id}", "Completed");
        return id;
    }

    private async Task<string[]> FoundAsync(string text)
    {
        var page = await _client.PageAsync($"/console/runs?q={Uri.EscapeDataString(text)}");
        return [.. System.Text.RegularExpressions.Regex.Matches(page, "<a class=\"name\" href=\"[^\"]+\">([^<]+)</a>").Select(match => match.Groups[1].Value)];
    }
}

using System.Net;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.WebConsole.SignIn;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>Who gets into the console, and what they see and may do there.</summary>
public sealed class ConsoleAccessTests : IAsyncLifetime
{
    /// <summary>What is open to all, and why that tells nobody anything.</summary>
    private static readonly Dictionary<string, string> Open = new(StringComparer.Ordinal)
    {
        ["console/sign-in"] = "is where one gets in",
        ["console/sign-out"] = "ends a session that there is",
        ["console/language"] = "chooses a language",
        ["/console/console.css"] = "is the style sheet",
        ["/console/console.js"] = "is the script",
        ["/console/icon.svg"] = "is the picture",
    };

    private readonly string _mine = ApiKey.Create();
    private readonly string _theirs = ApiKey.Create();
    private readonly string _reader = ApiKey.Create();
    private readonly string _importer = ApiKey.Create();
    private HttpService _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await HttpService.StartAsync(applications: 5, settings:
    [
        .. Key("mine", _mine, "1", "read,import,operate"),
        .. Key("theirs", _theirs, "2", "read,import,operate"),
        .. Key("reader", _reader, "all", "read"),
        .. Key("importer", _importer, "all", "import"),
    ]);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public void Every_page_names_a_right_or_is_open_for_a_reason()
    {
        var pages = _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("console", StringComparison.Ordinal)).ToList();

        Assert.All(pages, page =>
        {
            var isOpen = page.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            Assert.True(Open.ContainsKey(page.RoutePattern.RawText!) == isOpen, page.RoutePattern.RawText);
            Assert.True(isOpen || page.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(wanted => Rights.All.Contains(wanted.Policy)), page.RoutePattern.RawText);
        });
        Assert.True(pages.Count >= 11, string.Join(", ", pages.Select(page => page.RoutePattern.RawText)));
    }

    [Fact]
    public async Task A_session_that_was_ended_is_ended_for_every_copy_of_its_cookie_and_for_no_other_session()
    {
        using var owner = await ConsoleClient.SignedInAsync(_service, _mine);
        using var other = await ConsoleClient.SignedInAsync(_service, _mine);
        using var thief = ConsoleClient.At(_service);
        thief.Cookies.Add(owner.Cookies.GetCookies(new Uri(_service.Address, "/console")));
        await thief.PageAsync("/console/runs");

        using var left = await owner.SendFormToAsync("/console/runs", "/console/sign-out");
        using var refused = await thief.GetAsync("/console/runs");
        using var live = await thief.GetAsync("/console/live");

        Assert.StartsWith("/console/sign-in", refused.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, live.StatusCode);
        await other.PageAsync("/console/runs");
        using var again = await ConsoleClient.SignedInAsync(_service, _mine);
        await again.PageAsync("/console/runs");
    }

    [Fact]
    public async Task Whoever_has_not_signed_in_does_so_first_and_comes_to_the_page_they_wanted()
    {
        using var client = ConsoleClient.At(_service);
        using var asked = await client.GetAsync("/console/runs?state=Failed");
        Assert.Equal(HttpStatusCode.Found, asked.StatusCode);
        var signIn = asked.Headers.Location!.PathAndQuery;
        Assert.StartsWith("/console/sign-in?to=", signIn, StringComparison.Ordinal);
        using var first = await client.GetAsync("/");
        Assert.Equal("/console/runs", first.Headers.Location!.OriginalString);

        using var wrong = await client.SendFormToAsync(signIn, "/console/sign-in", ("key", ApiKey.Create()), ("to", "/console/runs?state=Failed"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("This API key is not valid.", await wrong.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var right = await client.SendFormToAsync(signIn, "/console/sign-in", ("key", $" {_mine} "), ("to", "/console/runs?state=Failed"));
        Assert.Equal("/console/runs?state=Failed", right.Headers.Location!.OriginalString);
        var cookie = right.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith("hokify-session", StringComparison.Ordinal));
        Assert.All(["httponly", "samesite=strict", "path=/console"], flag => Assert.Contains(flag, cookie, StringComparison.Ordinal));
        Assert.DoesNotContain(_mine, cookie, StringComparison.Ordinal);
        Assert.Contains("No run matches.", await client.PageAsync("/console/runs?state=Failed"), StringComparison.Ordinal);

        // Elsewhere leads nowhere.
        using var away = await client.SendFormAsync("/console/sign-in", ("key", _mine), ("to", "https://elsewhere.example/"));
        Assert.Equal("/console", away.Headers.Location!.OriginalString);
        using var left = await client.SendFormToAsync("/console/runs", "/console/sign-out");
        using var again = await client.GetAsync("/console/runs");
        Assert.StartsWith("/console/sign-in", again.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_no_API_key_and_an_API_key_is_no_session()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _mine);
        using var api = await client.GetAsync("/api/imports");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        using var page = await _service.GetAsync("/console/runs", ("X-Api-Key", _mine));
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
    }

    [Fact]
    public async Task A_run_of_another_scope_is_as_absent_as_one_that_never_was()
    {
        var id = await ImportAsync(1, "of scope 1");
        using var theirs = await ConsoleClient.SignedInAsync(_service, _theirs);
        var hidden = await theirs.PageAsync($"/console/runs/{id}", HttpStatusCode.NotFound);
        var absent = await theirs.PageAsync($"/console/runs/{Guid.Empty}", HttpStatusCode.NotFound);
        Assert.Equal(Sentence(absent), Sentence(hidden));
        Assert.DoesNotContain("of scope 1", await theirs.PageAsync("/console/runs?q=of"), StringComparison.Ordinal);
        Assert.DoesNotContain("Gasthaus 1", await theirs.PageAsync("/console/runs"), StringComparison.Ordinal);
        Assert.Contains("not among the scopes of the API key", await theirs.PageAsync("/console/runs?scopeId=1", HttpStatusCode.Forbidden), StringComparison.Ordinal);
        using var pressed = await theirs.SendFormToAsync("/console/runs", $"/console/runs/{id}?handler=announce");
        Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);
        Assert.Contains("may not see this page", await theirs.PageAsync("/console/queues", HttpStatusCode.Forbidden), StringComparison.Ordinal);

        using var mine = await ConsoleClient.SignedInAsync(_service, _mine);
        Assert.Contains("of scope 1", await mine.PageAsync($"/console/runs/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_button_that_a_key_may_not_press_is_not_there_and_does_nothing()
    {
        var id = await ImportAsync(1, "read only");
        using var reader = await ConsoleClient.SignedInAsync(_service, _reader);
        Assert.DoesNotContain("Announce again", await reader.PageAsync($"/console/runs/{id}"), StringComparison.Ordinal);
        Assert.DoesNotContain("/console/audit", await reader.PageAsync("/console/runs"), StringComparison.Ordinal);
        using var pressed = await reader.SendFormToAsync("/console/runs", $"/console/runs/{id}?handler=announce");
        Assert.Equal(HttpStatusCode.Forbidden, pressed.StatusCode);
        Assert.Contains("lacks the right", WebUtility.HtmlDecode(await pressed.Content.ReadAsStringAsync(Cancel)), StringComparison.Ordinal);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.AnnounceImport, Cancel)));

        using var importer = await ConsoleClient.SignedInAsync(_service, _importer);
        Assert.Contains("may not see this page", await importer.PageAsync("/console/runs", HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_comes_from_elsewhere_does_nothing()
    {
        var id = await ImportAsync(1, "forged");
        using var client = await ConsoleClient.SignedInAsync(_service, _mine);
        using var form = new FormUrlEncodedContent([]);
        using var answer = await client.Http.PostAsync($"/console/runs/{id}?handler=announce", form, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Nothing was changed.", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.AnnounceImport, Cancel)));
    }

    [Fact]
    public async Task A_session_ends_when_its_key_is_another_one_or_is_gone()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _mine);
        foreach (var hash in new[] { KeyHash.Of(ApiKey.Create()).ToString(), null })
        {
            var before = _service.Settings["Http:Keys:mine:Hash"];
            await _service.StopApplicationAsync();
            _service.Settings["Http:Keys:mine:Hash"] = hash;
            if (hash is null)
            {
                foreach (var setting in _service.Settings.Keys.Where(key => key.StartsWith("Http:Keys:mine", StringComparison.Ordinal)).ToList())
                {
                    _service.Settings.Remove(setting);
                }
            }

            await _service.StartApplicationAsync();
            using var moved = ConsoleClient.At(_service);
            foreach (Cookie cookie in client.Cookies.GetAllCookies())
            {
                moved.Cookies.Add(new Cookie(cookie.Name, cookie.Value, cookie.Path, cookie.Domain));
            }

            using var answer = await moved.GetAsync("/console/runs");
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Whoever_guesses_keys_is_soon_told_to_wait_on_a_page()
    {
        using var client = ConsoleClient.At(_service);
        HttpStatusCode status;
        var tries = 0;
        do
        {
            using var answer = await client.SendFormAsync("/console/sign-in", ("key", ApiKey.Create()));
            status = answer.StatusCode;
            if (status == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
                Assert.NotNull(answer.Headers.RetryAfter);
            }
        }
        while (status == HttpStatusCode.Unauthorized && ++tries < 50);

        Assert.Equal((HttpStatusCode.TooManyRequests, 10), (status, tries));
    }

    [Fact]
    public async Task Without_keys_the_link_of_the_start_opens_the_console_once_and_what_the_file_holds_always()
    {
        await using var local = await HttpService.StartAsync(applications: 1);
        var link = local.Services.GetRequiredService<LocalLink>().At(local.Address.ToString())!;
        using var first = ConsoleClient.At(local);
        using var opened = await first.GetAsync(link);
        Assert.Equal("/console", opened.Headers.Location!.OriginalString);
        Assert.Contains("Nothing has been imported yet", await first.PageAsync("/console/runs"), StringComparison.Ordinal);

        using var second = ConsoleClient.At(local);
        Assert.Contains("This link was used before", await second.PageAsync(link), StringComparison.Ordinal);
        using var third = await ConsoleClient.SignedInAsync(local, local.Token!);
        Assert.Contains("Nothing has been imported yet", await third.PageAsync("/console/runs"), StringComparison.Ordinal);

        // Who is let in by a proxy, or comes from a page of another site, is not at this machine.
        foreach (var (header, value) in new[] { ("X-Forwarded-For", "192.0.2.1"), ("Sec-Fetch-Site", "cross-site"), ("Host", "hokify.elsewhere.example") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/console/runs") { Headers = { { header, value } } };
            using var refused = await third.Http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    private async Task<Guid> ImportAsync(int scopeId, string key)
    {
        using var created = await _service.PostAsync("/api/imports", $$"""{"scopeId": {{scopeId}}}""", ("X-Api-Key", scopeId == 1 ? _mine : _theirs), ("Idempotency-Key", key));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await Importing.ImportSetup.Until(async () => await _service.QueryAsync(db => db.ImportRuns.AnyAsync(run => run.Id == id && run.State == RunState.Completed, Cancel)));
        return id;
    }

    private static string Sentence(string page) => Regex.Match(page, "<p class=\"error\">(.*?)</p>").Groups[1].Value;

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];
}

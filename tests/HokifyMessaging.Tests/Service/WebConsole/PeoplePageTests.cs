using System.Net;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>Somebody is looked for, told what is stored, and erased, in the console.</summary>
public sealed class PeoplePageTests : IAsyncLifetime
{
    private const string Page = "/console/people";

    private readonly string _all = ApiKey.Create();
    private readonly string _operator = ApiKey.Create();
    private readonly string _other = ApiKey.Create();
    private HttpService _service = null!;
    private Candidate _person = null!;
    private string _application = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 5, settings:
        [
            .. Key("all", _all, "all", "read,import,operate,personal"),
            .. Key("operator", _operator, "all", "read,operate"),
            .. Key("other", _other, "2", "read,operate,personal"),
        ]);
        using var created = await _service.PostAsync("/api/imports", "{}", ("X-Api-Key", _all));
        await Importing.ImportSetup.Until(async () => await _service.QueryAsync(db => db.ImportRuns.AnyAsync(run => run.State == RunState.Completed, Cancel)));
        var profile = await _service.QueryAsync(db => db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate).OrderBy(p => p.Id).FirstAsync(Cancel));
        (_person, _application) = (profile.Candidate!, profile.ReferenceId);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Who_may_see_values_of_people_sees_the_name_and_gets_what_is_stored()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _all);
        var page = await TextAsync(await client.SendFormToAsync(Page, $"{Page}?handler=find", ("by", "Application"), ("value", _application)));
        Assert.Contains(_person.ReferenceId, page, StringComparison.Ordinal);
        Assert.Contains(_person.Columns.DisplayName!, page, StringComparison.Ordinal);

        using var file = await client.SendFormToAsync(Page, $"{Page}?handler=export", ("by", "Person"), ("value", _person.ReferenceId), ("format", "html"));
        Assert.Equal("attachment; filename=hokify-person.html", file.Content.Headers.ContentDisposition!.ToString());
        Assert.Contains(_person.Columns.Email!, await TextAsync(file), StringComparison.Ordinal);
        Assert.Equal(1, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.ExportPeople && a.Who == "all", Cancel)));
    }

    [Fact]
    public async Task Who_may_not_sees_ids_and_is_handed_nothing_out()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _operator);
        var page = await TextAsync(await client.SendFormToAsync(Page, $"{Page}?handler=find", ("by", "Address"), ("value", _person.Columns.Email!)));
        Assert.Contains(_person.ReferenceId, page, StringComparison.Ordinal);
        Assert.DoesNotContain(_person.Columns.DisplayName!, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Hand out what is stored", page, StringComparison.Ordinal);
        using var file = await client.SendFormToAsync(Page, $"{Page}?handler=export", ("by", "Person"), ("value", _person.ReferenceId));
        Assert.Equal(HttpStatusCode.Forbidden, file.StatusCode);
    }

    [Fact]
    public async Task Who_is_erased_is_gone_and_the_erasure_stands_in_the_list()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _operator);
        using var unsure = await client.SendFormToAsync(Page, $"{Page}?handler=erase", ("by", "Application"), ("value", _application));
        Assert.Equal(HttpStatusCode.BadRequest, unsure.StatusCode);
        using var done = await client.SendFormToAsync(Page, $"{Page}?handler=erase", ("by", "Application"), ("value", _application), ("sure", "yes"), ("reason", "asked by letter"));
        Assert.Equal(Page, done.Headers.Location!.OriginalString);

        var page = await client.PageAsync(Page);
        Assert.Contains("Erased: 1 person", page, StringComparison.Ordinal);
        Assert.Contains("asked by letter", page, StringComparison.Ordinal);
        Assert.DoesNotContain(_application, page, StringComparison.Ordinal);
        Assert.False(await _service.QueryAsync(db => db.CandidateProfiles.AnyAsync(p => p.ReferenceId == _application, Cancel)));
    }

    [Fact]
    public async Task The_run_that_stored_who_is_erased_offers_nothing_to_ask_for()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _operator);
        using var done = await client.SendFormToAsync(Page, $"{Page}?handler=erase", ("by", "Application"), ("value", _application), ("sure", "yes"), ("reason", "asked by letter"));

        var run = await _service.QueryAsync(db => db.ActivityLogs.Where(log => log.ReferenceId == ErasedRow.Reference).Select(log => log.RunId).FirstAsync(Cancel));
        var page = await client.PageAsync($"/console/runs/{run}");
        Assert.Contains("<td>erased</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"erased\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"asked\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_that_the_key_does_not_see_is_not_looked_through()
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _other);
        using var answer = await client.SendFormToAsync(Page, $"{Page}?handler=find", ("scopeId", "1"), ("by", "Application"), ("value", _application));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Darunter", await TextAsync(await German(client).SendFormToAsync(Page, $"{Page}?handler=find", ("scopeId", "2"), ("by", "Application"), ("value", _application))), StringComparison.Ordinal);
        Assert.DoesNotContain("Gasthaus 1", await client.PageAsync("/console/retention"), StringComparison.Ordinal);

        static ConsoleClient German(ConsoleClient client)
        {
            client.Http.DefaultRequestHeaders.Add("Accept-Language", "de");
            return client;
        }
    }

    [Theory]
    [InlineData("Address", "nobody")]
    [InlineData("Application", "5,07E+23")]
    [InlineData("Application", "")]
    public async Task What_names_nobody_is_told(string by, string value)
    {
        using var client = await ConsoleClient.SignedInAsync(_service, _all);
        using var answer = await client.SendFormToAsync(Page, $"{Page}?handler=find", ("by", by), ("value", value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("What you gave", await TextAsync(answer), StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];
}

using System.Net;
using HokifyMessaging.Privacy;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>All that is stored about somebody, over HTTP.</summary>
public sealed class ExportsEndpointTests : IAsyncLifetime
{
    private const string Exports = "/api/people/exports";

    private readonly string _officer = ApiKey.Create();
    private HttpService _service = null!;
    private string _application = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 6, settings: GuardedService.Key("officer", _officer, scopes: "1"));
        await _service.ImportWithAsync(_officer);
        _application = await _service.QueryAsync(db => db.CandidateProfiles.OrderBy(p => p.Id).Select(p => p.ReferenceId).FirstAsync(Cancel));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_JSON_is_that_of_the_verb_and_the_page_runs_nothing()
    {
        using var json = await PostAsync($$"""{"applicationId": "{{_application}}"}""");
        using var page = await PostAsync($$"""{"applicationId": "{{_application}}", "format": "html", "language": "en"}""");

        var told = await HttpService.JsonAsync(json);
        Assert.Equal(("hokify-people/1", _application), (told["format"]!.GetValue<string>(), told["people"]![0]!["rows"]!["CandidateProfile"]![0]!["ReferenceId"]!.GetValue<string>()));
        Assert.NotEqual(Mask.Text, told["people"]![0]!["rows"]!["Candidate"]![0]!["DisplayName"]!.GetValue<string>());
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", html, StringComparison.Ordinal);
        Assert.All([json, page], answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        });
        Assert.Equal(("hokify-person.json", "hokify-person.html"), (json.Content.Headers.ContentDisposition!.FileName, page.Content.Headers.ContentDisposition!.FileName));
        Assert.Equal(("application/json; charset=utf-8", "text/html; charset=utf-8"), ($"{json.Content.Headers.ContentType}", $"{page.Content.Headers.ContentType}"));

        // The header and the page's own policy both let its style be, and nothing else.
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith(PeoplePage.Policy, policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script", policy, StringComparison.Ordinal);

        var audit = await _service.QueryAsync(db => db.Audit.AsNoTracking().Where(a => a.Action == AuditAction.ExportPeople).OrderBy(a => a.Id).ToListAsync(Cancel));
        Assert.Equal(
            [("officer", 1, "People whose data was exported: 1; their applications: 1; as json."), ("officer", 1, "People whose data was exported: 1; their applications: 1; as html.")],
            audit.Select(entry => (entry.Who, entry.ScopeId, entry.Detail)));
    }

    [Fact]
    public async Task Several_people_of_one_address_are_refused_with_what_is_needed_or_handed_out_together()
    {
        var people = await _service.QueryAsync(async db =>
        {
            var some = await db.Candidates.OrderBy(c => c.Id).Take(2).ToListAsync(Cancel);
            some.ForEach(candidate => candidate.Columns = candidate.Columns with { Email = "familie@example.at" });
            await db.SaveChangesAsync(Cancel);
            return some.ConvertAll(candidate => candidate.ReferenceId);
        });

        var refused = await HttpService.ProblemAsync(await PostAsync("""{"email": "Familie@example.at"}"""), HttpStatusCode.Conflict);
        Assert.Equal($"email names 2 people, and nothing was handed out; name one of them by personId {people[0]}, or personId {people[1]}; or say with all that all of them are meant.", refused);
        var all = await HttpService.JsonAsync(await PostAsync("""{"email": "Familie@example.at", "all": true}"""));
        Assert.Equal(2, all["people"]!.AsArray().Count);
    }

    [Fact]
    public async Task Nobody_a_scope_that_the_key_does_not_see_and_a_missing_right_are_told_apart_from_each_other_and_note_nothing()
    {
        Assert.Equal("email names nobody who is stored in this scope, and nothing that waits there names them.", await HttpService.ProblemAsync(await PostAsync("""{"email": "keine@example.at"}"""), HttpStatusCode.NotFound));
        await HttpService.ProblemAsync(await PostAsync("""{"scopeId": 2, "personId": "p1"}"""), HttpStatusCode.Forbidden, "scopeId");
        using var erased = await _service.PostAsync("/api/people/erasures", $$"""{"applicationId": "{{_application}}"}""", ("X-Api-Key", _officer));
        Assert.StartsWith(
            "applicationId names somebody who was erased in this scope on ", await HttpService.ProblemAsync(await PostAsync($$"""{"applicationId": "{{_application}}"}"""), HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Equal(0, await _service.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.ExportPeople, Cancel)));
    }

    [Theory]
    [InlineData("operate", "personal")]
    [InlineData("personal", "operate")]
    [InlineData("read,import", "operate")]
    public async Task It_takes_two_rights(string rights, string missing)
    {
        var key = ApiKey.Create();
        await using var service = await HttpService.StartAsync(applications: 0, settings: GuardedService.Key("crm", key, rights: rights));

        using var answer = await service.PostAsync(Exports, """{"personId": "p1"}""", ("X-Api-Key", key));

        Assert.Equal($"The API key 'crm' lacks the right '{missing}'.", await HttpService.ProblemAsync(answer, HttpStatusCode.Forbidden));
    }

    [Theory]
    [InlineData("{}", "body", "The body must name somebody by one of applicationId, personId and email; none is given. A good body is")]
    [InlineData("""{"personId": "p1", "format": "pdf"}""", "format", "format is 'pdf'; it must be json or html.")]
    [InlineData("""{"personId": "p1", "format": "html", "language": "fr"}""", "language", "language is 'fr'; it must be de or en.")]
    [InlineData("""{"personId": "p1", "language": "de"}""", "language", "language is for html; the JSON has both languages.")]
    [InlineData("""{"personId": "p1", "langage": "de"}""", "body", "The body cannot be read ('langage' is not known; did you mean 'language'?).")]
    [InlineData("""{"personId": "p1", "format": 1}""", "body", "The body cannot be read (format is a number; it must be a text or null; path $.format).")]
    public async Task What_cannot_be_read_is_refused_with_what_would_be_right(string body, string parameter, string sentence) =>
        Assert.StartsWith(sentence, await HttpService.ProblemAsync(await PostAsync(body), HttpStatusCode.BadRequest, parameter), StringComparison.Ordinal);

    [Fact]
    public async Task Erasures_and_exports_are_counted_by_scope()
    {
        using var watched = new Watched();
        using var export = await PostAsync($$"""{"applicationId": "{{_application}}"}""");
        using var erased = await _service.PostAsync("/api/people/erasures", $$"""{"applicationId": "{{_application}}"}""", ("X-Api-Key", _officer));

        // Other tests may count in the same scope at the same time.
        Assert.Contains(watched.Of(TelemetryNames.PeopleExports, 1), figure => figure.Value == 1);
        foreach (var element in new[] { "Candidate", "CandidateProfile" })
        {
            Assert.Contains(watched.Of(TelemetryNames.PeopleErased, 1), figure => figure.Value >= 1 && element.Equals(figure.Tag(TelemetryNames.Element)));
        }
    }

    private Task<HttpResponseMessage> PostAsync(string body) => _service.PostAsync(Exports, body, ("X-Api-Key", _officer));
}

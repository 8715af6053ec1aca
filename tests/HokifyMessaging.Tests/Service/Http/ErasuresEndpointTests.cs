using System.Net;
using System.Text.Json.Nodes;
using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Erasures over HTTP.</summary>
public sealed class ErasuresEndpointTests : IAsyncLifetime
{
    private const string Erasures = "/api/people/erasures";

    private readonly string _operator = ApiKey.Create();
    private readonly string _elsewhere = ApiKey.Create();
    private readonly string _importer = ApiKey.Create();
    private HttpService _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await HttpService.StartAsync(applications: 6, settings:
    [
        .. GuardedService.Key("office", _operator, "1", "operate"),
        .. GuardedService.Key("elsewhere", _elsewhere, "2", "operate"),
        .. GuardedService.Key("importer", _importer, "1", "import"),
    ]);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Whoever_is_named_is_erased_and_asked_for_again_it_is_the_same_answer()
    {
        await ImportAsync("first");
        var id = await FirstApplicationAsync();

        var erased = await EraseAsync($$"""{"applicationId": "{{id}}", "reason": "file 2026/17"}""", HttpStatusCode.OK);
        var again = await EraseAsync($$"""{"applicationId": "{{id}}"}""", HttpStatusCode.OK);

        Assert.Equal(("Done", "office", "file 2026/17", 1), (erased["state"]!.GetValue<string>(), erased["requestedBy"]!.GetValue<string>(), erased["reason"]!.GetValue<string>(), erased["people"]!.GetValue<int>()));
        Assert.Equal(erased.ToJsonString(), again.ToJsonString());
        await ImportAsync("second");
        Assert.Equal(0, await QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.ReferenceId == id, Cancel)));
    }

    [Fact]
    public async Task While_an_import_is_at_work_it_waits_and_is_carried_out_when_that_has_ended()
    {
        await ImportAsync("first");
        var id = await FirstApplicationAsync();
        var (runs, request) = (_service.Services.GetRequiredService<RunStore>(), new ImportRequest("by hand", 1, HokifyMessaging.Contracts.ImportMode.Full, null, false, null));
        await using var run = Assert.IsType<ImportOutcome.Claimed>(await runs.OpenAsync(request, mayWork: true, Cancel)).Run;

        var waits = await EraseAsync($$"""{"applicationId": "{{id}}"}""", HttpStatusCode.Accepted);
        Assert.Equal(waits.ToJsonString(), (await GetAsync($"{Erasures}/{waits["id"]}", _operator)).ToJsonString());
        Assert.Single((await GetAsync($"{Erasures}?state=waiting", _operator))["items"]!.AsArray());
        Assert.Equal(("Waiting", 0), (waits["state"]!.GetValue<string>(), waits["people"]!.GetValue<int>()));
        await runs.CancelAsync(run, Cancel);

        // Whatever run ends next makes way, behind its announcement.
        await ImportAsync("second");
        var requests = _service.Services.GetRequiredService<ErasureRequests>();
        ErasureView? done = null;
        await HostedImport.Until(async () => (done = await requests.FindAsync(waits["id"]!.GetValue<Guid>(), scopeIds: null, Cancel))!.State == ErasureState.Done);

        Assert.Equal(1, done!.People);
    }

    [Fact]
    public async Task What_has_become_of_one_is_told_where_its_Location_points_and_in_the_list_of_its_scope()
    {
        var made = new List<string>();
        foreach (var id in new[] { "nobody-1", "nobody-2", "nobody-3" })
        {
            using var answer = await PostAsync($$"""{"personId": "{{id}}", "reason": "file {{id}}"}""", _operator);
            var erasure = await HttpService.JsonAsync(answer);
            Assert.Equal($"{Erasures}/{erasure["id"]}", answer.Headers.Location!.ToString());
            Assert.Equal(erasure.ToJsonString(), (await GetAsync($"{answer.Headers.Location}", _operator)).ToJsonString());
            using var elsewhere = await _service.GetAsync($"{answer.Headers.Location}", ("X-Api-Key", _elsewhere));
            await HttpService.ProblemAsync(elsewhere, HttpStatusCode.NotFound);
            made.Insert(0, $"{erasure["id"]}");
        }

        var seen = new List<string>();
        string? next = $"{Erasures}?scopeId=1&state=done&limit=2";
        while (next is not null)
        {
            var page = await GetAsync(next, _operator);
            seen.AddRange(page["items"]!.AsArray().Select(item => $"{item!["id"]}"));
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(made, seen);
        Assert.Empty((await GetAsync($"{Erasures}?state=waiting", _operator))["items"]!.AsArray());
        Assert.Empty((await GetAsync(Erasures, _elsewhere))["items"]!.AsArray());
        using var unknown = await _service.GetAsync($"{Erasures}?after={made[0]}", ("X-Api-Key", _elsewhere));
        Assert.Equal($"There is no erasure {made[0]} to go on behind; 'after' must be the id of a listed erasure.", await HttpService.ProblemAsync(unknown, HttpStatusCode.BadRequest, "after"));
        using var odd = await _service.GetAsync($"{Erasures}?after=17", ("X-Api-Key", _operator));
        Assert.Equal("after is '17'; it must be the id of the last erasure of the page before.", await HttpService.ProblemAsync(odd, HttpStatusCode.BadRequest, "after"));
    }

    [Fact]
    public async Task With_a_key_that_was_changed_since_the_service_began_nothing_is_taken()
    {
        await QueryAsync(db => db.ErasedKeys.Where(e => e.ScopeId == ErasedKey.OfNobody).ExecuteDeleteAsync(Cancel));
        await QueryAsync(db =>
        {
            db.ErasedKeys.Add(new ErasedKey { ScopeId = ErasedKey.OfNobody, Hash = new byte[32], ErasedAt = DateTimeOffset.UnixEpoch });
            return db.SaveChangesAsync(Cancel);
        });

        var problem = await HttpService.ProblemAsync(await PostAsync("""{"personId": "p1"}""", _operator), HttpStatusCode.ServiceUnavailable);

        Assert.StartsWith("The erasure key of the database was changed while the service was running", problem, StringComparison.Ordinal);
        Assert.Equal(0, await QueryAsync(db => db.ErasureRequests.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_scope_that_the_key_does_not_see_and_a_right_that_it_lacks_are_refused()
    {
        await HttpService.ProblemAsync(await PostAsync("""{"personId": "p1"}""", _elsewhere), HttpStatusCode.Forbidden, "scopeId");
        Assert.Contains("lacks the right", await HttpService.ProblemAsync(await PostAsync("""{"personId": "p1"}""", _importer), HttpStatusCode.Forbidden), StringComparison.Ordinal);
        Assert.Equal(0, await QueryAsync(db => db.ErasureRequests.CountAsync(Cancel)));
    }

    [Fact]
    public async Task An_id_that_nobody_has_is_kept_out_and_an_address_that_nobody_has_is_not_there()
    {
        var kept = await EraseAsync("""{"personId": "nobody-1"}""", HttpStatusCode.OK);

        Assert.Equal(("Done", 0), (kept["state"]!.GetValue<string>(), kept["people"]!.GetValue<int>()));
        Assert.StartsWith("Nobody in scope 1 has that address", await HttpService.ProblemAsync(await PostAsync("""{"email": "keine@example.at"}""", _operator), HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Equal(1, await QueryAsync(db => db.ErasureRequests.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("[]", "body", "The body is an array, not a JSON object.")]
    [InlineData("{}", "body", "The body must name somebody by one of applicationId, personId and email; none is given.")]
    [InlineData("""{"applicationId": "a1", "email": "a@example.at"}""", "body", "The body must name somebody by one of applicationId, personId and email; applicationId and email is given.")]
    [InlineData("""{"aplicationId": "a1"}""", "body", "The body cannot be read ('aplicationId' is not known; did you mean 'applicationId'?).")]
    [InlineData("""{"personId": "p1", "personId": "p2"}""", "body", "The body cannot be read ('personId' is given twice).")]
    [InlineData("""{"personId": 17}""", "body", "The body cannot be read (personId is a number; it must be a text or null; path $.personId).")]
    [InlineData("""{"personId": "p1", "all": "yes"}""", "body", "The body cannot be read (all is a text; it must be true or false; path $.all).")]
    [InlineData("""{"personId": "p1", "scopeId": 1.5}""", "body", "The body cannot be read (scopeId is a number; it must be a whole number; path $.scopeId).")]
    [InlineData("""{"personId": "p1", "all": true}""", "all", "all is for email: personId names one person.")]
    [InlineData("""{"personId": "p 1"}""", "personId", "personId ")]
    [InlineData("""{"email": "nobody"}""", "email", "email is no mail address; expected is one such as jobs@example.at.")]
    [InlineData("""{"personId": "p1", "reason": " "}""", "reason", "reason is blank; leave it out where there is none.")]
    public async Task What_names_nobody_is_refused_with_what_would_be_right(string body, string parameter, string sentence)
    {
        Assert.StartsWith(sentence, await HttpService.ProblemAsync(await PostAsync(body, _operator), HttpStatusCode.BadRequest, parameter), StringComparison.Ordinal);
        Assert.Equal(0, await QueryAsync(db => db.ErasureRequests.CountAsync(Cancel)));
    }

    private async Task ImportAsync(string key)
    {
        using var created = await _service.PostAsync("/api/imports", """{"scopeId": 1, "importMode": "Full"}""", ("Idempotency-Key", key), ("X-Api-Key", _importer));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await _service.Services.GetRequiredService<ImportRequests>().WaitAsync(id, TimeSpan.FromMinutes(1), Cancel);
    }

    private Task<string> FirstApplicationAsync() => QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == 1 && !p.IsDeleted).OrderBy(p => p.Id).Select(p => p.ReferenceId).FirstAsync(Cancel));

    private async Task<JsonNode> GetAsync(string address, string key)
    {
        using var answer = await _service.GetAsync(address, ("X-Api-Key", key));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await HttpService.JsonAsync(answer);
    }

    private Task<HttpResponseMessage> PostAsync(string body, string key) => _service.PostAsync(Erasures, body, ("X-Api-Key", key));

    private async Task<JsonNode> EraseAsync(string body, HttpStatusCode expected)
    {
        using var answer = await PostAsync(body, _operator);
        Assert.Equal(expected, answer.StatusCode);
        return await HttpService.JsonAsync(answer);
    }

    private async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = await _service.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }
}

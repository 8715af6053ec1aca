using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Wording;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Over HTTP the key says who asks; the request says on whose behalf.</summary>
public sealed class RequesterTests : IAsyncLifetime
{
    private const string Imports = "/api/imports";

    private readonly string _crm = ApiKey.Create();
    private readonly string _nightly = ApiKey.Create();
    private HttpService _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _service = await HttpService.StartAsync(applications: 2, settings: [.. GuardedService.Key("crm", _crm), .. GuardedService.Key("nightly_job", _nightly)]);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData(null, "crm")]
    [InlineData("", "crm")]
    [InlineData("  ", "crm")]
    [InlineData("scheduler", "crm (on behalf of scheduler)")]
    [InlineData("nightly_job", "crm (on behalf of nightly_job)")]
    [InlineData("crm", "crm (on behalf of crm)")]
    [InlineData("nobody) nightly_job (on behalf of x", "crm (on behalf of nobody) nightly_job (on behalf of x)")]
    [InlineData("Büro 工作 😀", "crm (on behalf of Büro 工作 😀)")]
    public async Task Whatever_a_request_says_the_keys_name_comes_first_in_the_run_and_in_its_event(string? says, string requestedBy)
    {
        var body = JsonSerializer.Serialize(new { scopeId = 1, dryRun = true, requestedBy = says });
        using var created = await _service.PostAsync(Imports, body, ("X-Api-Key", _crm));
        using var waited = await _service.PostAsync(HttpService.Endpoint, body, ("X-Api-Key", _crm));
        using var asked = await _service.GetAsync($"{HttpService.Endpoint}?dryRun=true&requestedBy={Uri.EscapeDataString(says ?? "")}", ("X-Api-Key", _crm));
        var run = await UntilCompletedAsync(created.Headers.Location!.ToString());
        var list = await HttpService.JsonAsync(await _service.GetAsync(Imports, ("X-Api-Key", _nightly)));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (waited.StatusCode, asked.StatusCode));
        Assert.Equal(requestedBy, run["summary"]!["requestedBy"]!.GetValue<string>());
        Assert.Equal([requestedBy, requestedBy, requestedBy], list["items"]!.AsArray().Select(item => item!["requestedBy"]!.GetValue<string>()));
        var events = await _service.QueryAsync(db => db.ImportRuns.Select(r => r.CompletedEvent!).ToListAsync(Cancel));
        Assert.All(events, stored => Assert.Equal(requestedBy, JsonSerializer.Deserialize<HokifyImportCompleted>(stored)!.RequestedBy));
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_whoever_posts_it_and_on_whose_behalf()
    {
        var answers = new List<HttpResponseMessage>();
        foreach (var (key, says) in new[] { (_crm, "one"), (_crm, "one"), (_crm, "another"), (_nightly, "one"), (_nightly, "") })
        {
            answers.Add(await _service.PostAsync(Imports, JsonSerializer.Serialize(new { requestedBy = says }), ("X-Api-Key", key), ("Idempotency-Key", "nightly")));
        }

        Assert.All(answers, answer => Assert.True(answer.IsSuccessStatusCode));
        Assert.Single(answers.Select(answer => JsonNode.Parse(answer.Content.ReadAsStringAsync(Cancel).Result)!["runId"]!.GetValue<Guid>()).Distinct());
        Assert.Equal("crm (on behalf of one)", (await _service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel))).RequestedBy);
        answers.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task What_does_not_fit_beside_the_name_is_refused_with_the_room_that_there_is()
    {
        var most = 200 - "crm (on behalf of )".Length;
        using var fits = await _service.PostAsync(Imports, Says(new string('r', most)), ("X-Api-Key", _crm));
        using var tooLong = await _service.PostAsync(Imports, Says(new string('r', most + 1)), ("X-Api-Key", _crm));
        using var asked = await _service.GetAsync($"{HttpService.Endpoint}?requestedBy={new string('r', 200)}", ("X-Api-Key", _crm));

        Assert.Equal(HttpStatusCode.Accepted, fits.StatusCode);
        Assert.Equal(
            $"requestedBy has {most + 1} characters; at most {most} are allowed beside the caller's name, crm.", await HttpService.ProblemAsync(tooLong, HttpStatusCode.BadRequest, "requestedBy"));
        Assert.Equal(
            $"requestedBy has 200 characters; at most {most} are allowed beside the caller's name, crm.", await HttpService.ProblemAsync(asked, HttpStatusCode.BadRequest, "requestedBy"));
        Assert.Equal(1, await _service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        Assert.Equal(200, await _service.QueryAsync(db => db.ImportRuns.Select(run => run.RequestedBy!.Length).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task What_cannot_be_seen_is_refused_with_its_place()
    {
        foreach (var (kind, text) in HostileTexts.Whole)
        {
            using var posted = await _service.PostAsync(Imports, Says(text), ("X-Api-Key", _crm));
            using var asked = await _service.GetAsync($"{HttpService.Endpoint}?requestedBy={Uri.EscapeDataString(text)}", ("X-Api-Key", _crm));
            foreach (var answer in new[] { posted, asked })
            {
                Assert.Equal((kind, $"requestedBy {VisibleText.Problem(text)}."), (kind, await HttpService.ProblemAsync(answer, HttpStatusCode.BadRequest, "requestedBy")));
            }
        }

        Assert.Equal(0, await _service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    private async Task<JsonNode> UntilCompletedAsync(string run)
    {
        JsonNode? found = null;
        await Importing.ImportSetup.Until(async () =>
            (found = await HttpService.JsonAsync(await _service.GetAsync(run, ("X-Api-Key", _crm))))["summary"]!["state"]!.GetValue<string>() == "Completed");
        return found!;
    }

    private static string Says(string requestedBy) => JsonSerializer.Serialize(new { requestedBy });
}

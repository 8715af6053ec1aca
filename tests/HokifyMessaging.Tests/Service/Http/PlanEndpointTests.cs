using System.Net;
using System.Text.Json.Nodes;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

public sealed class PlanEndpointTests : IAsyncLifetime
{
    private readonly string _reader = ApiKey.Create();
    private readonly string _officer = ApiKey.Create();
    private HttpService _service = null!;
    private string _dry = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await HttpService.StartAsync(applications: 6, settings: [.. GuardedService.Key("reader", _reader, rights: "read"), .. GuardedService.Key("officer", _officer)]);
        _dry = await ImportAsync("""{"importMode": "Full", "dryRun": true}""");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_plan_is_paged_through_and_its_values_are_for_the_right_personal_alone()
    {
        var masked = await PagesAsync(_reader);
        var shown = await PagesAsync(_officer);

        Assert.Equal(masked.Select(NumberOf), shown.Select(NumberOf));
        Assert.Equal(6, shown.Count(entry => entry["elementName"]!.GetValue<string>() == "CandidateProfile"));
        Assert.All(ValuesOf(masked), value => Assert.Equal("***", value));
        Assert.Contains(ValuesOf(shown), value => value.Contains('@', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_sees_values_is_in_the_audit_log_and_nobody_else()
    {
        await PagesAsync(_reader);
        using var seen = await _service.GetAsync($"{_dry}/plan?change=Created", ("X-Api-Key", _officer));

        var entry = Assert.Single(await _service.QueryAsync(db => db.Audit.AsNoTracking().Where(a => a.Action == AuditAction.ShowPlan).ToListAsync(Cancel)));
        Assert.Equal(("officer", 1, $"Run {LargeRuns.IdOf(_dry)}."), (entry.Who, entry.ScopeId, entry.Detail));
    }

    [Fact]
    public async Task A_plan_is_applied_by_its_digest_and_the_import_says_which_it_was()
    {
        var digest = (await HttpService.JsonAsync(await _service.GetAsync($"{_dry}/plan", ("X-Api-Key", _reader))))["planDigest"]!.GetValue<string>();

        var applied = await ImportAsync($$"""{"planDigest": "{{digest}}"}""");

        var run = await HttpService.JsonAsync(await _service.GetAsync(applied, ("X-Api-Key", _reader)));
        Assert.Equal((digest, 6), (run["planDigest"]!.GetValue<string>(), run["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>()));
        var plan = await HttpService.JsonAsync(await _service.GetAsync($"{applied}/plan", ("X-Api-Key", _reader)));
        Assert.All(plan["items"]!.AsArray(), entry => Assert.True(entry!["isApplied"]!.GetValue<bool>()));
        Assert.False(plan["canBeApplied"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_has_no_plan_and_what_names_none_is_told()
    {
        var plain = await ImportAsync("{}");

        using var none = await _service.GetAsync($"{plain}/plan", ("X-Api-Key", _reader));
        using var unknown = await _service.PostAsync("/api/imports", $$"""{"planDigest": "{{new string('0', 64)}}"}""", ("X-Api-Key", _officer));
        using var misspelt = await _service.GetAsync($"{_dry}/plan?changes=Created", ("X-Api-Key", _reader));
        using var odd = await _service.GetAsync($"{_dry}/plan?change=Made", ("X-Api-Key", _reader));

        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains("it is no dry run, and applies none", await none.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("names no plan of scope 1", await unknown.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.All([misspelt, odd], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
    }

    private static long NumberOf(JsonNode entry) => entry["number"]!.GetValue<long>();

    private static IEnumerable<string> ValuesOf(IEnumerable<JsonNode> entries) => entries
        .SelectMany(entry => entry["fields"]!.AsArray()).SelectMany(field => new[] { field!["before"], field["after"] }).OfType<JsonNode>().Select(value => value.GetValue<string>());

    private async Task<List<JsonNode>> PagesAsync(string key)
    {
        var entries = new List<JsonNode>();
        for (var next = $"{_dry}/plan?limit=5"; next is not null;)
        {
            var page = await HttpService.JsonAsync(await _service.GetAsync(next, ("X-Api-Key", key)));
            entries.AddRange(page["items"]!.AsArray().Select(entry => entry!));
            next = page["next"]?.GetValue<string>();
        }

        return entries;
    }

    private async Task<string> ImportAsync(string body)
    {
        using var created = await _service.PostAsync("/api/imports", body, ("X-Api-Key", _officer));
        var run = created.Headers.Location!.ToString();
        await ImportSetup.Until(async () => (await HttpService.JsonAsync(await _service.GetAsync(run, ("X-Api-Key", _officer))))["summary"]!["state"]!.GetValue<string>() == "Completed");
        return run;
    }
}

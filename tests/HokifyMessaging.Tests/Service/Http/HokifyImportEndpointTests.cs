using System.Net;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The seed's endpoint, as its callers know it.</summary>
public sealed class HokifyImportEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Unreadable => new()
    {
        { "scopeId=one", "scopeId", "scopeId is 'one'; it must be a whole number." },
        { "scopeId=7", "scopeId", "ScopeId 7 is not configured; the configured scopes are 1, 2." },
        { "importMode=sometimes", "importMode", "importMode is 'sometimes'; it must be Incremental (0) or Full (1)." },
        { "importMode=2", "importMode", "importMode is '2'; it must be Incremental (0) or Full (1)." },
        { "importMode=Incremental,Full", "importMode", "importMode is 'Incremental,Full'; it must be Incremental (0) or Full (1)." },
        { "unixSecondsFrom=1,5", "unixSecondsFrom", "unixSecondsFrom is '1,5'; it must be seconds since 1970-01-01 UTC, such as 1771077762.5." },
        { "unixSecondsFrom=12", "unixSecondsFrom", "UnixSecondsFrom 12 lies before the year 2000; it must be seconds since 1970-01-01 UTC, from 946684800 to now." },
        { "importMode=Full&unixSecondsFrom=1700000000", "unixSecondsFrom", "UnixSecondsFrom goes with ImportMode Incremental; a Full import reads everything. Leave one of the two out." },
        { "allowDeletions=5", "allowDeletions", "AllowDeletions goes with ImportMode Full; an Incremental import does not look for what is gone. Ask for a Full import, or leave it out." },
        { "importMode=Full&allowDeletions=-1", "allowDeletions", "allowDeletions is '-1'; it must be a whole number from 0 to 2147483647." },
        { "format=xml", "format", "format is 'xml'; it must be json, csv, csv-excel or xlsx." },
    };

    [Theory]
    [InlineData("")]
    [InlineData("?scopeId=1&importMode=Incremental&unixSecondsFrom=")]
    [InlineData("?scopeId=&importMode=&unixSecondsFrom=")]
    [InlineData("?SCOPEID=1&importmode=incremental")]
    [InlineData("?importMode=0&unixSecondsFrom=946684800.25")]
    public async Task A_caller_of_the_seed_gets_the_result_of_an_incremental_import_of_scope_1(string query)
    {
        await using var service = await HttpService.StartAsync();

        using var response = await service.GetAsync(HttpService.Endpoint + query);

        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8", "no-store"), (response.StatusCode, $"{response.Content.Headers.ContentType}", $"{response.Headers.CacheControl}"));
        Assert.StartsWith("""{"CreatedCounts":{"Candidate":""", body, StringComparison.Ordinal);
        var result = JsonSerializer.Deserialize<ExportImportResult>(body)!;
        Accounting.Closes(result);
        Assert.Equal((20, 0), (result.CreatedCounts["CandidateProfile"], result.ErrorCount));
        var run = await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel));
        Assert.Equal((1, ImportMode.Incremental), (run.ScopeId, run.ImportMode));
        Assert.Equal($"/api/imports/{run.Id}", $"{response.Content.Headers.ContentLocation}");
    }

    [Fact]
    public async Task What_is_asked_for_reaches_the_import_and_the_event_says_the_same()
    {
        await using var service = await HttpService.StartAsync();

        using var response = await service.PostAsync($"{HttpService.Endpoint}?scopeId=2&importMode=FULL&allowDeletions=120", "", ("Idempotency-Key", "nightly"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var run = await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel));
        Assert.Equal((2, ImportMode.Full, "nightly", 120), (run.ScopeId, run.ImportMode, run.IdempotencyKey, run.AllowDeletions));
        var completed = JsonSerializer.Deserialize<HokifyImportCompleted>(run.CompletedEvent!)!;
        Assert.Equal(JsonSerializer.Serialize(completed.Result), await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_parameter_that_cannot_be_read_is_named_in_a_problem_and_nothing_is_imported(string query, string parameter, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync($"{HttpService.Endpoint}?{query}");

        Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, parameter));
        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        Assert.Empty(service.Sandbox.Requests);
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/json", "text/json")]
    [InlineData("text/csv", "text/csv")]
    [InlineData("text/*", "text/json")]
    [InlineData("application/*;q=0.2, text/csv;q=0.9", "text/csv")]
    [InlineData("text/csv;q=0.1, */*;q=0.5", "application/json")]
    [InlineData("application/json;q=0, text/json;q=0, */*", "text/csv")]
    [InlineData("application/xml, text/csv;q=0.1", "text/csv")]
    [InlineData("*/*, application/json;q=0", "text/json")]
    [InlineData("*/*;q=0.1, text/*;q=0.9, text/json;q=0.2", "text/csv")]
    [InlineData(";;;", "application/json")]
    public async Task The_result_comes_as_the_caller_prefers_it(string? accept, string mediaType)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(HttpService.Endpoint, accept is null ? [] : [("Accept", accept)]);

        Assert.Equal((HttpStatusCode.OK, mediaType), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.StartsWith(mediaType == "text/csv" ? "\"sep=,\"" : "{\"CreatedCounts\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parameter_format_outranks_Accept()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var csv = await service.GetAsync($"{HttpService.Endpoint}?format=CSV", ("Accept", "application/json"));
        using var json = await service.GetAsync($"{HttpService.Endpoint}?format=json", ("Accept", "application/xml"));

        Assert.Equal(("text/csv", "application/json"), (csv.Content.Headers.ContentType!.MediaType, json.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("application/xml")]
    [InlineData("application/json;q=0, text/*;q=0")]
    public async Task What_is_acceptable_to_nobody_is_406_before_anything_is_imported(string accept)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(HttpService.Endpoint, ("Accept", accept));

        await HttpService.ProblemAsync(response, HttpStatusCode.NotAcceptable, "Accept");
        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task The_same_key_and_request_again_is_the_stored_answer_and_another_request_is_422()
    {
        await using var service = await HttpService.StartAsync();
        using var first = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", "nightly"));
        var requests = service.Sandbox.Requests.Count;

        using var again = await service.PostAsync(HttpService.Endpoint, "", ("Idempotency-Key", "\"nightly\""));
        using var other = await service.GetAsync($"{HttpService.Endpoint}?importMode=Full", ("Idempotency-Key", "nightly"));

        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await again.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("ImportMode (was Incremental, now Full)", await HttpService.ProblemAsync(other, HttpStatusCode.UnprocessableEntity, "Idempotency-Key"), StringComparison.Ordinal);
        Assert.Equal((requests, 1), (service.Sandbox.Requests.Count, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel))));
    }

    [Fact]
    public async Task A_key_whose_import_is_under_way_is_409()
    {
        await using var service = await HttpService.StartAsync(settings: [new("Http:WaitTimeout", "00:00:00")]);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromMinutes(1) });

        using var first = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", "nightly"));
        using var again = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", "nightly"));

        var sentence = await HttpService.ProblemAsync(again, HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Contains(first.Headers.Location!.ToString(), sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Past_the_wait_the_answer_is_202_with_the_address_of_the_run_that_goes_on()
    {
        await using var service = await HttpService.StartAsync(settings: [new("Http:WaitTimeout", "00:00:00.200")]);
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = 1, Delay = TimeSpan.FromSeconds(1) });

        using var response = await service.GetAsync(HttpService.Endpoint);

        Assert.Equal((HttpStatusCode.Accepted, "10"), (response.StatusCode, $"{response.Headers.RetryAfter}"));
        var reference = await HttpService.JsonAsync(response);
        Assert.Equal(response.Headers.Location!.ToString(), reference["href"]!.GetValue<string>());
        var run = await service.UntilAsync(response.Headers.Location.ToString(), "Completed");
        Assert.Equal(20, run["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_import_that_fails_is_told_at_once_and_goes_on_when_it_is_asked_for_again()
    {
        await using var service = await HttpService.StartAsync();
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1, Times = null });

        using var failed = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", "nightly"));
        service.Sandbox.Faults.Clear();
        using var again = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", "nightly"));

        var sentence = await HttpService.ProblemAsync(failed, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("AtsApi offset 8: hokify answered 500", sentence, StringComparison.Ordinal);
        Assert.NotNull(failed.Headers.RetryAfter);
        var result = JsonSerializer.Deserialize<ExportImportResult>(await again.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal((20, 20), (result.CreatedCounts["CandidateProfile"], result.StatsCounter["Fetched"]));
        Assert.Equal(1, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"\"")]
    [InlineData("k*201")]
    public async Task A_key_that_is_none_is_400(string key)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", key.Replace("k*201", new string('k', 201), StringComparison.Ordinal)));

        await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, "Idempotency-Key");
    }

    [Fact]
    public async Task A_caller_that_goes_away_does_not_stop_its_import()
    {
        await using var service = await HttpService.StartAsync();
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = 1, Delay = TimeSpan.FromSeconds(1) });
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var asked = service.Client.GetAsync(HttpService.Endpoint, impatient.Token);
        await ImportSetup.Until(async () => await service.QueryAsync(db => db.ImportRuns.AnyAsync(Cancel)));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        await ImportSetup.Until(async () => await service.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.CompletedAt != null, Cancel)));
    }
}

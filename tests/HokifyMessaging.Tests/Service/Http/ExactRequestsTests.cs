using System.Net;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Contracts;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Whoever asks says exactly what: nothing that the service would overlook comes through.</summary>
public sealed class ExactRequestsTests
{
    private const string KnownToImport = "known are scopeId, importMode, unixSecondsFrom, dryRun, idempotencyKey, requestedBy, allowDeletions, planDigest, format";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static (string Query, string Parameter, string Sentence)[] Wrong =>
    [
        ("?dry_run=true", "dry_run", "'dry_run' is not known; did you mean 'dryRun'?"),
        ("?scopeId=2&scope_id=2", "scope_id", "'scope_id' is not known; did you mean 'scopeId'?"),
        ("?scope=2", "scope", "'scope' is not known; did you mean 'scopeId'?"),
        ("?mode=Full", "mode", "'mode' is not known; did you mean 'importMode'?"),
        ("?key=nightly", "key", "'key' is not known; did you mean 'idempotencyKey'?"),
        ("?full", "full", $"'full' is not known; {KnownToImport}"),
        ("?=1", "", $"'' is not known; {KnownToImport}"),
        ("?scopeId[]=2", "scopeId[]", "'scopeId[]' is not known; did you mean 'scopeId'?"),
        ("?__=1", "__", $"'__' is not known; {KnownToImport}"),
        ("?scopeId=1&scopeId=2", "scopeId", "scopeId is given 2 times; once is right."),
        ("?scopeId=1&SCOPEID=1", "scopeId", "scopeId is given 2 times; once is right."),
        ("?dryRun=true&dryrun=false", "dryRun", "dryRun is given 2 times; once is right."),
        ("?dryRun", "dryRun", "dryRun is ''; it must be true or false."),
        ("?dryRun=", "dryRun", "dryRun is ''; it must be true or false."),
        ("?dryRun=1", "dryRun", "dryRun is '1'; it must be true or false."),
        ("?dryRun=yes", "dryRun", "dryRun is 'yes'; it must be true or false."),
        ("?idempotencyKey=a%E2%80%AEb", "idempotencyKey", "The idempotency key has a control, format or bidirectional character (U+202E) at position 2; leave it out."),
        ("?idempotencyKey=a%20", "idempotencyKey", "The idempotency key begins or ends with a blank; leave it out."),
    ];

    [Fact]
    public async Task What_the_seeds_endpoint_would_overlook_is_refused_and_nothing_is_imported()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        foreach (var (query, parameter, sentence) in Wrong)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                using var response = await service.SendAsync(method, HttpService.Endpoint + query);
                Assert.Equal((query, sentence), (query, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest)));
                Assert.Equal(parameter, (await HttpService.JsonAsync(response))["parameter"]!.GetValue<string>(), ignoreCase: true);
            }
        }

        Assert.Equal(0, await RunsAsync(service));
    }

    [Fact]
    public async Task What_asks_for_nothing_and_each_writing_of_a_known_name_comes_through()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        foreach (var query in new[] { "?_=1771077762", "?_=1&_=2&DRYRUN=TRUE", "?dryRun=True&importmode=full&Format=csv", "?scopeId=&importMode=&unixSecondsFrom=&dryRun=true" })
        {
            using var response = await service.GetAsync(HttpService.Endpoint + query);
            Assert.Equal((query, HttpStatusCode.OK), (query, response.StatusCode));
        }

        Assert.Equal(3, await service.QueryAsync(db => db.ImportRuns.CountAsync(run => run.DryRun, Cancel)));
    }

    [Theory]
    [InlineData("/api/imports?stat=Completed", "'stat' is not known; did you mean 'state'?")]
    [InlineData("/api/imports?form=2026-03-01", "'form' is not known; did you mean 'from'?")]
    [InlineData("/api/imports?limit=1&limit=2", "limit is given 2 times; once is right.")]
    [InlineData("/api/imports?fields=runId", "'fields' is not known; known are scopeId, state, from, to, after, offset, limit")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/records?reference_id=1", "'reference_id' is not known; did you mean 'referenceId'?")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001?id=2", "'id' is not known; this address takes no parameters.")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/records.csv?forma=csv", "'forma' is not known; did you mean 'format'?")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/records.xlsx?format=xlsx", "'format' is not known; this address takes no parameters.")]
    [InlineData("/api/imports/0195f7a0-0000-7000-8000-000000000001/events?after=2", "'after' is not known; this address takes no parameters.")]
    [InlineData("/api/downloads/nothing?token=2", "'token' is not known; known is format")]
    [InlineData("/api/downloads/nothing?format=json", "format is 'json'; it must be csv, csv-excel or xlsx.")]
    public async Task The_other_addresses_are_asked_as_exactly(string address, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 0);

        using var response = await service.GetAsync(address);

        Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("GET", HttpService.Endpoint, false)]
    [InlineData("GET", HttpService.Endpoint, true)]
    [InlineData("GET", "/api/imports", false)]
    [InlineData("DELETE", "/api/imports/0195f7a0-0000-7000-8000-000000000001", false)]
    [InlineData("GET", "/api/imports/0195f7a0-0000-7000-8000-000000000001/records", true)]
    public async Task A_body_that_nobody_reads_is_refused(string method, string address, bool chunked)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.SendAsync(new HttpMethod(method), address, Json("""{"dryRun": true}""", chunked));

        Assert.Equal($"{method} reads no body here; leave it out.", await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, "body"));
        Assert.Equal(0, await RunsAsync(service));
    }

    [Fact]
    public async Task A_body_announced_and_left_empty_is_none()
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var got = await service.SendAsync(HttpMethod.Get, HttpService.Endpoint, Json("", chunked: true));
        using var posted = await service.SendAsync(HttpMethod.Post, HttpService.Endpoint, Json("", chunked: true));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (got.StatusCode, posted.StatusCode));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_seeds_endpoint_takes_a_request_as_its_body(bool chunked)
    {
        await using var service = await HttpService.StartAsync(applications: 3);

        using var response = await service.SendAsync(
            HttpMethod.Post, HttpService.Endpoint, Json("""{"scopeId": 2, "importMode": "Full", "dryRun": true, "idempotencyKey": "k", "requestedBy": "scheduler"}""", chunked));

        var result = JsonSerializer.Deserialize<ExportImportResult>(await response.Content.ReadAsStringAsync(Cancel))!;
        Assert.Equal((HttpStatusCode.OK, 3), (response.StatusCode, result.CreatedCounts["CandidateProfile"]));
        var run = await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel));
        Assert.Equal((2, ImportMode.Full, true, "k", "local (on behalf of scheduler)"), (run.ScopeId, run.ImportMode, run.DryRun, run.IdempotencyKey, run.RequestedBy));
        Assert.Equal(0, await service.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
    }

    [Fact]
    public async Task The_same_can_be_asked_by_parameters()
    {
        await using var service = await HttpService.StartAsync(applications: 3);

        using var response = await service.GetAsync($"{HttpService.Endpoint}?scopeId=2&importMode=Full&dryRun=true&idempotencyKey=k&requestedBy=scheduler");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var run = await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel));
        Assert.Equal((2, ImportMode.Full, true, "k", "local (on behalf of scheduler)"), (run.ScopeId, run.ImportMode, run.DryRun, run.IdempotencyKey, run.RequestedBy));
    }

    [Theory]
    [InlineData("?scopeId=2", "{}")]
    [InlineData("?dryRun=true", """{"scopeId": 2}""")]
    [InlineData("?format=csv&_=1", """{"dryRun": true}""")]
    public async Task Parameters_and_a_body_are_not_mixed(string query, string body)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.PostAsync(HttpService.Endpoint + query, body);

        Assert.Equal(
            "The request has parameters and a body; give the one or the other. In which form the result comes says Accept.",
            await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, "body"));
        Assert.Equal(0, await RunsAsync(service));
    }

    [Theory]
    [InlineData("/api/imports", "scopeId=2", "application/x-www-form-urlencoded")]
    [InlineData(HttpService.Endpoint, "scopeId=2", "application/x-www-form-urlencoded")]
    [InlineData(HttpService.Endpoint, """{"dryRun": true}""", "text/plain")]
    public async Task A_body_that_is_no_JSON_is_415(string address, string body, string contentType)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.SendAsync(HttpMethod.Post, address, new StringContent(body, Encoding.UTF8, contentType));

        Assert.Equal("The body must be a JSON object with Content-Type: application/json.", await HttpService.ProblemAsync(response, HttpStatusCode.UnsupportedMediaType));
        Assert.Equal(0, await RunsAsync(service));
    }

    [Theory]
    [InlineData("?dryRun=true", "'dryRun' is not known; this address takes no parameters, but a JSON body such as {\"scopeId\": 1}.")]
    [InlineData("?scopeId=2", "'scopeId' is not known; this address takes no parameters, but a JSON body such as {\"scopeId\": 1}.")]
    public async Task Imports_as_resources_take_no_parameters_beside_their_body(string query, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.PostAsync($"/api/imports{query}", "{}");

        Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest));
        Assert.Equal(0, await RunsAsync(service));
    }

    [Fact]
    public async Task A_body_that_is_too_long_or_no_text_is_refused_in_our_words()
    {
        await using var service = await HttpService.StartAsync(applications: 1, settings: [new("Http:Limits:RequestBody", "1024")]);

        using var tooLong = await service.SendAsync(HttpMethod.Post, HttpService.Endpoint, Json($$"""{"requestedBy": "{{new string('x', 2_000)}}"}""", chunked: true));
        using var binary = await service.SendAsync(HttpMethod.Post, HttpService.Endpoint, Bytes([0x7b, 0xff, 0x7d]));

        Assert.Equal("The body is longer than 1024 bytes.", await HttpService.ProblemAsync(tooLong, HttpStatusCode.RequestEntityTooLarge));
        Assert.StartsWith("The body is not text in UTF-8.", await HttpService.ProblemAsync(binary, HttpStatusCode.BadRequest, "body"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\u202eb", "Idempotency-Key has a control, format or bidirectional character (U+202E) at position 2; leave it out.")]
    [InlineData("\" k\"", "Idempotency-Key begins or ends with a blank; leave it out.")]
    [InlineData("k\u00a0", "Idempotency-Key begins or ends with a blank; leave it out.")]
    public async Task A_key_in_the_header_has_the_form_of_a_key(string key, string sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);

        using var response = await service.GetAsync(HttpService.Endpoint, ("Idempotency-Key", key));

        Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, "Idempotency-Key"));
        Assert.Equal(0, await RunsAsync(service));
    }

    private static Task<int> RunsAsync(HttpService service) => service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel));

    private static HttpContent Json(string json, bool chunked) => chunked ? new Unmeasured(Encoding.UTF8.GetBytes(json)) : new StringContent(json, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/json");
        return content;
    }

    /// <summary>A body that is sent in chunks, because its length is not known.</summary>
    private sealed class Unmeasured : HttpContent
    {
        private readonly byte[] _bytes;

        public Unmeasured(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_bytes, Cancel).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

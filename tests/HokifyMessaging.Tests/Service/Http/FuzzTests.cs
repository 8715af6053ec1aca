using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Whatever is asked, the answer is one that the API has: never an error of ours.</summary>
public sealed class FuzzTests
{
    private static readonly int Requests = Examples.Of(2_500);
    private const int AtATime = 8;

    private static readonly string[] Paths =
    [
        HttpService.Endpoint, "/api/exportimport/hokifyimport", "/api/imports", "/api/imports/{id}", "/api/imports/{id}/records", "/api/imports/{id}/records.csv", "/api/imports/{id}/records.xlsx",
        "/api/imports/{id}/events", "/api/downloads/{text}", "/api/imports/{text}", "/api/{text}", "/openapi/{text}.json", "/health/{text}", "/{text}",
    ];

    private static readonly string[] Names =
    [
        "scopeId", "importMode", "unixSecondsFrom", "format", "state", "from", "to", "offset", "limit", "outcome", "elementName", "referenceId", "after", "SCOPEID", "", "x[]", "scopeId[0]",
    ];

    private static readonly string[] Values =
    [
        "", "1", "2", "3", "-1", "0", "1.5", "1e9", "1e400", "NaN", "99999999999999999999", "2147483648", "-2147483648", "Incremental", "full", "FULL", "Full,Incremental", "1771077762.5",
        "1771077762,5", "946684799", "json", "csv", "xml", "Completed", "completed", "Running,Completed", "5", "2026-03-01", "2026-03-01T04:30:00+14:00", "0001-01-01", "9999-12-31T23:59:59-12:00",
        "'; DROP TABLE ImportRun; --", "%00", "\u0000", "\ud83d\ude00", "\u202e", "%", "%zz", "<script>", "../../etc/passwd", "null", "true", " 1 ", "+1", "0x1", "١",
    ];

    private static readonly string[] Headers =
    [
        "Accept", "Accept-Encoding", "Accept-Language", "Idempotency-Key", "Content-Type", "Range", "If-Range", "If-None-Match", "If-Match", "If-Modified-Since", "X-Api-Key", "Authorization",
        "X-Forwarded-For", "Origin", "Cookie", "Expect", "X-HTTP-Method-Override", "Last-Event-ID", "Traceparent",
    ];

    private static readonly string[] HeaderValues =
    [
        "", "*/*", "text/csv", "application/json;q=0", "text/html,application/xhtml+xml", ";q=", "a/b/c", "text/csv;q=2", "k1", "k2", "k3", "\"k4\"", "bytes=0-10", "bytes=5-", "bytes=-1", "bytes=9-1",
        "bytes=0-0,2-3", "W/\"x\"", "\"x\"", "*", "Bearer ", "Bearer hokify_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Basic Og==", "127.0.0.1", "Thu, 01 Jan 1970 00:00:00 GMT", "gzip;q=x", "100-continue", "\u00e4\u00f6",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Odd_requests_get_answers_of_the_API_and_never_an_error_of_ours()
    {
        await using var service = await HttpService.StartAsync(applications: 3, settings:
        [
            new("Http:WaitTimeout", "00:00:00"),
            new("Http:Limits:RequestsPerMinute", "1000000"),
            new("Http:Limits:AnonymousRequestsPerMinute", "1000000"),
            new("Http:Limits:RefusedRequestsPerMinute", "1000000"),

            // As many files as there are requests at a time: on a busy machine the default of four is reached, and that answer has tests of its own.
            new("Http:Limits:SpoolsUnderWay", AtATime.ToString(CultureInfo.InvariantCulture)),
        ]);
        using var created = await service.PostAsync("/api/imports", "{}");
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await service.UntilAsync($"/api/imports/{id}", "Completed");
        var seed = Environment.TickCount;
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<HttpStatusCode, int>();

        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = Cancel }, async (number, cancel) =>
        {
            using var request = Odd(new Random(unchecked(seed + number)), id);
            var description = $"seed {seed}, number {number}: {request}";
            using var response = await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            var status = (int)response.StatusCode;
            var body = status >= 400 ? await response.Content.ReadAsStringAsync(cancel) : "";
            Assert.True(status is (>= 200 and < 300) or 304 or (>= 400 and < 500) || IsWayToConsole(response), $"{status} for {description}: {body}");
            if (status >= 400)
            {
                Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json" || body.Length == 0 && request.Method == HttpMethod.Head, $"{status} without a problem for {description}");
                Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
                Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
                if (body.Length > 0)
                {
                    Assert.Equal(status, JsonNode.Parse(body)!["status"]!.GetValue<int>());
                }
            }

            statuses.AddOrUpdate(response.StatusCode, 1, (_, count) => count + 1);
        });

        // That the requests are odd is not enough: they must reach what they are odd for.
        Assert.All(
            new[] { HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotAcceptable, HttpStatusCode.Forbidden, HttpStatusCode.Conflict },
            status => Assert.True(statuses.GetValueOrDefault(status) > 0, $"no {status} among {string.Join(", ", statuses)}"));
        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(run => run.State == RunState.Failed, Cancel)));
    }

    /// <summary>The only redirection that there is, for browsers.</summary>
    private static bool IsWayToConsole(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Found && response.RequestMessage!.RequestUri!.AbsolutePath == "/" && response.Headers.Location!.OriginalString.StartsWith("/console", StringComparison.Ordinal);

    private static HttpRequestMessage Odd(Random random, Guid id)
    {
        // Answers that chance alone brings too seldom.
        switch (random.Next(100))
        {
            case 0:
                return new HttpRequestMessage(HttpMethod.Delete, $"/api/imports/{id}");
            case 1:
                return new HttpRequestMessage(HttpMethod.Get, HttpService.Endpoint) { Headers = { { "Accept", "image/png" } } };
        }

        var path = Pick(Paths).Replace("{id}", random.Next(4) == 0 ? Guid.NewGuid().ToString() : id.ToString(), StringComparison.Ordinal)
            // The server itself refuses a path with a null character: that is no request by HTTP's own grammar.
            .Replace("{text}", Uri.EscapeDataString(Pick(Values).Replace("\0", "", StringComparison.Ordinal)), StringComparison.Ordinal);
        var query = new StringBuilder();
        for (var count = random.Next(4); count > 0; count--)
        {
            var value = Pick(Values);
            query.Append(query.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(Pick(Names)))
                .Append('=').Append(random.Next(5) == 0 ? Garbage() : Uri.EscapeDataString(value));
        }

        var method = random.Next(20) switch { < 13 => HttpMethod.Get, < 16 => HttpMethod.Post, 16 => HttpMethod.Delete, 17 => HttpMethod.Put, 18 => HttpMethod.Head, _ => HttpMethod.Options };
        var request = new HttpRequestMessage(method, new Uri(path + query, UriKind.Relative));
        if (method == HttpMethod.Post && random.Next(2) == 0)
        {
            request.Content = new StringContent(random.Next(3) == 0 ? Garbage() : $$"""{"{{Pick(Names)}}": "{{Garbage()}}"}""", Encoding.UTF8, "application/json");
        }

        for (var count = random.Next(4); count > 0; count--)
        {
            var (name, value) = (Pick(Headers), random.Next(6) == 0 ? Garbage() : Pick(HeaderValues));
            if (name == "Content-Type")
            {
                request.Content?.Headers.Remove(name);
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
            else if (name != "Expect" || request.Content is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;

        string Pick(string[] from) => from[random.Next(from.Length)];

        // Of what a client may send at all: printable ASCII.
        string Garbage() => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next('!', '~'))).Replace("#", "", StringComparison.Ordinal);
    }
}

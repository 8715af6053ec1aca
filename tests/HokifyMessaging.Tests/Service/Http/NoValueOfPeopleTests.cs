using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>
/// Marked people are imported, and whatever the API describes is asked by somebody with every right but <c>personal</c>: nothing of them is in any answer, header or
/// log line. An address that is new is asked as well, or fails here.
/// </summary>
public sealed partial class NoValueOfPeopleTests : IAsyncLifetime
{
    private readonly string _stranger = ApiKey.Create();
    private readonly string _officer = ApiKey.Create();
    private readonly LogLines _log = new();
    private MarkedHokify _hokify = null!;
    private HttpService _service = null!;
    private string _run = "";
    private string _failed = "";
    private string _planned = "";
    private string _link = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hokify = await MarkedHokify.StartAsync(Cancel);
        _service = await HttpService.StartAsync(
            applications: 0,
            settings:
            [
                new("Hokify:Scopes:1:AtsApi:BaseAddress", _hokify.Address.ToString()),
                new("Hokify:Scopes:2:AtsApi:BaseAddress", _hokify.Broken.ToString()),
                new("Hokify:Import:FailedRunRetries", "0"),
                new("Http:Limits:RequestsPerMinute", "10000"),
                .. GuardedService.Key("stranger", _stranger, rights: "read,import,operate"),
                .. GuardedService.Key("officer", _officer),
            ],
            configure: builder => builder.Logging.AddProvider(_log).SetMinimumLevel(LogLevel.Trace));
        _planned = await ImportAsync(1, "Completed", isDry: true);
        _run = await ImportAsync(1, "Completed");
        _failed = await ImportAsync(2, "Failed");

        // The one that this key is shown: it opens no more than the key does.
        using var details = await AskAsync(_stranger, HttpMethod.Get, _run, null);
        _link = new Uri((await HttpService.JsonAsync(details))["result"]!["DownloadUrl"]!.GetValue<string>()).AbsolutePath;

        var refused = await _service.QueryAsync(db => db.ActivityLogs.Where(l => l.ResultData != null).Select(l => l.ResultData).ToListAsync(Cancel));
        Assert.True(refused.Count >= 5 && await _service.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)) >= 6, string.Join('\n', refused));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _hokify.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task No_answer_to_a_key_without_the_right_and_no_log_line_has_a_value_of_anybody()
    {
        var erasure = await EraseAsync("""{"personId": "nobody-1"}""");
        var asked = 0;
        foreach (var (method, address, body) in await RequestsAsync(erasure))
        {
            using var answer = await AskAsync(_stranger, method, address, body);
            var text = await MarkedHokify.TextOfAsync(answer, Cancel);

            Assert.True(MarkedHokify.FoundIn(text) is null, $"{method} {address}: {MarkedHokify.FoundIn(text)}");
            foreach (var link in Links().Matches(text).Select(match => match.Value).Distinct().Where(link => !link.EndsWith(_link, StringComparison.Ordinal)))
            {
                using var linked = await AskAsync("", HttpMethod.Get, link, null);
                var file = await MarkedHokify.TextOfAsync(linked, Cancel);
                Assert.True(MarkedHokify.FoundIn(file) is null, $"{method} {address} has a link that opens {MarkedHokify.FoundIn(file)}");
            }

            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
            asked++;
        }

        Assert.InRange(asked, 60, 1_000);
        Assert.True(MarkedHokify.FoundIn(_log.Text) is null, MarkedHokify.FoundIn(_log.Text));
    }

    [Fact]
    public async Task The_same_questions_of_a_key_with_the_right_have_them_where_people_are_shown()
    {
        foreach (var address in new[] { $"{_run}/records.csv", $"{_run}/records.csv?format=csv-excel", $"{_run}/records.xlsx", _failed, $"{_planned}/plan" })
        {
            using var answer = await AskAsync(_officer, HttpMethod.Get, address, null);
            Assert.True(MarkedHokify.FoundIn(await MarkedHokify.TextOfAsync(answer, Cancel)) is not null, $"{address} has nothing to hide");
        }

        // Whoever names somebody, and whoever is told of somebody, leaves no trace of them either.
        var id = await _service.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == 1).OrderBy(p => p.Id).Select(p => p.ReferenceId).FirstAsync(Cancel));
        using var export = await AskAsync(_officer, HttpMethod.Post, "/api/people/exports", $$"""{"applicationId": "{{id}}", "format": "html"}""");
        Assert.True(MarkedHokify.FoundIn(await MarkedHokify.TextOfAsync(export, Cancel)) is not null);
        Assert.True(MarkedHokify.FoundIn(export.Headers.ToString() + export.Content.Headers) is null);
        foreach (var path in new[] { "/api/people/exports", "/api/people/erasures" })
        {
            using var answer = await AskAsync(_officer, HttpMethod.Post, path, $$"""{"email": "{{MarkedHokify.Mark}}.0@example.at", "all": "yes", "{{MarkedHokify.Mark}}": 1}""");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            using var unknown = await AskAsync(_officer, HttpMethod.Post, path, $$"""{"email": "{{MarkedHokify.Mark}}.unknown@example.at"}""");
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
            Assert.True(MarkedHokify.FoundIn(await MarkedHokify.TextOfAsync(unknown, Cancel)) is null, path);
        }

        var erased = await EraseAsync($$"""{"email": "{{MarkedHokify.Mark}}.0@example.at", "all": true}""");
        Assert.NotEqual(Guid.Empty, erased);
        Assert.True(MarkedHokify.FoundIn(_log.Text) is null, MarkedHokify.FoundIn(_log.Text));
        var audit = await _service.QueryAsync(db => db.Audit.AsNoTracking().ToListAsync(Cancel));
        Assert.Contains(audit, entry => entry.Action == AuditAction.ErasePeople);
        Assert.All(audit, entry => Assert.Null(MarkedHokify.FoundIn($"{entry.Who} {entry.Machine} {entry.Detail}")));
    }

    [GeneratedRegex("/api/downloads/[A-Za-z0-9_-]+")]
    private static partial Regex Links();

    /// <summary>Whatever the description of the API has, with each value that a parameter can have, and what stands beside it.</summary>
    private async Task<IReadOnlyList<(HttpMethod Method, string Address, string? Body)>> RequestsAsync(Guid erasure)
    {
        var document = JsonNode.Parse(await _service.Client.GetStringAsync("/openapi/v1.json", Cancel))!;
        var requests = new List<(HttpMethod, string, string?)>();
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                var name = operation!["operationId"]!.GetValue<string>();
                foreach (var address in AddressesOf(path, erasure))
                {
                    requests.Add((new HttpMethod(method.ToUpperInvariant()), address, BodyOf(name, operation)));
                    foreach (var parameter in operation["parameters"]?.AsArray().Where(one => one!["in"]!.GetValue<string>() == "query") ?? [])
                    {
                        var values = parameter!["schema"]!["enum"]?.AsArray().Select(value => value!.GetValue<string>()) ?? ["1"];
                        requests.AddRange(values.Select(value => (new HttpMethod(method.ToUpperInvariant()), $"{address}?{parameter["name"]}={value}", BodyOf(name, operation))));
                    }
                }
            }
        }

        foreach (var beside in new[] { "/metrics", "/health/live", "/health/ready", "/reference/", "/api/nowhere", "/api/imports/nowhere" })
        {
            requests.Add((HttpMethod.Get, beside, null));
        }

        // What cancels comes last: it changes what the others see.
        return [.. requests.OrderBy(request => request.Item1 == HttpMethod.Delete)];
    }

    private IEnumerable<string> AddressesOf(string path, Guid erasure)
    {
        var known = path.Replace("{erasureId}", $"{erasure}", StringComparison.Ordinal);
        var filled = known.Contains("{id}", StringComparison.Ordinal) ? new[] { _run, _failed, _planned }.Select(run => known.Replace("{id}", $"{LargeRuns.IdOf(run)}", StringComparison.Ordinal))
            : known.Contains("{token}", StringComparison.Ordinal) ? [_link]
            : [known];
        return filled.Select(address => address.Contains('{', StringComparison.Ordinal) ? throw new InvalidOperationException($"{address} is new: say here what to ask it for") : address);
    }

    private static string? BodyOf(string operation, JsonNode description) => operation switch
    {
        "HokifyImport" => null,
        "CreateImport" => """{"scopeId": 1, "dryRun": true}""",
        "ErasePeople" => """{"personId": "nobody-1"}""",
        "ExportPeople" => """{"personId": "nobody-1"}""",
        _ when description["requestBody"] is null => null,
        _ => throw new InvalidOperationException($"{operation} is new: say here what to send it"),
    };

    private async Task<HttpResponseMessage> AskAsync(string key, HttpMethod method, string address, string? body)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (key.Length > 0)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        return await _service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private async Task<Guid> EraseAsync(string body)
    {
        using var erased = await AskAsync(_officer, HttpMethod.Post, "/api/people/erasures", body);
        return (await HttpService.JsonAsync(erased))["id"]!.GetValue<Guid>();
    }

    private async Task<string> ImportAsync(int scopeId, string state, bool isDry = false)
    {
        using var created = await AskAsync(_officer, HttpMethod.Post, "/api/imports", $$"""{"scopeId": {{scopeId}}, "importMode": "Full", "dryRun": {{(isDry ? "true" : "false")}}}""");
        var run = created.Headers.Location!.ToString();
        await ImportSetup.Until(async () =>
        {
            using var answer = await AskAsync(_officer, HttpMethod.Get, run, null);
            return (await HttpService.JsonAsync(answer))["summary"]!["state"]!.GetValue<string>() == state;
        });
        return run;
    }
}

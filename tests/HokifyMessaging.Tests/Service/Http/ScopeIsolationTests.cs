using System.Net;
using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Every route, as it is mapped: who may use it, and that a caller sees and starts its own scopes only.</summary>
public sealed class ScopeIsolationTests : IAsyncLifetime
{
    /// <summary>What is open to all, and why that tells nobody anything.</summary>
    private static readonly Dictionary<string, string> Open = new(StringComparer.Ordinal)
    {
        ["/"] = "leads to the console",
        ["/health/live"] = "says whether the process lives",
        ["/health/ready"] = "says whether it can work",
        ["/api/downloads/{token}"] = "the token is the permission",
        ["/openapi/{documentName:regex(^v1$)}.json"] = "is public in the repository",
        ["/reference/{documentName?}"] = "shows the same",
        ["/reference"] = "leads there",
        ["/reference/scalar.js"] = "is the page's script",
        ["/reference/scalar.aspnetcore.js"] = "is the page's script",
        ["/reference/favicon.svg"] = "is the page's picture",
    };

    /// <summary>It is about all scopes, and takes no parameter by which one could be asked for.</summary>
    private const string Metrics = "/metrics";

    /// <summary>That one of another scope is not there is shown where erasures are.</summary>
    private const string OneErasure = "/api/people/erasures/{erasureId:guid}";

    /// <summary>Routes that name no import: how a caller of scope 2 asks each for something of scope 1, and what it gets.</summary>
    private static readonly Dictionary<string, (string Address, string? Body, HttpStatusCode Status)> Elsewhere = new(StringComparer.Ordinal)
    {
        ["GET /api/ExportImport/HokifyImport"] = ($"{HttpService.Endpoint}?scopeId=1", null, HttpStatusCode.Forbidden),
        ["POST /api/ExportImport/HokifyImport"] = ($"{HttpService.Endpoint}?scopeId=1", "", HttpStatusCode.Forbidden),
        ["POST /api/imports"] = ("/api/imports", """{"scopeId": 1}""", HttpStatusCode.Forbidden),
        ["POST /api/people/erasures"] = ("/api/people/erasures", """{"scopeId": 1, "personId": "p1"}""", HttpStatusCode.Forbidden),
        ["GET /api/people/erasures"] = ("/api/people/erasures?scopeId=1", null, HttpStatusCode.Forbidden),
        [$"GET {OneErasure}"] = ($"/api/people/erasures/{Guid.Empty}", null, HttpStatusCode.NotFound),
        ["POST /api/people/exports"] = ("/api/people/exports", """{"scopeId": 1, "personId": "p1"}""", HttpStatusCode.Forbidden),
        ["GET /api/audit"] = ("/api/audit?scopeId=1", null, HttpStatusCode.Forbidden),
        ["GET /api/imports"] = ("/api/imports?scopeId=1", null, HttpStatusCode.Forbidden),
        [$"GET {Metrics}"] = (Metrics, null, HttpStatusCode.Forbidden),
    };

    private readonly string _mine = ApiKey.Create();
    private readonly string _theirs = ApiKey.Create();
    private readonly string _reader = ApiKey.Create();
    private readonly string _expired = ApiKey.Create();
    private readonly DatabaseGate _gate = new("ImportRun");
    private HttpService _service = null!;

    public async ValueTask InitializeAsync() => _service = await HttpService.StartAsync(applications: 5, settings:
    [
        .. Key("mine", _mine, "1", "read,import,operate,personal"),
        .. Key("theirs", _theirs, "2", "read,import,operate,personal"),
        .. Key("reader", _reader, "all", "read"),
        .. Key("expired", _expired, "all", "read,import,operate,personal"),
        new("Http:Keys:expired:ExpiresAt", "2020-01-01T00:00:00Z"),
        new("Http:Limits:RefusedRequestsPerMinute", "1000"),
    ], builder => builder.Services.AddSingleton<IInterceptor>(_gate));

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public void Every_route_names_a_right_or_is_open_for_a_reason()
    {
        var routes = Routes().ToList();

        Assert.All(routes, route =>
        {
            var isOpen = route.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            Assert.Equal(Open.ContainsKey(route.Pattern), isOpen);
            if (!isOpen)
            {
                Assert.Contains(route.Endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(wanted => wanted.Policy), policy => Rights.All.Contains(policy));
            }
        });
        Assert.True(routes.Count >= 11, string.Join(", ", routes.Select(route => route.Pattern)));
    }

    [Fact]
    public async Task No_route_answers_without_a_key_or_lets_a_key_do_more_than_its_rights()
    {
        foreach (var (endpoint, pattern, method) in Routes().Where(route => !Open.ContainsKey(route.Pattern)))
        {
            using var stranger = await _service.SendAsync(method, Address(pattern, Guid.Empty));
            await HttpService.ProblemAsync(stranger, HttpStatusCode.Unauthorized);
            foreach (var key in new[] { _expired, ApiKey.Create(), "hokify", "" })
            {
                using var wrong = await _service.SendAsync(method, Address(pattern, Guid.Empty), null, ("X-Api-Key", key));
                await HttpService.ProblemAsync(wrong, HttpStatusCode.Unauthorized);
            }

            if (!endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(wanted => wanted.Policy == Rights.Read))
            {
                using var reader = await _service.SendAsync(method, Address(pattern, Guid.Empty), null, ("X-Api-Key", _reader));
                Assert.Contains("lacks the right", await HttpService.ProblemAsync(reader, HttpStatusCode.Forbidden), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Without_keys_every_route_asks_this_machine_for_its_token_and_answers_nobody_else_whatever_they_send()
    {
        await using var local = await HttpService.StartAsync(applications: 1, [new("Http:Limits:RefusedRequestsPerMinute", "1000")]);
        using var stranger = new HttpClient { BaseAddress = local.Address };
        (string Header, string Value)[] notLocal = [("X-Forwarded-For", "127.0.0.1"), ("Via", "1.1 proxy"), ("Origin", "https://elsewhere.example"), ("Sec-Fetch-Site", "cross-site"), ("Host", "hokify.elsewhere.example")];

        foreach (var (_, pattern, method) in Routes().Where(route => !Open.ContainsKey(route.Pattern)))
        {
            foreach (var header in notLocal)
            {
                using var refused = await local.SendAsync(method, Address(pattern, Guid.Empty), null, header);
                await HttpService.ProblemAsync(refused, HttpStatusCode.Forbidden);
            }

            foreach (var (header, value) in new[] { ("Accept", "*/*"), ("X-Api-Key", ApiKey.Create()), ("X-Api-Key", _mine), ("Cookie", $"X-Api-Key={local.Token}") })
            {
                using var request = new HttpRequestMessage(method, Address(pattern, Guid.Empty)) { Headers = { { header, value } } };
                using var unknown = await stranger.SendAsync(request, TestContext.Current.CancellationToken);
                await HttpService.ProblemAsync(unknown, HttpStatusCode.Unauthorized);
            }

            using var answered = await local.SendAsync(method, $"{Address(pattern, Guid.Empty)}?unheardOf=1");
            Assert.Equal(HttpStatusCode.BadRequest, answered.StatusCode);
        }
    }

    [Fact]
    public async Task A_run_of_another_scope_takes_the_same_look_at_the_database_as_no_run()
    {
        using var created = await _service.PostAsync("/api/imports", """{"scopeId": 1}""", ("X-Api-Key", _mine));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        await _service.Services.GetRequiredService<ImportRequests>().WaitAsync(id, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        foreach (var (_, pattern, method) in Routes().Where(route => route.Pattern.Contains("{id:guid}", StringComparison.Ordinal)))
        {
            Assert.Equal((1, 1), (await LeastLooksAsync(method, pattern, id), await LeastLooksAsync(method, pattern, Guid.NewGuid())));
        }

        // The end of an import looks at the same table: of several answers the least is the answer's own.
        async Task<int> LeastLooksAsync(HttpMethod method, string pattern, Guid run)
        {
            var least = await LooksAsync(method, pattern, run);
            for (var again = 0; least > 1 && again < 20; again++)
            {
                least = Math.Min(least, await LooksAsync(method, pattern, run));
            }

            return least;
        }

        async Task<int> LooksAsync(HttpMethod method, string pattern, Guid run)
        {
            var before = _gate.Asked;
            using var answer = await _service.SendAsync(method, Address(pattern, run), null, ("X-Api-Key", _theirs));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            return _gate.Asked - before;
        }
    }

    [Fact]
    public async Task No_route_shows_or_starts_anything_of_another_scope()
    {
        using var created = await _service.PostAsync("/api/imports", """{"scopeId": 1}""", ("X-Api-Key", _mine));
        var id = (await HttpService.JsonAsync(created))["runId"]!.GetValue<Guid>();
        foreach (var (_, pattern, method) in Routes().Where(route => !Open.ContainsKey(route.Pattern)))
        {
            if (pattern.Contains("{id:guid}", StringComparison.Ordinal))
            {
                // Not there, and not there for this caller: word for word the same.
                using var hidden = await _service.SendAsync(method, Address(pattern, id), null, ("X-Api-Key", _theirs));
                using var absent = await _service.SendAsync(method, Address(pattern, Guid.NewGuid()), null, ("X-Api-Key", _theirs));
                Assert.Equal(await HttpService.ProblemAsync(absent, HttpStatusCode.NotFound), await HttpService.ProblemAsync(hidden, HttpStatusCode.NotFound));
            }
            else
            {
                Assert.True(Elsewhere.TryGetValue($"{method} {pattern}", out var expected), $"{method} {pattern} is new: say here how it keeps scopes apart");
                using var content = expected.Body is null ? null : new StringContent(expected.Body, System.Text.Encoding.UTF8, "application/json");
                using var refused = await _service.SendAsync(method, expected.Address, content, ("X-Api-Key", _theirs));
                await HttpService.ProblemAsync(refused, expected.Status, pattern is Metrics or OneErasure ? null : "scopeId");
            }
        }

        var mine = await HttpService.JsonAsync(await _service.GetAsync("/api/imports", ("X-Api-Key", _mine)));
        var theirs = await HttpService.JsonAsync(await _service.GetAsync("/api/imports", ("X-Api-Key", _theirs)));
        Assert.Equal((1, 0), (mine["total"]!.GetValue<int>(), theirs["total"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_key_that_another_scope_uses_is_as_good_as_any_and_tells_nothing_of_that_scope()
    {
        using var mine = await _service.PostAsync("/api/imports", """{"scopeId": 1, "importMode": "Full"}""", ("X-Api-Key", _mine), ("Idempotency-Key", "nightly"));
        using var theirs = await _service.PostAsync("/api/imports", """{"scopeId": 2}""", ("X-Api-Key", _theirs), ("Idempotency-Key", "nightly"));
        using var unused = await _service.PostAsync("/api/imports", """{"scopeId": 2}""", ("X-Api-Key", _theirs), ("Idempotency-Key", "unused"));

        Assert.All([mine, theirs, unused], answer => Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode));
        Assert.Equal(3, new[] { mine, theirs, unused }.Select(answer => answer.Headers.Location).Distinct().Count());
        Assert.Equal(Shape(unused), Shape(theirs));
        Assert.All([mine, theirs], answer => Assert.False(answer.Headers.Contains("Idempotent-Replayed")));

        static string Shape(HttpResponseMessage answer) => string.Join('\n', answer.Headers.Select(header => header.Key).Order());
    }

    [Fact]
    public async Task Who_asked_is_the_name_of_the_key()
    {
        using var created = await _service.PostAsync("/api/imports", "{}", ("X-Api-Key", _mine));
        var run = await HttpService.JsonAsync(await _service.GetAsync(created.Headers.Location!.ToString(), ("Authorization", $"Bearer {_mine}")));

        Assert.Equal("mine", run["summary"]!["requestedBy"]!.GetValue<string>());
    }

    private static IEnumerable<KeyValuePair<string, string?>> Key(string name, string key, string scopes, string rights) =>
    [
        new($"Http:Keys:{name}:Hash", KeyHash.Of(key).ToString()),
        new($"Http:Keys:{name}:Scopes", scopes),
        new($"Http:Keys:{name}:Rights", rights),
    ];

    private static string Address(string pattern, Guid id) => pattern.Replace("{id:guid}", id.ToString(), StringComparison.Ordinal).Replace("{erasureId:guid}", id.ToString(), StringComparison.Ordinal);

    private IEnumerable<(RouteEndpoint Endpoint, string Pattern, HttpMethod Method)> Routes() =>
        from endpoint in _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        // HEAD is GET without the body that would say why.
        where method != "HEAD"
        // Pages for people have tests of their own.
        where !endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("console", StringComparison.Ordinal)
        select (endpoint, "/" + endpoint.RoutePattern.RawText!.Trim('/'), new HttpMethod(method));
}

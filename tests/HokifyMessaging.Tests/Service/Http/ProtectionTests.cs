using System.Globalization;
using System.Net;
using System.Text;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>How often, how much, over what, and what a browser makes of the answer.</summary>
public sealed class ProtectionTests
{
    private static readonly string Key = ApiKey.Create();

    private static readonly string OtherKey = ApiKey.Create();

    private static readonly Dictionary<string, string?> Keys = new(GuardedService.Key("crm", Key).Concat(GuardedService.Key("web", OtherKey)));

    /// <summary>Everything comes from 127.0.0.1, which says whom it speaks for.</summary>
    private static readonly KeyValuePair<string, string?> Proxy = new("Http:KnownProxies:0", "127.0.0.1");

    [Fact]
    public async Task A_key_that_asks_too_often_waits_and_no_other_does()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, new("Http:Limits:RequestsPerMinute", "3")]);

        var rejected = await ExhaustAsync(3, () => service.SendAsync("read", Key));

        var seconds = int.Parse(rejected.Headers["Retry-After"], CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 60);
        Assert.Equal($"Too many requests; try again in {seconds} seconds.", rejected.Detail);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", OtherKey)).Status);
    }

    [Fact]
    public async Task Wrong_keys_are_limited_and_a_right_one_from_there_is_answered()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, new("Http:Limits:RefusedRequestsPerMinute", "2")]);

        await ExhaustAsync(2, () => service.SendAsync("read", ApiKey.Create()));

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", Key)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("read")).Status);
    }

    [Fact]
    public async Task Without_a_key_each_address_has_its_own_limit_and_an_IPv6_network_is_one_address()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, Proxy, new("Http:Limits:AnonymousRequestsPerMinute", "2")]);

        await ExhaustAsync(2, () => FromAsync("203.0.113.1"));
        var host = 0;
        await ExhaustAsync(2, () => FromAsync($"2001:db8:1:2::{++host}"));

        Assert.Equal(HttpStatusCode.OK, (await FromAsync("203.0.113.2")).Status);
        Assert.Equal(HttpStatusCode.OK, (await FromAsync("2001:db8:1:3::1")).Status);

        Task<Answer> FromAsync(string address) => service.SendAsync("address", headers: ("X-Forwarded-For", address));
    }

    [Fact]
    public async Task Callers_who_ask_too_often_do_not_make_the_service_look_dead()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, new("Http:Limits:AnonymousRequestsPerMinute", "2")]);

        await ExhaustAsync(2, () => service.SendAsync("address"));

        // Health has a limit too, which it has not begun to use.
        await ExhaustAsync(2, () => service.SendAsync("health/ready"));
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_not_read()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, new("Http:Limits:RequestBody", "1024")]);

        var fits = await service.SendAsync("upload", method: "POST", content: new StringContent(new string('x', 1_024)));
        var told = await service.SendAsync("upload", method: "POST", content: new StringContent(new string('x', 1_025)));
        var streamed = await service.SendAsync("upload", method: "POST", content: new StreamContent(new EndlessStream(1_025)));

        Assert.Equal((HttpStatusCode.OK, "1024"), (fits.Status, fits.Body));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "The body is longer than 1024 bytes."), (told.Status, told.Detail));
        Assert.Equal(413, streamed.Problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_query_or_headers_that_are_too_long_are_refused()
    {
        await using var service = await GuardedService.StartAsync(Keys);

        var query = await service.SendAsync($"address?{new string('q', 4_096)}");

        Assert.Equal((HttpStatusCode.RequestUriTooLong, "The query is longer than 4096 characters."), (query.Status, query.Detail));
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync($"address?{new string('q', 4_095)}")).Status);
        Assert.Equal(HttpStatusCode.RequestUriTooLong, (await service.SendAsync($"address?{new string('q', 10_000)}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("address", headers: ("X-Long", new string('h', 15_000)))).Status);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await service.SendAsync("address", headers: ("X-Long", new string('h', 16_384)))).Status);
    }

    [Theory]
    [InlineData("read", HttpStatusCode.Unauthorized)]
    [InlineData("address", HttpStatusCode.OK)]
    [InlineData("health/live", HttpStatusCode.OK)]
    [InlineData("fault", HttpStatusCode.InternalServerError)]
    public async Task Every_answer_tells_browsers_to_run_nothing_and_nobody_what_serves_it(string path, HttpStatusCode status)
    {
        await using var service = await GuardedService.StartAsync(Keys);

        var answer = await service.SendAsync(path);

        Assert.Equal(status, answer.Status);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'", answer.Headers["Content-Security-Policy"]);
        Assert.Contains("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
        Assert.False(answer.Headers.ContainsKey("Server"));
        Assert.DoesNotContain("inner workings", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_says_itself_what_it_loads_but_not_who_frames_it()
    {
        await using var service = await GuardedService.StartAsync(Keys);

        Assert.Equal(
            "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            (await service.SendAsync("page")).Headers["Content-Security-Policy"]);
    }

    [Theory]
    [InlineData(null, null, "127.0.0.1 http")]
    [InlineData("Http:KnownProxies:0", "10.0.0.1", "127.0.0.1 http")]
    [InlineData("Http:KnownNetworks:0", "10.0.0.0/8", "127.0.0.1 http")]
    [InlineData("ForwardedHeaders_Enabled", "true", "127.0.0.1 http")]
    [InlineData("Http:KnownProxies:0", "127.0.0.1", "203.0.113.7 https")]
    [InlineData("Http:KnownNetworks:0", "127.0.0.0/8", "203.0.113.7 https")]
    public async Task Only_a_known_proxy_says_who_calls_and_how(string? setting, string? value, string address)
    {
        await using var service = await GuardedService.StartAsync(setting is null ? Keys : [.. Keys, new(setting, value)]);

        var answer = await service.SendAsync("address", headers: [("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https")]);

        Assert.Equal(address, answer.Body);
    }

    [Fact]
    public async Task A_caller_cannot_invent_who_stands_before_the_proxy()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, Proxy]);

        var answer = await service.SendAsync("address", headers: ("X-Forwarded-For", "127.0.0.1, 203.0.113.7"));

        Assert.Equal("203.0.113.7 http", answer.Body);
    }

    [Fact]
    public async Task Callers_from_elsewhere_are_sent_to_https_and_those_on_this_machine_and_probes_are_not()
    {
        await using var service = await GuardedService.StartAsync([.. Keys, Proxy, new("urls", "http://127.0.0.1:0;https://127.0.0.1:0")]);
        var elsewhere = ("X-Forwarded-For", "203.0.113.7");

        var redirected = await service.SendAsync("import?scopeId=1", Key, "POST", headers: elsewhere);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, redirected.Status);
        Assert.Equal($"https://127.0.0.1:{service.SecureAddress.Port}/import?scopeId=1", redirected.Headers["Location"]);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", Key, headers: [elsewhere, ("X-Forwarded-Proto", "https")])).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/ready", headers: elsewhere)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("import", Key)).Status);
    }

    [Theory]
    [InlineData("Production", "hokify.example", "max-age=31536000")]
    [InlineData("Production", "localhost", null)]
    [InlineData("Development", "hokify.example", null)]
    public async Task Browsers_are_told_to_keep_to_https_except_on_this_machine_and_in_development(string environment, string host, string? expected)
    {
        await using var service = await GuardedService.StartAsync([.. Keys, new("urls", "https://127.0.0.1:0")], environment: environment);

        var answer = await service.SendAsync("address", headers: ("Host", host));

        Assert.Equal(("127.0.0.1 https", expected), (answer.Body, answer.Headers.GetValueOrDefault("Strict-Transport-Security")));
    }

    /// <summary>Asks until it is refused. A minute may end in between, but not two.</summary>
    private static async Task<Answer> ExhaustAsync(int limit, Func<Task<Answer>> ask)
    {
        for (var asked = 0; asked <= 2 * limit; asked++)
        {
            var answer = await ask();
            if (answer.Status == HttpStatusCode.TooManyRequests)
            {
                Assert.True(asked >= limit, $"refused after {asked} requests");
                return answer;
            }
        }

        throw new InvalidOperationException($"{(2 * limit) + 1} requests were answered, and {limit} a minute is the limit.");
    }

    /// <summary>A body whose length nobody knows beforehand.</summary>
    private sealed class EndlessStream(int length) : MemoryStream(Encoding.ASCII.GetBytes(new string('x', length)))
    {
        public override bool CanSeek => false;
    }
}

using System.Net;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Who is let in by an API key, and to what.</summary>
public sealed class KeyTests
{
    private static readonly string Key = ApiKey.Create();

    private static readonly Dictionary<string, string?> OneKey = GuardedService.Key("crm", Key);

    [Fact]
    public async Task A_request_without_a_key_is_told_how_to_send_one()
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        var answer = await service.SendAsync("read");

        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer realm=\"hokify\""), (answer.Status, answer.Headers["WWW-Authenticate"]));
        Assert.Equal("The request has no API key; send it in the header X-Api-Key, or as Authorization: Bearer.", answer.Detail);
    }

    [Fact]
    public async Task The_key_is_taken_from_either_header()
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", Key)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", headers: ("Authorization", $"Bearer {Key}"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", headers: ("authorization", $"bearer  {Key}"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("read", Key, headers: ("Authorization", $"Bearer {Key}"))).Status);
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_key_the_answer_is_the_same()
    {
        await using var service = await GuardedService.StartAsync([.. OneKey, new("Http:Limits:RefusedRequestsPerMinute", "1000")]);
        string[] wrong =
        [
            ApiKey.Create(), Key[..^1], Key + "A", Key[..^1] + (Key[^1] == 'A' ? 'B' : 'A'), Key.ToUpperInvariant(), "hokify_", "x", "' OR 1=1",
            OneKey["Http:Keys:crm:Hash"]!, new string('k', 8_000), "crm", "*",
        ];

        foreach (var key in wrong)
        {
            foreach (var header in new[] { ("X-Api-Key", key), ("Authorization", $"Bearer {key}") })
            {
                var answer = await service.SendAsync("read", headers: header);

                Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
                Assert.Equal("Bearer realm=\"hokify\", error=\"invalid_token\"", answer.Headers["WWW-Authenticate"]);
                Assert.Equal("The API key is not valid.", answer.Detail);
            }
        }
    }

    [Theory]
    [InlineData("Basic Y3JtOmNybQ==", "The request has no API key; send it in the header X-Api-Key, or as Authorization: Bearer.")]
    [InlineData("Bearer", "The request has no API key; send it in the header X-Api-Key, or as Authorization: Bearer.")]
    [InlineData("Bearer x, Bearer y", "The API key is not valid.")]
    public async Task Another_authorization_lets_nobody_in(string authorization, string detail)
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        var answer = await service.SendAsync("read", headers: ("Authorization", authorization));

        Assert.Equal((HttpStatusCode.Unauthorized, detail), (answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Two_keys_in_one_request_are_refused_even_when_both_are_right()
    {
        var other = ApiKey.Create();
        await using var service = await GuardedService.StartAsync([.. OneKey, .. GuardedService.Key("web", other)]);

        var both = await service.SendAsync("read", Key, headers: ("Authorization", $"Bearer {other}"));
        var twice = await service.SendAsync("read", Key, headers: ("X-Api-Key", other));

        Assert.Equal((HttpStatusCode.Unauthorized, "The request has more than one API key; send one."), (both.Status, both.Detail));
        Assert.Equal(HttpStatusCode.Unauthorized, twice.Status);
    }

    [Fact]
    public async Task A_key_is_refused_from_its_expiry_on()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero));
        await using var service = await GuardedService.StartAsync(
            [.. OneKey, new("Http:Keys:crm:ExpiresAt", "2026-03-01T01:00:00+01:00")], builder => builder.Services.AddSingleton<TimeProvider>(clock));

        var before = await service.SendAsync("read", Key);
        clock.Advance(TimeSpan.FromSeconds(1));
        var after = await service.SendAsync("read", Key);

        Assert.Equal(HttpStatusCode.OK, before.Status);
        Assert.Equal((HttpStatusCode.Unauthorized, "The API key expired at 2026-03-01 01:00:00 +01:00."), (after.Status, after.Detail));
    }

    [Fact]
    public async Task Each_key_is_its_holder_with_its_scopes()
    {
        var (one, two, all) = (ApiKey.Create(), ApiKey.Create(), ApiKey.Create());
        await using var service = await GuardedService.StartAsync(
            [.. GuardedService.Key("one", one, "1"), .. GuardedService.Key("two", two, " 7, 2 "), .. GuardedService.Key("all", all, "All")]);

        var seen = new List<Seen>();
        foreach (var key in new[] { one, two, all })
        {
            seen.Add((await service.SendAsync("read", key)).Read<Seen>());
        }

        Assert.Equivalent(
            new[] { new Seen("one", [1], true, false), new Seen("two", [2, 7], false, true), new Seen("all", null, true, true) }, seen, strict: true);
    }

    [Theory]
    [InlineData("read", "GET", "read")]
    [InlineData("import", "GET", "import")]
    [InlineData("import", "POST", "import")]
    [InlineData("operate", "DELETE", "operate")]
    public async Task A_right_allows_what_it_says_and_no_other_right_does(string path, string method, string right)
    {
        var (with, without) = (ApiKey.Create(), ApiKey.Create());
        var others = string.Join(',', Rights.All.Except([right]));
        await using var service = await GuardedService.StartAsync([.. GuardedService.Key("with", with, rights: right), .. GuardedService.Key("without", without, rights: others)]);

        var allowed = await service.SendAsync(path, with, method);
        var refused = await service.SendAsync(path, without, method);

        Assert.Equal(HttpStatusCode.OK, allowed.Status);
        Assert.Equal((HttpStatusCode.Forbidden, $"The API key 'without' lacks the right '{right}'."), (refused.Status, refused.Detail));
    }

    [Theory]
    [InlineData("forgotten")]
    [InlineData("vague")]
    public async Task An_endpoint_that_does_not_say_who_may_is_open_to_nobody(string path)
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        var anonymous = await service.SendAsync(path);
        var withAllRights = await service.SendAsync(path, Key);

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.Status);
        Assert.Equal((HttpStatusCode.Forbidden, "This address does not say who may use it, so nobody may."), (withAllRights.Status, withAllRights.Detail));
    }

    [Fact]
    public async Task What_is_not_there_is_told_to_those_who_have_a_key()
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("nowhere")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.SendAsync("read", method: "PUT")).Status);
        Assert.Equal(404, (await service.SendAsync("nowhere", Key)).Problem.GetProperty("status").GetInt32());
        Assert.Equal(405, (await service.SendAsync("read", Key, "PUT")).Problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Health_is_open_to_all_even_with_a_wrong_key()
    {
        await using var service = await GuardedService.StartAsync(OneKey);

        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/live")).Status);
        Assert.Equal("""{"status":"Healthy","checks":{}}""", (await service.SendAsync("health/ready")).Body);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync("health/ready", "wrong")).Status);
    }

    [Fact]
    public async Task A_caller_who_only_takes_CSV_is_told_the_problem_all_the_same()
    {
        await using var service = await GuardedService.StartAsync(GuardedService.Key("crm", Key, rights: "read"));

        Assert.Contains("no API key", (await service.SendAsync("import", headers: ("Accept", "text/csv"))).Detail, StringComparison.Ordinal);
        Assert.Contains("'import'", (await service.SendAsync("import", Key, headers: ("Accept", "text/csv"))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_line_of_the_log_has_a_key_or_its_hash()
    {
        var (expired, wrong) = (ApiKey.Create(), ApiKey.Create());
        Dictionary<string, string?> settings = new(OneKey.Concat(GuardedService.Key("old", expired))) { ["Http:Keys:old:ExpiresAt"] = "2020-01-01T00:00:00Z" };
        await using var service = await GuardedService.StartAsync(settings);

        foreach (var key in new[] { Key, expired, wrong })
        {
            await service.SendAsync("read", key);
            await service.SendAsync("operate", method: "DELETE", headers: ("Authorization", $"Bearer {key}"));
            await service.SendAsync("forgotten", key);
            await service.SendAsync("fault", key);
        }

        var log = service.Logs.Text;
        Assert.Contains("Warning: A caller was refused: The API key is not valid.", log, StringComparison.Ordinal);
        Assert.Contains("inner workings", log, StringComparison.Ordinal);
        Assert.All(new[] { Key, expired, wrong }, key => Assert.DoesNotContain(key["hokify_".Length..], log, StringComparison.OrdinalIgnoreCase));
        Assert.All(settings.Where(setting => setting.Key.EndsWith(":Hash", StringComparison.Ordinal)), hash => Assert.DoesNotContain(hash.Value!.Split(':')[2], log, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_key_never_has_the_same_hash_and_matches_each()
    {
        var (first, second) = (KeyHash.Of(Key).ToString(), KeyHash.Of(Key).ToString());

        Assert.NotEqual(first, second);
        Assert.All(new[] { first, second }, hash => Assert.True(KeyHash.Parse(hash)!.Matches(Key)));
        Assert.False(KeyHash.Parse(first)!.Matches(ApiKey.Create()));
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class SandboxTests
{
    private static readonly string[] Everything =
        ["ats-api/application/getAllApplications", "ats-api/application/latestApplications?offset=50", "api/get-all-applications-extern", "api/get-all-applications-extern?csv=true"];

    [Fact]
    public async Task The_same_seed_size_and_clock_give_the_same_bytes()
    {
        var first = await BytesOfAsync(seed: 7, size: 120);
        var second = await BytesOfAsync(seed: 7, size: 120);
        var other = await BytesOfAsync(seed: 8, size: 120);

        Assert.Equal(first, second);
        Assert.All(first.Zip(other), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public async Task A_million_applications_take_no_memory_until_they_are_read()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1_000_000 });
        await using var _ = sandbox;
        using var __ = reader;

        var last = await reader.ApplicationsAsync("offset=999990&limit=100");
        var beyond = await reader.ApplicationsAsync("offset=1000000&limit=100");

        Assert.Equal((10, 0), (last.Count, beyond.Count));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 50_000_000);
    }

    [Fact]
    public async Task About_one_person_in_ten_applies_more_than_once_and_is_always_the_same()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 2200 });
        await using var _ = sandbox;
        using var __ = reader;

        var matches = await reader.MatchesAsync();
        var persons = matches.GroupBy(m => (string)m["user"]!["_id"]!).ToList();

        Assert.Equal(2200, matches.Select(Id).Distinct().Count());
        Assert.InRange(persons.Count(p => p.Count() > 1) / (double)persons.Count, 0.07, 0.13);
        Assert.All(persons, p => Assert.Single(p.Select(m => m["user"]!["general"]!.ToJsonString()).Distinct()));
    }

    [Fact]
    public async Task Questions_are_asked_in_German_and_in_English()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 300 });
        await using var _ = sandbox;
        using var __ = reader;

        var asked = (await reader.MatchesAsync()).SelectMany(m => m["interviewQuestions"]!.AsArray()).Select(q => (string)q!["question"]!).ToHashSet();

        Assert.Superset(
            new HashSet<string> { "Was sind deine Gehaltsvorstellungen?", "What is your salary expectation?", "Wie lange ist deine Kündigungsfrist?", "What is your earliest entry date?" },
            asked);
    }

    [Fact]
    public async Task Time_that_passes_touches_what_it_says_and_nothing_else()
    {
        var clock = ClockAtNoon();
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 200, MaxLimit = 1000, Clock = clock });
        await using var _ = sandbox;
        using var __ = reader;
        var before = (await reader.AllApplicationsAsync(limit: 1000)).ToDictionary(Id);
        clock.Advance(TimeSpan.FromHours(1));

        var advance = sandbox.Advance(@new: 6, changed: 5, withdrawn: 4, erased: 3);

        var after = (await reader.AllApplicationsAsync(limit: 1000)).ToDictionary(Id);
        Assert.Equal((6, 5, 4, 3), (advance.New.Count, advance.Changed.Count, advance.Withdrawn.Count, advance.ErasedPersons.Count));
        Assert.Equal(advance.New.Order(), after.Keys.Except(before.Keys).Order());
        Assert.Equal(advance.Withdrawn.Order(), before.Keys.Except(after.Keys).Order());
        Assert.Equal(
            advance.New.Concat(advance.Changed).Concat(advance.Erased).Order(),
            after.Values.Where(a => Date(a, "lastupdate") == Noon.AddHours(1)).Select(Id).Order());
        Assert.All(advance.New, id => Assert.Equal(Noon.AddHours(1), Date(after[id], "datematch")));
        Assert.All(advance.Changed, id =>
        {
            Assert.NotEqual((string?)before[id]["contactStage"], (string?)after[id]["contactStage"]);
            Assert.False(JsonNode.DeepEquals(before[id]["interviewQuestions"], after[id]["interviewQuestions"]));
            Assert.Equal(Date(before[id], "datematch"), Date(after[id], "datematch"));
        });
        Assert.Equal(advance.ErasedPersons.Order(), after.Values.Where(a => (bool)a["user"]!["privacyAutoDeleted"]!).Select(a => (string)a["user"]!["_id"]!).Distinct().Order());
        Assert.Equal(new SandboxState("demo", 200, 202, 3), sandbox.State());
        Assert.Equal(after.Keys.Order(), sandbox.ApplicationIds().Order());
    }

    [Fact]
    public async Task Of_an_erased_person_only_ids_and_dates_are_left()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 100 });
        await using var _ = sandbox;
        using var __ = reader;
        await reader.LogInExternAsync();
        var rows = (await reader.ListAsync("api/get-all-applications-extern")).ToDictionary(r => (string)r["matchId"]!);

        var advance = sandbox.Advance(erased: 8);

        var texts = (await reader.ListAsync("ats-api/application/latestApplications")).SelectMany(Inner).Concat(await reader.MatchesAsync())
            .Where(a => advance.Erased.Contains(Id(a))).Select(a => a["user"]!.ToJsonString() + a["interviewQuestions"]!.ToJsonString())
            .Concat((await reader.ListAsync("api/get-all-applications-extern")).Where(r => advance.Erased.Contains((string)r["matchId"]!)).Select(r => r.ToJsonString()))
            .ToList();
        Assert.Equal(advance.Erased.Count * 3, texts.Count);
        foreach (var member in new[] { "email", "phone", "birthday", "name", "fileCV" })
        {
            Assert.All(advance.Erased.Select(id => (string?)rows[id][member]).OfType<string>(), value => Assert.DoesNotContain(texts, text => text.Contains(value, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Nobody_can_be_changed_who_is_not_there()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 5 }, Cancellation);

        Assert.Throws<ArgumentException>(() => sandbox.Advance(changed: 3, withdrawn: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => sandbox.Advance(@new: -1));
        Assert.Throws<ArgumentException>(() => sandbox.Advance(mandator: "nobody"));
        Assert.Equal(5, sandbox.State().Applications);
    }

    [Fact]
    public async Task A_sandbox_can_be_controlled_over_HTTP()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 10 });
        await using var _ = sandbox;
        using var __ = reader;

        using var advanced = await reader.PostAsync("sandbox/advance", new { @new = 2, changed = 1, withdrawn = 1, erased = 1 });
        using var one = await reader.PostAsync("sandbox/faults", new { kind = "TooManyRequests", times = (int?)null, retryAfterSeconds = 3 });
        using var more = await reader.PostAsync("sandbox/faults", new[] { new { kind = "Slow", delay = "00:00:00.010" }, new { kind = "NotJson", delay = "00:00:01" } });
        using var refused = await reader.GetAsync("ats-api/application/latestApplications?limit=1");
        var state = await reader.TextAsync("sandbox/state");
        using var cleared = await reader.DeleteAsync("sandbox/faults");
        using var accepted = await reader.GetAsync("ats-api/application/latestApplications?limit=1");
        var requests = await reader.TextAsync("sandbox/requests");

        Assert.Equal(2, (await advanced.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["new"]!.AsArray().Count);
        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (refused.StatusCode, accepted.StatusCode));
        Assert.Equal(11, (int)JsonNode.Parse(state)!["mandators"]![0]!["applications"]!);
        Assert.Equal(3, JsonNode.Parse(state)!["faults"]!.AsArray().Count);
        Assert.Empty(sandbox.Faults.Active);
        Assert.Equal(
            [("POST", "/ats-api/auth/token", "", 200), ("GET", "/ats-api/application/latestApplications", "?limit=1", 429), ("GET", "/ats-api/application/latestApplications", "?limit=1", 200)],
            JsonNode.Parse(requests)!.AsArray().Select(r => ((string)r!["method"]!, (string)r["path"]!, (string)r["query"]!, (int)r["status"]!)));
        Assert.DoesNotContain("demo-token", state + requests, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sandbox/advance", """{"new":-1}""")]
    [InlineData("sandbox/advance", """{"news":1}""")]
    [InlineData("sandbox/advance", """{"withdrawn":11}""")]
    [InlineData("sandbox/advance", "nothing")]
    [InlineData("sandbox/faults", """{"kind":"Earthquake"}""")]
    [InlineData("sandbox/faults", """{"kind":"Slow","after":-1}""")]
    [InlineData("sandbox/faults", "null")]
    [InlineData("sandbox/faults", "7")]
    public async Task An_order_that_makes_no_sense_is_a_bad_request(string path, string body)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 10 }, Cancellation);
        using var reader = new Reader(sandbox);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await reader.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((string?)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["msg"] ?? "");
    }

    [Fact]
    public async Task A_request_is_in_the_log_with_its_mandator_before_its_answer_arrives()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;

        for (var call = 1; call <= 20; call++)
        {
            using var answer = await reader.GetHeadersAsync($"ats-api/application/getAllApplications?offset={call}");

            Assert.Equal(($"?offset={call}", "demo", 200), (sandbox.Requests[^1].Query, sandbox.Requests[^1].Mandator, sandbox.Requests[^1].Status));
        }
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.168.1.10")]
    [InlineData("::")]
    public async Task An_address_that_others_can_reach_is_refused(string address)
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => HokifySandbox.StartAsync(new SandboxOptions { Address = IPAddress.Parse(address) }, Cancellation));

        Assert.Contains("loopback", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_on_the_web_that_calls_itself_this_machine_gets_nothing()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions(), Cancellation);
        using var reader = new Reader(sandbox);
        using var request = new HttpRequestMessage(HttpMethod.Get, "sandbox/state");
        request.Headers.Host = "evil.example";

        using var answer = await reader.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_sandbox_runs_until_it_is_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var started = new TaskCompletionSource<Uri>();

        var running = HokifySandbox.RunAsync(new SandboxOptions { Applications = 1 }, sandbox => started.SetResult(sandbox.BaseAddress), stop.Token);
        using var http = new HttpClient { BaseAddress = await started.Task.WaitAsync(Cancellation) };
        using var answer = await http.GetAsync(new Uri("sandbox/state", UriKind.Relative), Cancellation);
        await stop.CancelAsync();
        await running;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("sandbox/state", UriKind.Relative), Cancellation));
    }

    [Fact]
    public async Task Options_out_of_range_are_refused_by_name()
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => HokifySandbox.StartAsync(new SandboxOptions { MaxLimit = 0 }, Cancellation));

        Assert.Contains("MaxLimit", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<List<byte[]>> BytesOfAsync(int seed, int size)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Seed = seed, Applications = size, Clock = ClockAtNoon() });
        await using var _ = sandbox;
        using var __ = reader;
        await reader.LogInExternAsync();
        sandbox.Advance(@new: 5, changed: 4, withdrawn: 3, erased: 2);
        var all = new List<byte[]>();
        foreach (var path in Everything)
        {
            all.Add(await reader.BytesAsync(path));
        }

        return all;
    }
}

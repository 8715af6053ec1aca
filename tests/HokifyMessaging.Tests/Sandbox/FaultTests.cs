using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class FaultTests
{
    private const string Latest = "ats-api/application/latestApplications";

    private static readonly Swagger AtsApi = new("ats-api-v1-swagger.json");

    [Theory]
    [InlineData(SandboxFaultKind.TooManyRequests, HttpStatusCode.TooManyRequests)]
    [InlineData(SandboxFaultKind.InternalServerError, HttpStatusCode.InternalServerError)]
    [InlineData(SandboxFaultKind.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task A_fault_strikes_after_as_many_calls_and_as_often_as_asked(SandboxFaultKind kind, HttpStatusCode status)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(kind, after: 2, times: 2);

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 6; call++)
        {
            using var answer = await reader.GetAsync(Latest);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, status, status, HttpStatusCode.OK, HttpStatusCode.OK], statuses);
        Assert.Equal(2, Assert.Single(sandbox.Faults.Active).Hits);
    }

    [Fact]
    public async Task A_fault_without_an_end_lasts_until_it_is_cleared()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(SandboxFaultKind.InternalServerError, times: null);

        for (var call = 0; call < 5; call++)
        {
            using var answer = await reader.GetAsync(Latest);
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        }

        sandbox.Faults.Clear();
        using var healed = await reader.GetAsync(Latest);
        Assert.Equal(HttpStatusCode.OK, healed.StatusCode);
    }

    [Fact]
    public async Task After_a_401_only_a_new_login_helps()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(SandboxFaultKind.Unauthorized, after: 1);

        using var first = await reader.GetAsync(Latest);
        using var second = await reader.GetAsync(Latest);
        using var third = await reader.GetAsync(Latest);
        await reader.LogInAsync();
        using var fourth = await reader.GetAsync(Latest);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK],
            new[] { first, second, third, fourth }.Select(a => a.StatusCode));
    }

    [Fact]
    public async Task Retry_After_is_a_number_of_seconds_or_a_date()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1, Clock = ClockAtNoon() });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.TooManyRequests) { RetryAfterSeconds = 7 });
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.ServiceUnavailable) { RetryAfterSeconds = 7, RetryAfterAsDate = true });

        using var seconds = await reader.GetAsync(Latest);
        using var date = await reader.GetAsync(Latest);

        Assert.Equal(TimeSpan.FromSeconds(7), seconds.Headers.RetryAfter!.Delta);
        Assert.Equal(Noon.AddSeconds(7), date.Headers.RetryAfter!.Date);
    }

    [Fact]
    public async Task A_login_fails_only_where_logins_are_meant()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 1 }, Cancellation);
        using var reader = new Reader(sandbox);
        sandbox.Faults.Add(SandboxFaultKind.InternalServerError);
        using var login = await reader.TokenAsync("ats-api/auth/token", "demo", "demo-token");
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.ServiceUnavailable) { On = SandboxCall.Login });
        using var refused = await reader.TokenAsync("ats-api/auth/token", "demo", "demo-token");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (login.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task A_fault_may_concern_one_mandator_only()
    {
        var options = new SandboxOptions { Applications = 1, Mandators = [new("one", "1"), new("two", "2")] };
        await using var sandbox = await HokifySandbox.StartAsync(options, Cancellation);
        using var reader = new Reader(sandbox);
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Mandator = "two", Times = null });

        await reader.LogInAsync("one", "1");
        using var one = await reader.GetAsync(Latest);
        await reader.LogInAsync("two", "2");
        using var two = await reader.GetAsync(Latest);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.InternalServerError), (one.StatusCode, two.StatusCode));
    }

    [Fact]
    public async Task A_slow_answer_comes_late_but_comes()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(300) });

        var before = TimeProvider.System.GetTimestamp();
        using var answer = await reader.GetAsync(Latest);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange(TimeProvider.System.GetElapsedTime(before), TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(Latest, 512)]
    [InlineData(Latest, 100_000)]
    [InlineData(Latest, 10_000_000)]
    [InlineData("api/get-all-applications-extern?csv=true", 512)]
    public async Task A_cut_connection_ends_in_the_middle_of_the_body(string path, int bytes)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 90 });
        await using var _ = sandbox;
        using var __ = reader;
        await reader.LogInExternAsync();
        var whole = await reader.BytesAsync(path);
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.CutConnection) { CutAfterBytes = bytes });

        using var answer = await reader.GetHeadersAsync(path);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        using var received = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(received, Cancellation));

        Assert.Equal(Math.Min(bytes, whole.Length - 1), received.Length);
        Assert.Equal(whole.AsSpan(0, (int)received.Length).ToArray(), received.ToArray());
        Assert.Equal(whole, await reader.BytesAsync(path));
    }

    [Fact]
    public async Task A_repeated_page_has_the_content_of_the_page_before()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 60 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(SandboxFaultKind.RepeatedPage);

        var first = Ids(await reader.ApplicationsAsync("offset=0&limit=20"));
        var repeated = Ids(await reader.ApplicationsAsync("offset=20&limit=20"));
        var third = Ids(await reader.ApplicationsAsync("offset=40&limit=20"));

        Assert.Equal(first.Order(), repeated.Order());
        Assert.Empty(first.Intersect(third));
    }

    [Fact]
    public async Task An_ignored_offset_always_gives_the_first_page()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 60 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(SandboxFaultKind.IgnoredOffset, times: null);

        var first = Ids(await reader.ApplicationsAsync("offset=0&limit=20"));

        Assert.Equal(first, Ids(await reader.ApplicationsAsync("offset=20&limit=20")));
        Assert.Equal(first, Ids(await reader.ApplicationsAsync("offset=4000&limit=20")));
    }

    [Fact]
    public async Task Unknown_members_appear_at_several_depths_and_nothing_else_changes()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 50 });
        await using var _ = sandbox;
        using var __ = reader;
        var before = await reader.MatchesAsync();
        sandbox.Faults.Add(SandboxFaultKind.UnknownMembers);

        var drifted = await reader.MatchesAsync();

        var unknown = drifted.SelectMany(match => AtsApi.Objections("IAPIMatchWithUserAndRecruiterJob", match)).Distinct().Select(o => o["IAPIMatchWithUserAndRecruiterJob.".Length..]).Order(StringComparer.Ordinal);
        Assert.Equal(
            ["aiMatching is unknown", "interviewQuestions[].weight is unknown", "job.remoteWork is unknown", "user.cvInfo.cvVersion is unknown", "user.cvInfo.experiences[].achievements is unknown", "user.profileTheme is unknown"],
            unknown);
        Assert.All(drifted, match => Assert.NotNull(match["user"]!["general"]!["pronouns"]));
        Assert.Equal(Ids(before), Ids(drifted));
    }

    [Theory]
    [InlineData(Latest)]
    [InlineData("api/get-all-applications-extern")]
    public async Task A_body_may_be_no_JSON_or_no_list(string path)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        await reader.LogInExternAsync();
        sandbox.Faults.Add(SandboxFaultKind.NotJson);
        sandbox.Faults.Add(SandboxFaultKind.WrongShape);

        using var page = await reader.GetAsync(path);
        var html = await page.Content.ReadAsStringAsync(Cancellation);
        var json = JsonNode.Parse(await reader.TextAsync(path));

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(html));
        Assert.IsType<JsonObject>(json);
        Assert.Single(await reader.ListAsync(path));
    }

    [Fact]
    public void Nonsense_is_no_fault()
    {
        var faults = new SandboxFaults();

        Assert.Throws<ArgumentException>(() => faults.Add(SandboxFaultKind.Slow, after: -1));
        Assert.Throws<ArgumentException>(() => faults.Add((SandboxFaultKind)99));
        Assert.Throws<ArgumentException>(() => faults.Add(new SandboxFault(SandboxFaultKind.Slow) { ApplicationId = "x" }));
    }
}

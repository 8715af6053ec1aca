using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class TodaysApiTests
{
    [Theory]
    [InlineData(false, JsonValueKind.Number)]
    [InlineData(true, JsonValueKind.String)]
    public async Task A_login_says_how_long_its_token_is_good_as_a_number_or_a_text(bool asText, JsonValueKind kind)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 0, ExpiresInAsText = asText }, Cancellation);
        using var reader = new Reader(sandbox);

        using var answer = await reader.TokenAsync("ats-api/auth/token", "demo", "demo-token");
        var login = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);

        Assert.Equal(kind, login!["expires_in"]!.GetValueKind());
        Assert.Equal("86400", $"{login["expires_in"]}");
    }

    [Theory]
    [InlineData("ats-api/auth/token", "demo", "wrong")]
    [InlineData("ats-api/auth/token", "somebody", "demo-token")]
    [InlineData("ats-api/v1/auth/token", "demo", "wrong")]
    public async Task A_wrong_secret_gets_no_token(string path, string mandator, string token)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 0 }, Cancellation);
        using var reader = new Reader(sandbox);

        using var answer = await reader.TokenAsync(path, mandator, token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Without_a_token_nobody_reads_and_the_answer_is_JSON()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions(), Cancellation);
        using var reader = new Reader(sandbox);

        using var answer = await reader.GetAsync("ats-api/application/getAllApplications");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("invalid_token", (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["error"]);
    }

    [Fact]
    public async Task A_token_ends_after_a_day()
    {
        var clock = ClockAtNoon();
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1, Clock = clock });
        await using var _ = sandbox;
        using var __ = reader;

        clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        using var inTime = await reader.GetAsync("ats-api/application/getAllApplications");
        clock.Advance(TimeSpan.FromSeconds(1));
        using var late = await reader.GetAsync("ats-api/application/getAllApplications");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (inTime.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task Each_mandator_has_applications_of_its_own()
    {
        var options = new SandboxOptions { Applications = 20, Mandators = [new("one", "1"), new("two", "2") { Applications = 30 }] };
        await using var sandbox = await HokifySandbox.StartAsync(options, Cancellation);
        using var reader = new Reader(sandbox);

        await reader.LogInAsync("one", "1");
        var one = Ids(await reader.AllApplicationsAsync());
        await reader.LogInAsync("two", "2");
        var two = Ids(await reader.AllApplicationsAsync());

        Assert.Equal((20, 30), (one.Count, two.Count));
        Assert.Empty(one.Intersect(two));
        Assert.Equal(two.Order(), sandbox.ApplicationIds("two").Order());
    }

    [Fact]
    public async Task Pages_end_with_an_empty_one_and_miss_nothing()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 257, MaxLimit = 50 });
        await using var _ = sandbox;
        using var __ = reader;

        var first = await reader.ApplicationsAsync("limit=1000");
        var all = Ids(await reader.AllApplicationsAsync(limit: 1000));
        var beyond = await reader.TextAsync("ats-api/application/getAllApplications?offset=257&limit=50");

        Assert.Equal(50, first.Count);
        Assert.Equal(257, all.Distinct().Count());
        Assert.Equal(257, all.Count);
        Assert.Equal("[]", beyond);
        Assert.All(all, id => Assert.Matches("^[0-9a-f]{24}$", id));
    }

    [Fact]
    public async Task Without_a_limit_the_default_limit_applies()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 60, DefaultLimit = 40 });
        await using var _ = sandbox;
        using var __ = reader;

        Assert.Equal(40, (await reader.ApplicationsAsync()).Count);
    }

    [Theory]
    [InlineData("startTime=yesterday")]
    [InlineData("endTime=31.12.")]
    [InlineData("offset=-1")]
    [InlineData("limit=0")]
    [InlineData("limit=many")]
    public async Task A_parameter_that_makes_no_sense_is_a_bad_request(string query)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;

        using var answer = await reader.GetAsync($"ats-api/application/getAllApplications?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData(SandboxShape.ObjectPerItem, "application", JsonValueKind.Object)]
    [InlineData(SandboxShape.ArrayPerItem, "application", JsonValueKind.Array)]
    [InlineData(SandboxShape.Grouped, "applications", JsonValueKind.Array)]
    public async Task The_shape_decides_how_items_hold_applications(SandboxShape shape, string member, JsonValueKind kind)
    {
        var options = new SandboxOptions { Applications = 90, Jobs = 4, AllApplicationsShape = shape, LatestApplicationsShape = shape };
        var (sandbox, reader) = await LoggedInAsync(options);
        await using var _ = sandbox;
        using var __ = reader;

        foreach (var endpoint in new[] { "getAllApplications", "latestApplications" })
        {
            var items = await reader.ListAsync($"ats-api/application/{endpoint}");

            Assert.All(items, item => Assert.Equal(kind, item[member]!.GetValueKind()));
            Assert.Equal(90, items.SelectMany(Inner).Count());
            Assert.Equal(shape == SandboxShape.Grouped, items.Count < 90);
            Assert.Equal(shape == SandboxShape.Grouped, items.Select(item => (string?)item["relationId"]).Distinct().Count() == items.Count);
        }
    }

    [Fact]
    public async Task A_page_may_count_groups_instead_of_applications()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 300, Jobs = 6, OffsetCounts = SandboxOffsetUnit.Groups });
        await using var _ = sandbox;
        using var __ = reader;

        var page = await reader.ListAsync("ats-api/application/getAllApplications?offset=0&limit=2");
        var ids = new List<string>();
        for (var offset = 0; ; offset += 2)
        {
            var items = await reader.ListAsync($"ats-api/application/getAllApplications?offset={offset}&limit=2");
            if (items.Count == 0)
            {
                break;
            }

            ids.AddRange(Ids(items.SelectMany(Inner)));
        }

        Assert.Equal(2, page.Count);
        Assert.True(page.SelectMany(Inner).Count() > 2);
        Assert.Equal(sandbox.ApplicationIds().Order(), ids.Order());
    }

    [Fact]
    public async Task Applications_for_a_company_as_such_have_no_job()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1000, MaxLimit = 1000 });
        await using var _ = sandbox;
        using var __ = reader;

        var items = await reader.ListAsync("ats-api/application/latestApplications?limit=1000");
        var speculative = items.Where(item => (string?)item["relationType"] == "company").ToList();

        Assert.InRange(speculative.Count, 25, 85);
        Assert.All(speculative, item => Assert.Null(item["sourceId"]));
        Assert.All(items, item => Assert.Equal((string?)item["relationType"] == "job", item["application"]!["job"] is not null));
    }

    [Fact]
    public async Task A_source_id_finds_the_applications_for_its_job_page_by_page()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 400, Jobs = 5, MaxLimit = 1000 });
        await using var _ = sandbox;
        using var __ = reader;
        var all = await reader.ListAsync("ats-api/application/getAllApplications?limit=1000");
        var job = all.First(item => item["sourceId"] is not null);
        var query = $"sourceId={Uri.EscapeDataString((string)job["sourceId"]!)}";

        var first = await reader.ApplicationsAsync($"{query}&limit=10", "getApplicationsBySourceId");
        var rest = await reader.ApplicationsAsync($"{query}&offset=10&limit=1000", "getApplicationsBySourceId");

        Assert.Equal(10, first.Count);
        Assert.Equal(Ids(Inner(job)), Ids(first.Concat(rest)));
        Assert.Empty(await reader.ApplicationsAsync("sourceId=no-such-job", "getApplicationsBySourceId"));
    }

    [Theory]
    [InlineData(SandboxFilter.LastUpdate, "lastupdate")]
    [InlineData(SandboxFilter.Creation, "datematch")]
    public async Task A_window_of_time_contains_both_of_its_ends(SandboxFilter filter, string date)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 100, FilterOn = filter, Clock = ClockAtNoon() });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Advance(@new: 5, changed: 10);
        var all = (await reader.AllApplicationsAsync()).OrderBy(a => Date(a, date)).ToList();
        var (from, to) = (Date(all[30], date), Date(all[60], date));

        var window = await reader.AllApplicationsAsync($"startTime={from:yyyy-MM-ddTHH:mm:ss.fffZ}&endTime={to:yyyy-MM-ddTHH:mm:ss.fffZ}");

        Assert.Equal(Ids(all.Where(a => Date(a, date) >= from && Date(a, date) <= to)).Order(), Ids(window).Order());
        Assert.Equal(31, window.Count);
    }

    [Fact]
    public async Task A_window_may_reach_to_the_end_of_time()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 10 });
        await using var _ = sandbox;
        using var __ = reader;

        Assert.Equal(10, (await reader.ApplicationsAsync("startTime=0001-01-01T00:00:00Z&endTime=9999-12-31T23:59:59.9999999Z")).Count);
    }

    [Theory]
    [InlineData(SandboxOrder.LastUpdateAscending, "lastupdate", false)]
    [InlineData(SandboxOrder.LastUpdateDescending, "lastupdate", true)]
    [InlineData(SandboxOrder.CreationAscending, "datematch", false)]
    [InlineData(SandboxOrder.CreationDescending, "datematch", true)]
    public async Task Lists_have_the_order_that_was_asked_for(SandboxOrder order, string date, bool descending)
    {
        var clock = ClockAtNoon();
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 200, Order = order, LatestApplicationsShape = SandboxShape.ObjectPerItem, MaxLimit = 1000, Clock = clock });
        await using var _ = sandbox;
        using var __ = reader;
        for (var hour = 0; hour < 4; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            sandbox.Advance(@new: 7, changed: 9, withdrawn: 3, erased: 2);
        }

        var dates = (await reader.ApplicationsAsync("limit=1000", "latestApplications")).Select(a => Date(a, date)).ToList();

        Assert.Equal(216, dates.Count);
        Assert.Equal(descending ? dates.OrderDescending() : dates.Order(), dates);
    }
}

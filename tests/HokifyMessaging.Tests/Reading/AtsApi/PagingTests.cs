using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public abstract class PagingTests
{
    protected PagingTests(int pagesAtOnce) => AtsApiStub.PagesAtOnce = pagesAtOnce;

    [Fact]
    public async Task Pages_follow_each_other_until_one_is_empty()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(4));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var pages = await setup.ReadAsync();

        Assert.Equal(AtsApiStub.Ids(4), pages.Ids());
        Assert.Equal(["offset:2", "offset:3", "offset:4"], pages.Select(page => page.Checkpoint[..page.Checkpoint.LastIndexOf(':')]));
        Assert.Equal(["AtsApi offset 0", "AtsApi offset 1", "AtsApi offset 2"], pages.Select(page => page.Position));
        Assert.Equal("AtsApi offset 1, item 2", pages[1].Records[0].Position);
        Assert.All(pages, page => Assert.True(page.StartsResponse));
        // Those that are asked for at once may come in any order, and a few are asked for beyond the end.
        string?[] asked = [.. stub.To(AtsApiStub.PagePath).Select(asked => asked["offset"]).Order()];
        Assert.Equal(["0", "1", "2", "3", "4"], asked.Take(5));
        Assert.InRange(asked.Length, 5, AtsApiStub.PagesAtOnce == 1 ? 5 : 5 + AtsApiStub.PagesAtOnce);
    }

    [Fact]
    public async Task The_window_is_sent_in_UTC_with_milliseconds()
    {
        await using var stub = await AtsApiStub.StartAsync([]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Empty(await setup.ReadAsync());

        var asked = Assert.Single(stub.To(AtsApiStub.PagePath));
        Assert.Equal("GET", asked.Method);
        Assert.Equal("2026-02-01T00:30:00.250Z", asked["startTime"]);
        Assert.Equal("2026-03-01T12:00:00.000Z", asked["endTime"]);
        Assert.Equal("2", asked["limit"]);
    }

    [Fact]
    public async Task A_window_without_beginning_sends_no_startTime()
    {
        await using var stub = await AtsApiStub.StartAsync([]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await setup.ReadAsync(ReadingSetup.Window with { From = null });

        Assert.Null(Assert.Single(stub.To(AtsApiStub.PagePath))["startTime"]);
    }

    [Fact]
    public async Task A_server_that_caps_the_limit_loses_nothing()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(7), cap: 3);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.PageSize = 100));

        Assert.Equal(AtsApiStub.Ids(7), (await setup.ReadAsync()).Ids());
    }

    [Theory]
    [InlineData("/ats-api")]
    [InlineData("/ats-api/")]
    public async Task The_base_address_may_end_with_a_slash(string path)
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(1));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.BaseAddress = new Uri(stub.Address, path)));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task A_checkpoint_goes_on_behind_its_page()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(5));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));
        var first = (await setup.ReadAsync())[0];

        Assert.Equal(["a3", "a4", "a5"], (await setup.ReadAsync(checkpoint: first.Checkpoint)).Ids());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_server_that_gives_all_to_the_first_offset_and_nothing_to_others_is_read_whole(int items)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) =>
            context.JsonAsync(AtsApiStub.Number(context, "offset") == 0 ? $"[{string.Join(',', AtsApiStub.Items(items))}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.PageSize = 10));

        Assert.Equal(AtsApiStub.Ids(items), (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task A_checkpoint_that_does_not_say_what_stood_there_leads_to_the_beginning()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(3));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1", "a2", "a3"], (await setup.ReadAsync(checkpoint: "offset:2")).Ids());
    }

    [Theory]
    [InlineData("item:2")]
    [InlineData("offset:-1")]
    [InlineData("2")]
    [InlineData("")]
    public async Task A_checkpoint_of_another_source_is_refused(string checkpoint)
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(5));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Contains("expected is 'offset:' and a number", await setup.FailureAsync(checkpoint), StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    [Theory]
    [InlineData("""{"relationId":"j","application":{"_id":"a1","user":{"_id":"u1"}}}""", "a1")]
    [InlineData("""{"relationId":"j","application":[{"_id":"a1","user":{"_id":"u1"}},{"_id":"a2","user":{"_id":"u2"}}]}""", "a1,a2")]
    [InlineData("""{"relationId":"j","applications":[{"_id":"a1","user":{"_id":"u1"}},{"_id":"a2","user":{"_id":"u2"}}]}""", "a1,a2")]
    [InlineData("""{"relationId":"j","applications":{"_id":"a1","user":{"_id":"u1"}}}""", "a1")]
    [InlineData("""{"relationId":"j","application":{"_id":"a1","user":{"_id":"u1"}},"applications":[{"_id":"a2","user":{"_id":"u2"}}]}""", "a1,a2")]
    [InlineData("""{"relationId":"j","application":{"_id":"a1","user":{"_id":"u1"}},"applications":null}""", "a1")]
    public async Task Applications_are_found_as_object_and_as_array(string item, string ids)
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) => context.JsonAsync(count == 1 ? $"[{item}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(ids.Split(','), (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task Every_application_of_a_group_keeps_the_members_of_its_group()
    {
        const string group = """{"relationType":"job","relationId":"j1","sourceId":"ä-7","applications":[{"_id":"a1","user":{"_id":"u1"}},{"_id":"a2","user":{"_id":"u2"}}],"extra":{"deep":[1]}}""";
        await using var stub = await AtsApiStub.StartAsync((context, count) => context.JsonAsync(count == 1 ? $"[{group}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var record = (await setup.ReadAsync()).Single().Records[1];

        var payload = record.Read().Understood().Payload;
        using var json = System.Text.Json.JsonDocument.Parse(payload);
        Assert.Equal("job", json.RootElement.GetProperty("relationType").GetString());
        Assert.Equal("j1", json.RootElement.GetProperty("relationId").GetString());
        Assert.Equal("ä-7", json.RootElement.GetProperty("sourceId").GetString());
        Assert.Equal("a2", json.RootElement.GetProperty("application").GetProperty("_id").GetString());
        Assert.False(json.RootElement.TryGetProperty("applications", out _));
        Assert.Equal("AtsApi offset 0, item 1, application 2", record.Position);
    }

    [Theory]
    [InlineData("""{"relationType":"job","relationId":"j1","applications":[{"_id":"a0","user":{"_id":"u0"}},{"_id":"a1","user":{"_id":"u1"}}],"extra":{"deep":[1]}}""")]
    [InlineData("""{"relationType":"job","relationId":"j1","applications":[{"_id":"a0","user":{"_id":"u9"}},{"_id":"a1","user":{"_id":"u1"}}],"extra":{"deep":[1]}}""")]
    public async Task What_an_application_of_a_group_is_recognized_by_are_all_bytes_of_its_record_and_no_others(string group)
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) => context.JsonAsync(count == 1 ? $"[{group}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var record = (await setup.ReadAsync()).Single().Records[1];

        const string payload = """{"relationType":"job","relationId":"j1","extra":{"deep":[1]},"application":{"_id":"a1","user":{"_id":"u1"}}}""";
        Assert.Equal(payload, record.Read().Understood().Payload);
        Assert.Equal(System.IO.Hashing.XxHash128.HashToUInt128(System.Text.Encoding.UTF8.GetBytes(payload)), record.Hash);
    }

    [Fact]
    public async Task A_bad_item_is_a_rejection_and_stops_nothing()
    {
        await using var stub = await AtsApiStub.StartAsync(
            ["null", "\"text\"", "[1]", """{"relationType":"job"}""", """{"relationId":"j","application":null}""", AtsApiStub.Item(1)]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.PageSize = 4));

        Assert.Equal(
            ["(AtsApi offset 0, item 1)", "(AtsApi offset 0, item 2)", "(AtsApi offset 0, item 3)", "(AtsApi offset 0, item 4)", "(AtsApi offset 3, item 2)", "a1"],
            (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task Text_that_is_no_Unicode_spoils_no_record_but_its_own()
    {
        const string group = """{"\udc00":"\ud800","relationId":"j","applications":[{"_id":"a1","user":{"_id":"u1"},"\ud800":1},{"_id":"a2","user":{"_id":"u2"}}]}""";
        await using var stub = await AtsApiStub.StartAsync([group, AtsApiStub.Item(3)]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.OffsetCounts = OffsetUnit.Groups));

        var page = Assert.Single(await setup.ReadAsync());

        Assert.Equal(3, page.Records.Count);
        Assert.Equal("a3", new[] { page }.Ids().Last());
    }

    [Fact]
    public async Task A_page_with_more_applications_than_asked_for_shows_that_groups_are_counted()
    {
        await using var stub = await AtsApiStub.StartAsync(["""{"relationId":"j","applications":[{"_id":"a1","user":{"_id":"u1"}},{"_id":"a2","user":{"_id":"u2"}},{"_id":"a3","user":{"_id":"u3"}}]}"""]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var failure = await setup.FailureAsync();

        Assert.StartsWith("AtsApi offset 0: ", failure, StringComparison.Ordinal);
        Assert.Contains("set AtsApi:OffsetCounts to Groups", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_are_counted_where_the_setting_says_so()
    {
        string[] groups =
        [
            """{"relationId":"j1","applications":[{"_id":"a1","user":{"_id":"u1"}},{"_id":"a2","user":{"_id":"u2"}},{"_id":"a3","user":{"_id":"u3"}}]}""",
            """{"relationId":"j2","applications":[]}""",
            """{"relationId":"j3","applications":[]}""",
            """{"relationId":"j4","applications":[]}""",
            """{"relationId":"j5","applications":[{"_id":"a4","user":{"_id":"u4"}}]}""",
        ];
        await using var stub = await AtsApiStub.StartAsync(groups);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.OffsetCounts = OffsetUnit.Groups));

        var pages = await setup.ReadAsync();

        Assert.Equal(["a1", "a2", "a3", "a4"], pages.Ids());
        Assert.Equal(["offset:2", "offset:5"], pages.Select(page => page.Checkpoint[..page.Checkpoint.LastIndexOf(':')]));
    }

    [Fact]
    public async Task Groups_that_stay_empty_behind_the_last_application_end_the_read()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(
            AtsApiStub.Number(context, "offset") == 0 ? $"[{AtsApiStub.Item(1)}]" : """[{"relationId":"j1","applications":[]}]"""));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task Empty_groups_before_the_first_application_show_that_groups_are_counted()
    {
        await using var stub = await AtsApiStub.StartAsync(
            ["""{"relationId":"j1","applications":[]}""", """{"relationId":"j2","applications":[]}""", AtsApiStub.Item(1)]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Contains("set AtsApi:OffsetCounts to Groups", await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_groups_whatever_the_offset_are_no_endless_loop()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync("""[{"relationId":"j1","applications":[]},{"relationId":"j2","applications":[]}]"""));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.OffsetCounts = OffsetUnit.Groups));

        Assert.Contains("ignores the offset", await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_page_is_asked_for_before_the_one_before_it_is_used()
    {
        await using var stub = await AtsApiStub.StartAsync(AtsApiStub.Items(6));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await using var pages = setup.Source.ReadAsync(ReadingSetup.Window, null, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await pages.MoveNextAsync());

        Assert.Single(stub.To(AtsApiStub.PagePath));
    }

    [Fact]
    public void A_scope_keeps_its_source_and_an_unknown_one_is_refused()
    {
        using var setup = new ReadingSetup(new ScopeOptions { Name = "Test" });

        Assert.Same(setup.Source, setup.Source);
        Assert.Contains("Hokify:Scopes:7", Assert.Throws<SourceException>(() => setup.Sources.For(7)).Message, StringComparison.Ordinal);
    }
}

/// <summary>One page after the other.</summary>
public sealed class NarrowPagingTests() : PagingTests(1);

/// <summary>Several pages at once.</summary>
public sealed class WidePagingTests() : PagingTests(8);

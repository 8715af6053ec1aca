using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public sealed class V1ListTests
{
    private static string List(IEnumerable<int> numbers) => $"[{string.Join(',', numbers.Select(Match))}]";

    private static string Match(int number) => $$$"""{"_id":"m{{{number}}}","user":{"_id":"u{{{number}}}"}}""";

    private static string[] Ids(params IEnumerable<int> numbers) => [.. numbers.Select(number => $"m{number}")];

    private static ReadingSetup Setup(HokifyStub stub) => new(AtsApiStub.Scope(stub, api => api.Version = AtsApiVersion.V1));

    [Fact]
    public async Task The_whole_list_comes_in_slices_of_one_answer()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(List(Enumerable.Range(1, 5))));
        using var setup = Setup(stub);

        var pages = await setup.ReadAsync();

        Assert.Equal(Ids(Enumerable.Range(1, 5)), pages.Ids());
        Assert.Equal([true, false, false], pages.Select(page => page.StartsResponse));
        Assert.Equal(["item:2", "item:4", "item:5"], pages.Select(page => page.Checkpoint[..page.Checkpoint.LastIndexOf(':')]));
        Assert.DoesNotContain(pages, page => page.IsPatched);
        Assert.Equal("AtsApi V1 item 3", pages[1].Position);
        Assert.Equal("AtsApi V1 item 4", pages[1].Records[1].Position);
        var asked = Assert.Single(stub.To(AtsApiStub.ListPath));
        Assert.Equal(("POST", "", ""), (asked.Method, asked.QueryString, asked.Body));
        Assert.Equal("Bearer token-1", asked.Headers["Authorization"]);
    }

    [Fact]
    public async Task The_first_slice_is_there_before_the_server_has_sent_the_last()
    {
        var sliceArrived = new TaskCompletionSource();
        await using var stub = await AtsApiStub.StartAsync(async (context, _) =>
        {
            await context.JsonAsync($"[{Match(1)},{Match(2)},{Match(3)}");
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await sliceArrived.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("]", context.RequestAborted);
        });
        using var setup = Setup(stub);

        var ids = new List<string>();
        await foreach (var page in setup.Source.ReadAsync(ReadingSetup.Window, null, TestContext.Current.CancellationToken))
        {
            ids.AddRange(new[] { page }.Ids());
            sliceArrived.TrySetResult();
        }

        Assert.Equal(Ids(1, 2, 3), ids);
    }

    [Fact]
    public async Task A_list_that_breaks_off_is_read_on_behind_the_last_slice()
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
            count == 1 ? context.CutAsync($"[{Match(1)},{Match(2)},{Match(3)},{{") : context.JsonAsync(List(Enumerable.Range(1, 5))));
        using var setup = Setup(stub);

        var pages = await setup.ReadAsync();

        Assert.Equal(Ids(1, 2, 3, 4, 5), pages.Ids());
        Assert.Equal([true, true, false], pages.Select(page => page.StartsResponse));
    }

    [Theory]
    [InlineData("1,2,3,4,5", 2, "3,4,5")]
    [InlineData("1,2,3,4,5,6", 4, "5,6")]
    [InlineData("0,1,2,3,4,5", 2, "3,4,5")]
    [InlineData("1,2,3,4,5", 5, "")]
    [InlineData("1,3,4,5", 2, "1,3,4,5")]
    [InlineData("1,3,4,5,2", 2, "1,3,4,5,2")]
    [InlineData("2,1,3,4,5", 2, "2,1,3,4,5")]
    public async Task A_checkpoint_goes_on_behind_its_last_records_where_they_still_stand_together_and_else_from_the_beginning(
        string now, int delivered, string expected)
    {
        var list = "1,2,3,4,5";
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(List(list.Split(',').Select(int.Parse))));
        using var setup = Setup(stub);
        var checkpoint = (await setup.ReadAsync()).First(page => page.Checkpoint.StartsWith($"item:{delivered}:", StringComparison.Ordinal)).Checkpoint;

        list = now;
        var pages = await setup.ReadAsync(checkpoint: checkpoint);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => $"m{number}"), pages.Ids());
        Assert.All(pages, page => Assert.True(page.IsPatched));
    }

    [Theory]
    [InlineData("item:2")]
    [InlineData("item:2:m2")]
    [InlineData("item:0")]
    public async Task A_checkpoint_without_records_leads_to_the_beginning(string checkpoint)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(List([1, 2, 3])));
        using var setup = Setup(stub);

        Assert.Equal(Ids(1, 2, 3), (await setup.ReadAsync(checkpoint: checkpoint)).Ids());
    }

    [Theory]
    [InlineData("offset:2")]
    [InlineData("item:x")]
    [InlineData("item:")]
    public async Task A_checkpoint_of_another_source_is_refused(string checkpoint)
    {
        await using var stub = await AtsApiStub.StartAsync([]);
        using var setup = Setup(stub);

        Assert.Contains("expected is 'item:' and a number", await setup.FailureAsync(checkpoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_always_breaks_off_gives_up_where_it_stood()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.CutAsync($"[{Match(1)},{Match(2)},{Match(3)},{{"));
        using var setup = Setup(stub);

        Assert.Equal("AtsApi V1 item 3: the connection broke before the whole answer was read; gave up after 4 attempts.", await setup.FailureAsync());
    }

    [Fact]
    public async Task A_slow_consumer_is_no_slow_server()
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(List(Enumerable.Range(1, 5))));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.Version = AtsApiVersion.V1), clock);

        var ids = new List<string>();
        await foreach (var page in setup.Source.ReadAsync(ReadingSetup.Window, null, TestContext.Current.CancellationToken))
        {
            ids.AddRange(new[] { page }.Ids());
            clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(Ids(1, 2, 3, 4, 5), ids);
        Assert.Single(stub.To(AtsApiStub.ListPath));
    }

    [Fact]
    public async Task Cancelling_in_mid_list_is_no_fault_of_the_source()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var stub = await AtsApiStub.StartAsync(async (context, _) =>
        {
            await context.JsonAsync($"[{Match(1)},{Match(2)},");
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await RetryTests.Gone(context.RequestAborted);
        });
        using var setup = Setup(stub);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in setup.Source.ReadAsync(ReadingSetup.Window, null, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
    }
}

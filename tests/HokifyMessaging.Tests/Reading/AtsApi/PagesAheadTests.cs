using HokifyMessaging.Reading;
using HokifyMessaging.Reading.AtsApi;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public sealed class PagesAheadTests
{
    private readonly List<PageCall> _asked = [];
    private readonly Dictionary<long, TaskCompletionSource<OffsetPage>> _underWay = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_a_page_is_waited_for_those_behind_it_are_asked_for_up_to_the_width()
    {
        await using var ahead = Ahead(pages: 4);

        var first = ahead.FetchAsync(Call(0), Calls(10, 20, 30, 40, 50), Cancel);
        Assert.Equal([0, 10, 20, 30], _asked.Select(call => call.Offset));

        Answer(20);
        Assert.Equal([0, 10, 20, 30, 40], _asked.Select(call => call.Offset));
        Answer(0);
        Assert.Equal(0, Number(await first));
        Assert.Equal([false, true, true, true, true, true], _asked.Select(call => call.IsAhead));
    }

    [Fact]
    public async Task Nothing_is_asked_for_behind_a_page_that_is_not_like_those_before_it()
    {
        await using var ahead = Ahead(pages: 3);
        var first = ahead.FetchAsync(Call(0), Calls(10), Cancel);
        Answer(0);
        await first;
        var second = ahead.FetchAsync(Call(10), Calls(20, 30, 40, 50), Cancel);

        _underWay.Remove(20, out var end);
        end!.SetResult(new OffsetPage());
        Answer(10);
        await second;

        Assert.Equal([0, 10, 20, 30], _asked.Select(call => call.Offset));
    }

    [Fact]
    public async Task With_a_width_of_one_nothing_is_asked_for_before_its_turn()
    {
        await using var ahead = Ahead(pages: 1);

        var first = ahead.FetchAsync(Call(0), Calls(10, 20), Cancel);
        Answer(0);
        await first;

        Assert.Equal([0], _asked.Select(call => call.Offset));
    }

    [Fact]
    public async Task A_source_without_room_is_asked_for_nothing_before_its_turn()
    {
        await using var ahead = new PagesAhead(AskAsync, new Foresight(8, long.MaxValue, () => false));

        var first = ahead.FetchAsync(Call(0), Calls(10, 20), Cancel);
        Answer(0);
        await first;

        Assert.Equal([0], _asked.Select(call => call.Offset));
    }

    [Fact]
    public async Task A_page_that_came_before_its_turn_is_not_asked_for_again()
    {
        await using var ahead = Ahead(pages: 4);
        var first = ahead.FetchAsync(Call(0), Calls(10), Cancel);
        Answer(10);
        Answer(0);
        await first;

        Assert.Equal(10, Number(await ahead.FetchAsync(Call(10), [], Cancel)));
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task A_page_that_failed_before_its_turn_is_asked_for_again_in_its_turn_and_fails_only_then()
    {
        await using var ahead = Ahead(pages: 4);
        var first = ahead.FetchAsync(Call(0), Calls(10, 20), Cancel);
        Fail(10);
        Answer(20);
        Answer(0);
        await first;

        var second = ahead.FetchAsync(Call(10), Calls(20), Cancel);
        Assert.Equal([0, 10, 20, 10], _asked.Select(call => call.Offset));
        Fail(10);

        await Assert.ThrowsAsync<SourceException>(() => second);
    }

    [Fact]
    public async Task Whatever_was_not_expected_drops_what_is_ahead_before_it_is_asked_for()
    {
        await using var ahead = Ahead(pages: 4);
        var first = ahead.FetchAsync(Call(0), Calls(10, 20, 30), Cancel);
        Answer(0);
        await first;
        Assert.Equal([10, 20, 30], _underWay.Keys.Order());

        var other = ahead.FetchAsync(Call(7), [], Cancel);
        Assert.Equal([7], _underWay.Keys);
        Answer(7);

        Assert.Equal(7, Number(await other));
    }

    [Fact]
    public async Task Who_leaves_leaves_nothing_under_way()
    {
        var ahead = Ahead(pages: 8);
        var first = ahead.FetchAsync(Call(0), Calls(10, 20, 30), Cancel);
        Answer(0);
        await first;
        Assert.Equal(3, _underWay.Count);

        await ahead.DisposeAsync();

        Assert.Empty(_underWay);
    }

    [Fact]
    public async Task Leaving_waits_for_calls_that_take_their_time_to_end()
    {
        var ended = new TaskCompletionSource();
        var ahead = new PagesAhead(
            async (call, cancel) =>
            {
                if (call.Offset > 0)
                {
                    await RetryTests.Gone(cancel);
                    await ended.Task;
                }

                return new OffsetPage();
            },
            new Foresight(8, long.MaxValue, () => true));
        await ahead.FetchAsync(Call(0), Calls(10, 20), Cancel);

        var leaving = ahead.DisposeAsync().AsTask();
        Assert.False(leaving.IsCompleted);
        ended.SetResult();

        await leaving;
    }

    [Fact]
    public async Task A_cancelled_read_leaves_nothing_under_way_either()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var ahead = Ahead(pages: 8);
        var first = ahead.FetchAsync(Call(0), Calls(10, 20, 30), cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await ahead.DisposeAsync();

        Assert.Empty(_underWay);
    }

    [Fact]
    public async Task Pages_that_turn_out_too_large_before_their_turn_are_given_up_and_read_in_their_turn()
    {
        await using var ahead = Ahead(pages: 8, bytes: 1_000);
        var first = ahead.FetchAsync(Call(0), Calls(10, 20), Cancel);
        _asked[1].Took!(700);
        _asked[2].Took!(400);
        Assert.Equal([0, 10], _underWay.Keys.Order());
        Answer(0);
        Answer(10);
        await first;
        await ahead.FetchAsync(Call(10), Calls(20), Cancel);

        var third = ahead.FetchAsync(Call(20), [], Cancel);
        _asked[^1].Took!(100_000);
        Answer(20);

        Assert.Equal(20, Number(await third));
    }

    [Fact]
    public async Task Where_pages_are_large_fewer_are_asked_for()
    {
        await using var ahead = Ahead(pages: 8, bytes: 1_000);
        var first = ahead.FetchAsync(Call(0), [], Cancel);
        _asked[0].Took!(400);
        Answer(0);
        await first;

        var second = ahead.FetchAsync(Call(10), Calls(20, 30, 40, 50), Cancel);
        Answer(10);
        await second;

        Assert.Equal([0, 10, 20, 30], _asked.Select(call => call.Offset));
    }

    private static PageCall Call(long offset) => new(offset, $"offset {offset}");

    private static PageCall[] Calls(params long[] offsets) => [.. offsets.Select(Call)];

    private static long Number(OffsetPage page) => (long)page.Units[0];

    private PagesAhead Ahead(int pages, long bytes = long.MaxValue) => new(AskAsync, new Foresight(pages, bytes, () => true));

    private Task<OffsetPage> AskAsync(PageCall call, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<OffsetPage>();
        _asked.Add(call);
        _underWay.Add(call.Offset, answer);
        cancellationToken.UnsafeRegister(
            _ =>
            {
                _underWay.Remove(call.Offset);
                answer.TrySetCanceled(cancellationToken);
            },
            null);
        return answer.Task;
    }

    private void Answer(long offset)
    {
        var page = new OffsetPage();
        page.AddCountingGroups([], (ulong)offset, 0);
        _underWay.Remove(offset, out var answer);
        answer!.SetResult(page);
    }

    private void Fail(long offset)
    {
        _underWay.Remove(offset, out var answer);
        answer!.SetException(new SourceException("away"));
    }
}

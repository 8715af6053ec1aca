namespace HokifyMessaging.Tests.Reading.AtsApi;

public abstract class RetryAfterTests
{
    protected RetryAfterTests(int pagesAtOnce) => AtsApiStub.PagesAtOnce = pagesAtOnce;

    // On a clock that stands still, a pause of the wrong length never ends.
    private const int PatienceInMilliseconds = 30_000;

    private static readonly TimeSpan OwnPause = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = PatienceInMilliseconds)]
    [InlineData("0", 429)]
    [InlineData("0", 503)]
    [InlineData("00", 429)]
    [InlineData("-1", 429)]
    [InlineData("-86400", 503)]
    [InlineData("soon", 429)]
    [InlineData("1.5e", 429)]
    [InlineData("", 503)]
    [InlineData("99999999999999999999", 503)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 503)]
    [InlineData("Sun, 01 Mar 2026 12:00:00 GMT", 429)]
    [InlineData("Sun, 01 Mar 2026 11:59:59 GMT", 429)]
    [InlineData("Tue, 31 Feb 2026 12:00:00 GMT", 429)]
    public async Task A_Retry_After_that_asks_for_no_wait_leaves_us_our_own_pause(string retryAfter, int status)
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
        {
            context.Response.Headers.Date = "Sun, 01 Mar 2026 12:00:00 GMT";
            context.Response.Headers.RetryAfter = retryAfter;
            return context.JsonAsync("[]", count == 1 ? status : 200);
        });
        using var setup = new ReadingSetup(
            AtsApiStub.Scope(stub, api => api.Http = new HttpRetryOptions { Delay = OwnPause, AttemptTimeout = TimeSpan.FromMinutes(9), TotalTimeout = TimeSpan.FromMinutes(19) }), clock);

        var read = setup.ReadAsync();
        var pause = await clock.WaitedAsync(timer => timer > TimeSpan.Zero && timer < TimeSpan.FromMinutes(9), Cancel);
        Assert.Single(stub.To(AtsApiStub.PagePath));
        clock.Advance(pause);

        Assert.Empty((await read).Ids());
    }

    [Theory(Timeout = PatienceInMilliseconds)]
    [InlineData("Sun, 01 Mar 2026 10:00:00 GMT")]
    [InlineData("Sun, 01 Mar 2026 12:00:00 GMT")]
    [InlineData("Sun, 01 Mar 2026 14:00:00 GMT")]
    public async Task A_date_is_one_of_the_servers_clock_whatever_ours_says(string serversTime)
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
        {
            context.Response.Headers.Date = serversTime;
            context.Response.Headers.RetryAfter = serversTime.Replace(":00 GMT", ":41 GMT", StringComparison.Ordinal);
            return context.JsonAsync("[]", count == 1 ? 503 : 200);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), clock);

        var read = setup.ReadAsync();
        await clock.WaitedForAsync(TimeSpan.FromSeconds(41), Cancel);
        clock.Advance(TimeSpan.FromSeconds(41));

        Assert.Empty((await read).Ids());
    }

    [Fact(Timeout = PatienceInMilliseconds)]
    public async Task A_date_of_a_server_without_a_clock_is_compared_with_ours()
    {
        var clock = new TimerClock();
        await using var server = new RawServer((path, count) =>
            path == AtsApiStub.TokenPath ? RawServer.Json("""{"access_token":"token"}""")
            : count == 1 ? "HTTP/1.1 503 Down\r\nRetry-After: Sun, 01 Mar 2026 12:00:41 GMT\r\nConnection: close\r\n\r\n"u8.ToArray()
            : RawServer.Json("[]"));
        using var setup = new ReadingSetup(
            new ScopeOptions
            {
                Name = "Test",
                AtsApi = new AtsApiOptions { BaseAddress = new Uri(server.Address, "/ats-api"), Mandator = "company", Token = "s3cret", Http = ReadingSetup.Impatient },
            },
            clock);

        var read = setup.ReadAsync();
        await clock.WaitedForAsync(TimeSpan.FromSeconds(41), Cancel);
        clock.Advance(TimeSpan.FromSeconds(41));

        Assert.Empty((await read).Ids());
    }
}

/// <summary>One page after the other.</summary>
public sealed class NarrowRetryAfterTests() : RetryAfterTests(1);

/// <summary>Several pages at once.</summary>
public sealed class WideRetryAfterTests() : RetryAfterTests(8);

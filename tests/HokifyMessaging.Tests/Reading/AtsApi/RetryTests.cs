using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public abstract class RetryTests
{
    protected RetryTests(int pagesAtOnce) => AtsApiStub.PagesAtOnce = pagesAtOnce;

    // On a clock that stands still, a pause of the wrong length never ends.
    private const int PatienceInMilliseconds = 30_000;

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_fault_that_passes_costs_nothing_but_time(int status)
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
            count < 4 ? context.JsonAsync("later", status) : context.JsonAsync(AtsApiStub.Number(context, "offset") == 0 ? $"[{AtsApiStub.Item(1)},{AtsApiStub.Item(2)}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1", "a2"], (await setup.ReadAsync()).Ids());
        Assert.Equal(["0", "0", "0", "0"], stub.To(AtsApiStub.PagePath).Take(4).Select(asked => asked["offset"]));
    }

    [Fact]
    public async Task A_fault_that_stays_names_page_status_and_attempts()
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
            count == 1 ? context.JsonAsync($"[{AtsApiStub.Item(1)}]") : context.JsonAsync("later", 503));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(
            "AtsApi offset 1: hokify answered 503 (ServiceUnavailable) to GET application/getAllApplications; gave up after 4 attempts.",
            await setup.FailureAsync());
        Assert.Equal(4, stub.To(AtsApiStub.PagePath).Count(asked => asked["offset"] == "1"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task A_refused_request_is_not_repeated(int status)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync("{}", status));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.EndsWith("gave up after 1 attempt.", await setup.FailureAsync(), StringComparison.Ordinal);
        Assert.Single(stub.To(AtsApiStub.PagePath));
    }

    [Fact]
    public async Task Retries_can_be_switched_off()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync("later", 503));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.Http.Retries = 0));

        await setup.FailureAsync();

        Assert.Single(stub.To(AtsApiStub.PagePath));
    }

    [Theory]
    [InlineData("""[{"relationId":"j1","application":{"_id":"a1","user":{"_id":"u1"}}},{"relat""")]
    [InlineData("[")]
    [InlineData("")]
    public async Task A_page_that_breaks_off_is_asked_for_again(string beginning)
    {
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
            count == 1 ? context.CutAsync(beginning) : context.JsonAsync(count == 2 ? $"[{AtsApiStub.Item(1)},{AtsApiStub.Item(2)}]" : "[]"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal(["a1", "a2"], (await setup.ReadAsync()).Ids());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_that_always_breaks_off_says_so(bool reset)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => reset ? context.ResetAsync("[{") : context.CutAsync("[{"));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        Assert.Equal("AtsApi offset 0: the connection broke before the whole answer was read; gave up after 4 attempts.", await setup.FailureAsync());
    }

    [Fact]
    public async Task A_server_that_is_away_is_named_as_such()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await using var stub = await AtsApiStub.StartAsync([]);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.BaseAddress = new Uri($"http://127.0.0.1:{port}/ats-api")));

        Assert.Equal("AtsApi offset 0: hokify could not be reached (ConnectionError); gave up after 4 attempts.", await setup.FailureAsync());
    }

    [Fact(Timeout = PatienceInMilliseconds)]
    public async Task Retry_After_in_seconds_outranks_the_delay()
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
        {
            context.Response.Headers.RetryAfter = "37";
            return context.JsonAsync("[]", count == 1 ? 429 : 200);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), clock);

        var read = setup.ReadAsync();
        await clock.WaitedForAsync(TimeSpan.FromSeconds(37), TestContext.Current.CancellationToken);
        Assert.Single(stub.To(AtsApiStub.PagePath));
        clock.Advance(TimeSpan.FromSeconds(37));

        Assert.Empty(await read);
        Assert.Equal(2, stub.To(AtsApiStub.PagePath).Count);
    }

    [Fact(Timeout = PatienceInMilliseconds)]
    public async Task Retry_After_may_be_a_date()
    {
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, count) =>
        {
            context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            context.Response.Headers.RetryAfter = (clock.GetUtcNow() + TimeSpan.FromSeconds(41)).ToString("R", CultureInfo.InvariantCulture);
            return context.JsonAsync("[]", count == 1 ? 503 : 200);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), clock);

        var read = setup.ReadAsync();
        await clock.WaitedForAsync(TimeSpan.FromSeconds(41), TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(41));

        Assert.Empty(await read);
    }

    [Fact(Timeout = PatienceInMilliseconds)]
    public async Task A_Retry_After_beyond_the_total_limit_ends_the_read_at_once()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "600";
            return context.JsonAsync("later", 429);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), new TimerClock());

        Assert.Equal(
            "AtsApi offset 0: hokify answered 429 (TooManyRequests) to GET application/getAllApplications and asks to wait 600 s, "
            + "longer than the 120 s left of Http:TotalTimeout; gave up after 1 attempt.",
            await setup.FailureAsync());
        Assert.Single(stub.To(AtsApiStub.PagePath));
    }

    [Fact]
    public async Task An_attempt_whose_body_takes_too_long_is_tried_again()
    {
        await using var stub = await AtsApiStub.StartAsync(async (context, count) =>
        {
            if (count > 1)
            {
                await context.JsonAsync(count == 2 ? $"[{AtsApiStub.Item(1)}]" : "[]");
                return;
            }

            await context.JsonAsync("[{");
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Gone(context.RequestAborted);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.Http.AttemptTimeout = TimeSpan.FromSeconds(1)));

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
    }

    [Fact]
    public async Task The_total_limit_ends_all_attempts()
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => Gone(context.RequestAborted));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.Http.TotalTimeout = TimeSpan.FromSeconds(1)));

        Assert.EndsWith("gave up after 1 attempt because Http:TotalTimeout (1 s) has passed.", await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_is_no_fault_of_the_source(bool inBody)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var stub = await AtsApiStub.StartAsync(async (context, _) =>
        {
            if (inBody)
            {
                await context.JsonAsync($"[{AtsApiStub.Item(1)},");
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await cancel.CancelAsync();
            await Gone(context.RequestAborted);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in setup.Source.ReadAsync(ReadingSetup.Window, null, cancel.Token))
            {
                Assert.Fail("There is no page to be had.");
            }
        });
    }

    [Fact(Timeout = PatienceInMilliseconds)]
    public async Task Cancelling_ends_the_pause_between_two_attempts()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var clock = new TimerClock();
        await using var stub = await AtsApiStub.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "37";
            return context.JsonAsync("later", 503);
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub), clock);

        var read = setup.Source.ReadAsync(ReadingSetup.Window, null, cancel.Token).GetAsyncEnumerator(cancel.Token).MoveNextAsync().AsTask();
        await clock.WaitedForAsync(TimeSpan.FromSeconds(37), TestContext.Current.CancellationToken);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Theory]
    [InlineData("<html>Anna Berger</html>", "is not a JSON array (it begins with '<')")]
    [InlineData("""{"error":"Anna Berger"}""", "is not a JSON array (it begins with '{')")]
    [InlineData("Anna Berger", "is not a JSON array (it begins with plain text)")]
    [InlineData("  ", "is not a JSON array (it is empty)")]
    [InlineData("""[{"application":{"_id":"a1","user":{"_id":"u1"}}}, Anna Berger]""", "is not valid JSON behind item ")]
    public async Task An_answer_that_is_no_array_is_refused_without_its_content(string body, string problem)
    {
        await using var stub = await AtsApiStub.StartAsync((context, _) => context.JsonAsync(body));
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var failure = await Assert.ThrowsAsync<SourceException>(() => setup.ReadAsync());

        Assert.StartsWith($"AtsApi offset 0: the answer {problem}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", failure.ToString(), StringComparison.Ordinal);
        Assert.Single(stub.To(AtsApiStub.PagePath));
    }

    [Fact]
    public async Task Byte_order_mark_compression_and_declared_encodings_are_understood()
    {
        await using var stub = await AtsApiStub.StartAsync(async (context, _) =>
        {
            switch (AtsApiStub.Number(context, "offset"))
            {
                case 0:
                    await context.JsonAsync("\uFEFF\r\n " + $"[{AtsApiStub.Item(1)}]");
                    break;
                case 1:
                    context.Response.Headers.ContentEncoding = "gzip";
                    await using (var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest))
                    {
                        await gzip.WriteAsync(Encoding.UTF8.GetBytes($"[{AtsApiStub.Item(2)}]"), context.RequestAborted);
                    }

                    break;
                case 2:
                    context.Response.ContentType = "application/json; charset=iso-8859-1";
                    await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("""[{"application":{"_id":"a3","user":{"_id":"u3","displayName":"Ä"}}}]"""), context.RequestAborted);
                    break;
                default:
                    await context.JsonAsync("[]");
                    break;
            }
        });
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub));

        var pages = await setup.ReadAsync();

        Assert.Equal(["a1", "a2", "a3"], pages.Ids());
        Assert.Equal("Ä", pages[^1].Records[0].Read().Understood().Person.DisplayName);
    }

    /// <summary>Completes when the client has hung up.</summary>
    internal static async Task Gone(CancellationToken aborted)
    {
        var gone = new TaskCompletionSource();
        await using var registration = aborted.Register(gone.SetResult);
        await gone.Task;
    }
}

/// <summary>One page after the other.</summary>
public sealed class NarrowRetryTests() : RetryTests(1);

/// <summary>Several pages at once.</summary>
public sealed class WideRetryTests() : RetryTests(8);

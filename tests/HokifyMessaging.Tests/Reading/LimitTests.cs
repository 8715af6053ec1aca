using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Reading.AtsApi;
using HokifyMessaging.Tests.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading;

/// <summary>How much is taken at once, where no process has to be started to see it.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_holds_too_much_is_asked_for_again_with_fewer_and_nothing_is_missed()
    {
        var items = Enumerable.Range(1, 30).Select(number => AtsApiStub.Item(number).Replace("\"user\"", $"\"text\":\"{new string('x', number is > 8 and < 14 ? 60_000 : 10)}\",\"user\"", StringComparison.Ordinal)).ToList();
        await using var stub = await AtsApiStub.StartAsync(items);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.PageSize = 10), reading: new ReadingOptions { LargestBatch = 128 * 1024, LargestItem = 64 * 1024 });

        var pages = await setup.ReadAsync();

        Assert.Equal(AtsApiStub.Ids(30), pages.Ids());
        Assert.All(pages, page => Assert.True(page.Records.Sum(record => record.Bytes) <= 128 * 1024));
        Assert.All(pages, page => Assert.Null(page.Flaw));
        Assert.Equal("10", stub.To(AtsApiStub.PagePath)[0]["limit"]);
        Assert.Contains(stub.To(AtsApiStub.PagePath), asked => asked["limit"] == "1");
    }

    [Fact]
    public async Task What_was_learned_of_a_smaller_page_does_not_make_the_next_read_whole()
    {
        var items = AtsApiStub.Items(12).Select((item, index) => index == 0 ? item.Replace("\"user\"", $"\"text\":\"{new string('x', 60_000)}\",\"user\"", StringComparison.Ordinal) : item).ToList();
        await using var stub = await AtsApiStub.StartAsync(items);
        using var setup = new ReadingSetup(AtsApiStub.Scope(stub, api => api.PageSize = 100), reading: new ReadingOptions { LargestBatch = 64 * 1024, LargestItem = 64 * 1024 });

        for (var read = 0; read < 2; read++)
        {
            var pages = await setup.ReadAsync();

            Assert.Equal(AtsApiStub.Ids(12), pages.Ids());
            Assert.True(pages[0].IsPartial);
        }
    }

    [Fact]
    public async Task A_list_is_delivered_in_slices_of_few_bytes()
    {
        var items = Enumerable.Range(1, 20).Select(number => $$"""{"_id":"a{{number}}","text":"{{new string('x', 30_000)}}"}""");
        await using var server = new RawServer((path, _) => RawServer.Json(path == AtsApiStub.TokenPath ? """{"access_token":"token","expires_in":60}""" : $"[{string.Join(',', items)}]"));
        using var setup = Setup(server, new ReadingOptions { LargestBatch = 256 * 1024, LargestItem = 64 * 1024 });

        var pages = await setup.ReadAsync();

        Assert.Equal(AtsApiStub.Ids(20), pages.Ids());
        Assert.All(pages, page => Assert.InRange(page.Records.Count, 1, 3));
    }

    [Theory]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", "")]
    [InlineData("HTTP/1.1 200 OK\r\n", "Link: </a>; rel=next\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nRetry-After: ", "1")]
    [InlineData("HTTP/1.1 200 ", "O")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n", "Retry-After: 1\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-", "a")]
    public async Task Headers_without_end_are_not_read_to_it(string beginning, string repeated)
    {
        var headers = Encoding.ASCII.GetBytes(repeated.Length == 0 ? string.Concat(Enumerable.Repeat(beginning, 20_000)) : beginning + string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length)));
        await using var server = new RawServer((path, _) => path == AtsApiStub.TokenPath ? RawServer.Json("""{"access_token":"token","expires_in":60}""") : headers);
        using var setup = Setup(server, new ReadingOptions());

        var failure = await setup.FailureAsync();

        Assert.Equal("AtsApi V1 item 1: hokify's answer has more than 64 KB of headers, where fewer are expected; gave up after 1 attempt.", failure);
        Assert.Equal(1, server.RequestsTo(AtsApiStub.ListPath));
    }

    [Theory]
    [InlineData("2;", "a", "the connection broke before the whole answer was read; gave up after 4 attempts.")]
    [InlineData("2\r\n[]\r\n0\r\n", "X: a\r\n", "hokify's answer has more than 64 KB of headers, where fewer are expected; gave up after 1 attempt.")]
    [InlineData("", "1\r\n \r\n", "hokify's answer goes on for more than 1 MB without an application; expected is less between two of them, or a larger Hokify:Reading:LargestPage.")]
    public async Task Chunks_without_end_are_not_read_to_it(string beginning, string repeated, string sentence)
    {
        var chunks = Encoding.ASCII.GetBytes(beginning + string.Concat(Enumerable.Repeat(repeated, 8_000_000 / repeated.Length)));
        await using var server = new RawServer((path, _) =>
            path == AtsApiStub.TokenPath ? RawServer.Json("""{"access_token":"token","expires_in":60}""") : RawServer.Answer("Transfer-Encoding: chunked\r\n", chunks));
        using var setup = Setup(server, new ReadingOptions { LargestItem = 64 * 1024, LargestPage = 1024 * 1024 });

        Assert.EndsWith(sentence, await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_is_not_read_again_from_the_ledger_as_anything_else()
    {
        var leftOut = new LeftOutItem(new HokifyMessaging.Applications.ApplicationId("a1"), 5, LeftOutItem.TooLarge(1024 * 1024)).At("AtsApi offset 0, item 3").Rejection!;

        var again = ApplicationPayload.Read(leftOut.Payload, "kept record 1").Rejected();

        Assert.Equal("AtsApi offset 0, item 3, application a1: record has more than 1 MB and was left out; expected is less, or a larger Hokify:Reading:LargestItem.", leftOut.Message);
        Assert.Equal("kept record 1: record was left out of what was read, because it was too large; expected is a smaller one, or another import with a larger Hokify:Reading:LargestItem.", again.Message);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("")]
    public async Task A_row_that_is_too_long_costs_itself_and_names_the_setting(string quote)
    {
        var row = string.Join(';', Enumerable.Repeat($"{quote}{new string('x', 9_000)}{quote}", 2));
        var csv = await Csv.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"matchId;name;phone\nm1;Anna;1\nm2;{row}\nm3;Clara;3\n")), limits: new ReadingOptions { LargestItem = 64 * 1024 });

        Assert.Equal(["m1", "m3"], csv.Ids);
        Assert.Equal("file.csv line 3, application m2: row has more than 16,384 characters; expected are fewer, or a larger Hokify:Reading:LargestItem.", Assert.Single(csv.Rejections));
    }

    [Fact]
    public async Task A_row_that_never_ends_ends_with_its_reader()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = new HokifyMessaging.Reading.CsvFiles.FlatCsvReader(new Dictionary<string, string>(), new ReadingOptions())
            .Read(new Endless("matchId;name\nm1;", leaving), "file.csv", () => HokifyMessaging.Reading.CsvFiles.KnownEnd.Certain);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading.RecordsAsync(leaving.Token).ToListAsync(leaving.Token));
    }

    [Fact]
    public void A_run_that_would_only_fail_again_at_the_same_cost_waits_for_an_operator()
    {
        var options = new ImportOptions();

        Assert.NotNull(Resumption.After(new RunFailure("hokify is away."), 0, DateTimeOffset.UnixEpoch, options).ResumeAt);
        Assert.Null(Resumption.After(new RunFailure("The answer is too long.") { IsLasting = true }, 0, DateTimeOffset.UnixEpoch, options).ResumeAt);
    }

    [Fact]
    public async Task Whoever_reads_waits_while_much_is_still_worked_on()
    {
        var load = new Load(100);

        load.Add(60);
        Assert.True(load.UntilLightAsync(Cancel).IsCompleted);
        load.Add(60);
        var waiting = load.UntilLightAsync(Cancel);
        Assert.False(waiting.IsCompleted);
        load.Release(60);
        await waiting;
        load.Add(500);
        Assert.False(load.UntilLightAsync(Cancel).IsCompleted);
    }

    private static ReadingSetup Setup(RawServer server, ReadingOptions reading) => new(
        new ScopeOptions
        {
            Name = "Test",
            AtsApi = new AtsApiOptions
            {
                BaseAddress = new Uri(server.Address, "/ats-api"),
                Version = AtsApiVersion.V1,
                Mandator = "company",
                Token = "s3cret",
                Http = ReadingSetup.Impatient,
            },
        },
        reading: reading);

    /// <summary>Goes on for ever, and has its reader leave when it has gone on for long.</summary>
    private sealed class Endless(string beginning, CancellationTokenSource leaving) : MemoryStream
    {
        private int _reads;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer.Span.Fill((byte)'x');
            if (_reads++ == 0)
            {
                return ValueTask.FromResult(Encoding.ASCII.GetBytes(beginning, buffer.Span));
            }

            if (_reads == 20)
            {
                leaving.Cancel();
            }

            return ValueTask.FromResult(buffer.Length);
        }
    }
}

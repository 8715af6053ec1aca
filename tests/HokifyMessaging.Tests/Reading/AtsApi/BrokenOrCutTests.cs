using System.IO.Compression;
using System.Text;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>JSON that is wrong is told at once; JSON whose end is missing is asked for again. Which it is, the end of the body tells.</summary>
public abstract class BrokenOrCutTests
{
    protected BrokenOrCutTests(int pagesAtOnce) => AtsApiStub.PagesAtOnce = pagesAtOnce;

    private const string Record = """{"relationId":"j1","application":{"_id":"a1","user":{"_id":"u1","displayName":"Anna \u00e4\n-1.5e3"},"n":-1.5e3,"t":true,"x":null}}""";

    private static readonly Dictionary<string, Func<byte[], byte[]>> Framings = new()
    {
        ["length"] = body => RawServer.Answer($"Content-Length: {body.Length}\r\n", body),
        ["chunks"] = body => RawServer.Answer("Transfer-Encoding: chunked\r\n", Chunks(body)),
        ["gzip, length"] = body => RawServer.Answer($"Content-Encoding: gzip\r\nContent-Length: {GZip(body).Length}\r\n", GZip(body)),
        ["gzip, chunks"] = body => RawServer.Answer("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Chunks(GZip(body))),
        ["brotli, length"] = body => RawServer.Answer($"Content-Encoding: br\r\nContent-Length: {Brotli(body).Length}\r\n", Brotli(body)),
        ["gzip, close"] = body => RawServer.Answer("Content-Encoding: gzip\r\n", GZip(body)),
        ["deflate, close"] = body => RawServer.Answer("Content-Encoding: deflate\r\n", Compressed(body, to => new ZLibStream(to, CompressionLevel.Fastest))),
        ["brotli, close"] = body => RawServer.Answer("Content-Encoding: br\r\n", Brotli(body)),
        ["close"] = body => RawServer.Answer("", body),
    };

    public static TheoryData<string, string> EndsThatAreProven()
    {
        var data = new TheoryData<string, string>();
        foreach (var framing in Framings.Keys.Where(framing => !framing.EndsWith("close", StringComparison.Ordinal)))
        {
            data.Add(framing, $"[{Record}");
            data.Add(framing, $"[{Record},");
            data.Add(framing, $"[{Record},{Record[..^20]}");
            data.Add(framing, $"[{Record},{{\"name\":\"Anna");
        }

        return data;
    }

    public static TheoryData<string, string> BrokenInTheMiddle()
    {
        var data = new TheoryData<string, string>();
        foreach (var framing in Framings.Keys)
        {
            data.Add(framing, $"[{Record}, Anna]");
            data.Add(framing, $"[{Record} {Record}]");
            data.Add(framing, $"[{Record},]");
            data.Add(framing, $"[{Record}] Anna");
            data.Add(framing, $"[{Record},{{\"name\":\"Anna\tBerger\"}}]");
            data.Add(framing, $"[{Record},{{'name':1}}");
            data.Add(framing, $"[{Record},{{\"name\":\"\\x41nna\"");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EndsThatAreProven))]
    [MemberData(nameof(BrokenInTheMiddle))]
    public async Task JSON_that_is_broken_is_called_so_and_asked_for_once(string framing, string body)
    {
        await using var server = Server((_, _) => Framings[framing](Encoding.UTF8.GetBytes(body)));
        using var setup = Setup(server);

        var failure = await Assert.ThrowsAsync<SourceException>(() => setup.ReadAsync());

        Assert.StartsWith("AtsApi V1: the answer is not valid JSON behind item ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Anna", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, server.RequestsTo(AtsApiStub.ListPath));
    }

    [Fact]
    public async Task A_body_without_length_is_cut_wherever_it_ends_before_its_list_does()
    {
        var whole = Encoding.UTF8.GetBytes($" [{Record}, {Record.Replace("a1", "a2", StringComparison.Ordinal)} ]");
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = Framings["close"](whole[..length]);
            await using var server = Server((_, _) => cut);
            using var setup = Setup(server, retries: 0);

            Assert.Equal("AtsApi V1 item 1: the connection broke before the whole answer was read; gave up after 1 attempt.", await setup.FailureAsync());
        }
    }

    public static TheoryData<string, int> Cuts()
    {
        var data = new TheoryData<string, int>();
        foreach (var framing in Framings.Keys)
        {
            // Without its check sum, what was compressed is still whole.
            foreach (var missing in new[] { 1, 12, 40, 90 }.Where(missing => missing > 8 || framing is not ("gzip, close" or "deflate, close")))
            {
                data.Add(framing, missing);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_body_that_is_cut_is_asked_for_again(string framing, int missing)
    {
        var body = Encoding.UTF8.GetBytes($"[{Record}]");
        await using var server = Server((_, count) => Framings[framing](body)[..(count == 1 ? ^missing : ^0)]);
        using var setup = Setup(server);

        Assert.Equal(["a1"], (await setup.ReadAsync()).Ids());
        Assert.Equal(2, server.RequestsTo(AtsApiStub.ListPath));
    }

    [Fact]
    public async Task A_body_that_is_compressed_otherwise_than_asked_for_says_so()
    {
        await using var server = Server((_, _) => RawServer.Answer("Content-Encoding: zstd\r\nContent-Length: 2\r\n", "xx"u8));
        using var setup = Setup(server);

        Assert.Contains("compressed in a way that was not asked for", await setup.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_is_cut_is_asked_for_again()
    {
        const string Token = """{"access_token":"token","expires_in":60}""";
        await using var server = new RawServer((path, count) =>
            path != AtsApiStub.TokenPath ? RawServer.Json("[]") : RawServer.Answer("", Encoding.UTF8.GetBytes(count == 1 ? Token[..20] : Token)));
        using var setup = Setup(server);

        Assert.Empty(await setup.ReadAsync());
        Assert.Equal(2, server.RequestsTo(AtsApiStub.TokenPath));
    }

    [Fact]
    public void A_beginning_of_JSON_is_not_broken_however_it_arrives()
    {
        var whole = Encoding.UTF8.GetBytes($"[{Record}, {{\"äöü€😀\":[[],{{}},\"\\ud83d\\ude00\",0,12,-0.5E-7,false]}} ] ");
        for (var length = 0; length <= whole.Length; length++)
        {
            foreach (var step in new[] { 1, 7, whole.Length })
            {
                var beginning = new JsonBeginning();
                foreach (var piece in whole[..length].Chunk(step))
                {
                    beginning.Append(piece);
                }

                Assert.False(beginning.IsBroken, $"{length} bytes by {step}");
            }
        }
    }

    private static RawServer Server(Func<string, int, byte[]> answer) => new((path, count) =>
        path == AtsApiStub.TokenPath ? RawServer.Json("""{"access_token":"token","expires_in":86400}""") : answer(path, count));

    private static ReadingSetup Setup(RawServer server, int retries = 3) => new(new ScopeOptions
    {
        Name = "Test",
        AtsApi = new AtsApiOptions
        {
            BaseAddress = new Uri(server.Address, "/ats-api"),
            Version = AtsApiVersion.V1,
            Mandator = "company",
            Token = "s3cret",
            Http = new HttpRetryOptions { Retries = retries, Delay = TimeSpan.Zero },
        },
    });

    private static byte[] Chunks(byte[] body) =>
        [.. body.Chunk(50).SelectMany(chunk => (byte[])[.. Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"), .. chunk, .. "\r\n"u8]), .. "0\r\n\r\n"u8];

    private static byte[] GZip(byte[] body) => Compressed(body, to => new GZipStream(to, CompressionLevel.Fastest));

    private static byte[] Brotli(byte[] body) => Compressed(body, to => new BrotliStream(to, CompressionLevel.Fastest));

    private static byte[] Compressed(byte[] body, Func<Stream, Stream> compress)
    {
        using var compressed = new MemoryStream();
        using (var compressing = compress(compressed))
        {
            compressing.Write(body);
        }

        return compressed.ToArray();
    }
}

/// <summary>One page after the other.</summary>
public sealed class NarrowBrokenOrCutTests() : BrokenOrCutTests(1);

/// <summary>Several pages at once.</summary>
public sealed class WideBrokenOrCutTests() : BrokenOrCutTests(8);

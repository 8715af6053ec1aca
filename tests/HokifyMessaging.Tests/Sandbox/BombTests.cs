using System.IO.Compression;
using System.Net;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class BombTests
{
    private const string All = "ats-api/application/getAllApplications";

    public static TheoryData<SandboxBomb> Bodies => [.. Enum.GetValues<SandboxBomb>().Except([SandboxBomb.Headers, SandboxBomb.Drip, SandboxBomb.LargeItems])];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bomb_is_as_long_as_it_is_told_to_be(SandboxBomb bomb)
    {
        var body = await BodyAsync(new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = 200_000 });

        Assert.InRange(body.Length, 200_000, 350_000);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("br, gzip")]
    public async Task A_bomb_is_small_where_it_is_compressed(string packing)
    {
        var body = await BodyAsync(new SandboxFault(SandboxFaultKind.Bomb) { BombBytes = 1_000_000, Packing = packing });

        Assert.InRange(body.Length, 10, 20_000);
        Stream unpacked = new MemoryStream(body);
        foreach (var layer in packing.Split(", ").Reverse())
        {
            unpacked = layer switch { "br" => new BrotliStream(unpacked, CompressionMode.Decompress), "gzip" => new GZipStream(unpacked, CompressionMode.Decompress), _ => new ZLibStream(unpacked, CompressionMode.Decompress) };
        }

        using var text = new StreamReader(unpacked);
        Assert.StartsWith("[{\"_id\":\"5b0b", await text.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_items_are_given_as_they_are_asked_for()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Bomb) { Bomb = SandboxBomb.LargeItems, BombBytes = 30L * 1024 * 1024, Times = null });

        using var page = await reader.GetAsync($"{All}?offset=2&limit=5");
        using var behind = await reader.GetAsync($"{All}?offset=3&limit=5");

        Assert.InRange((await page.Content.ReadAsByteArrayAsync(Cancellation)).Length, 10 * 1024 * 1024, 11 * 1024 * 1024);
        Assert.Equal("[]", await behind.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_bomb_may_be_an_error()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Bomb) { BombBytes = 1, BombStatus = 503 });

        using var answer = await reader.GetAsync(All);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static async Task<byte[]> BodyAsync(SandboxFault fault)
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 1 });
        await using var _ = sandbox;
        using var __ = reader;
        sandbox.Faults.Add(fault);
        using var answer = await reader.GetAsync(All);
        return await answer.Content.ReadAsByteArrayAsync(Cancellation);
    }
}

using System.Text;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading;

/// <summary>A list is the same list however it arrives, and one item that is too large costs itself alone.</summary>
public sealed class JsonListTextTests
{
    private const int Largest = 64 * 1024;

    private static readonly Gen<string> Scalar = Gen.OneOfConst(
        "0", "-1.5e-7", "true", "false", "null", "\"\"", "\"a\\\"]},\\\\\"", "\"\\u00e4\\ud83d\\ude00\"", "\"äöü€😀\"", "{}", "[]", "[[],{}]", """{"_id":"a1","x":[1,{"y":"}]"}]}""");

    private static readonly Gen<string> Large = Gen.OneOfConst(
        $"\"{new string('x', Largest)}\"",
        new string('9', Largest + 1),
        $$"""{"_id":"big","text":"{{string.Concat(Enumerable.Repeat("\\\"]},{[\\\\", Largest / 8))}}"}""",
        $"[{string.Join(',', Enumerable.Repeat("0", Largest / 8))}]",
        $"[{string.Join(" ,\n", Enumerable.Repeat("{\"a\":[]}", Largest / 10))}]",
        $"{new string('[', 600)}{new string(']', 600)}",
        $$"""{"_id":"big"{{new string(' ', Largest)}}}""");

    [Fact]
    public Task Items_are_those_of_the_whole_text_however_it_arrives() =>
        Gen.Select(Scalar.Array[0, 30], Gen.OneOfConst("", " ", "\r\n\t"), Gen.Int[1, 200]).SampleAsync(async (items, blank, piece) =>
        {
            var list = $"[{string.Join($"{blank},{blank}", items)}{blank}]{blank}";

            Assert.Equal(items.Select(Plain), (await ReadAsync(list, piece)).Select(item => item.Value.GetRawText()));
        }, iter: Examples.Of(300));

    [Fact]
    public Task An_item_that_is_too_large_costs_itself_alone() =>
        Gen.Select(Scalar.Array[0, 4], Large, Scalar.Array[0, 4], Gen.OneOfConst("", " \n"), Gen.Int[1_000, 100_000]).SampleAsync(async (before, large, after, blank, piece) =>
        {
            string[] items = [.. before, large, .. after, large, "7"];
            var list = $"[{string.Join($"{blank},{blank}", items)}{blank}]";

            var read = await ReadAsync(list, piece);

            Assert.Equal(items.Length, read.Count);
            Assert.Equal([before.Length, before.Length + after.Length + 1], read.Index().Where(item => item.Item.LeftOut is not null).Select(item => item.Index));
            Assert.Equal(items.Where(item => item != large).Select(Plain), read.Where(item => item.LeftOut is null).Select(item => item.Value.GetRawText()));
            Assert.Single(read.Where(item => item.LeftOut is not null).Select(item => item.LeftOut!.Hash).Distinct());
            Assert.All(read.Where(item => item.LeftOut is not null), item => Assert.Equal(large.Contains("big", StringComparison.Ordinal) ? "big" : null, item.LeftOut!.Id?.Value));
        }, iter: Examples.Of(60));

    [Theory]
    [InlineData("""{"_id":"a1","text":"XXX"}""", "a1")]
    [InlineData("""{"matchId":"a1","text":"XXX"}""", "a1")]
    [InlineData("""{"relationId":"j1","application":{"user":{"_id":"u1"},"_id":"a1","text":"XXX"}}""", "a1")]
    [InlineData("""{"relationId":"j1","application":{"user":{"_id":"u1","text":"XXX"},"_id":"a1"}}""", null)]
    [InlineData("""{"user":{"_id":"u1"},"text":"XXX"}""", null)]
    [InlineData("""{"applications":[{"_id":"a1"},{"_id":"a2"}],"text":"XXX"}""", null)]
    [InlineData("""{"_id":17,"text":"XXX"}""", null)]
    [InlineData("""{"_id":"\ud800","text":"XXX"}""", null)]
    public async Task What_is_left_out_is_named_by_the_id_that_stands_before_what_is_large(string item, string? id)
    {
        var read = Assert.Single(await ReadAsync($"[{item.Replace("XXX", new string('x', 3 * Largest), StringComparison.Ordinal)}]", 50_000));

        Assert.Equal(id, read.LeftOut!.Id?.Value);
        Assert.Equal("has more than 64 KB and was left out; expected is less, or a larger Hokify:Reading:LargestItem", read.LeftOut.Problem);
    }

    [Fact]
    public async Task What_is_nested_too_deep_is_left_out_and_says_so()
    {
        var read = await ReadAsync($"[1,{new string('[', 513)}{new string(']', 513)},2]", 100);

        Assert.Equal("is nested deeper than 512 levels; expected are fewer", read[1].LeftOut!.Problem);
        Assert.Equal(["1", "2"], read.Where(item => item.LeftOut is null).Select(item => item.Value.GetRawText()));
    }

    [Theory]
    [InlineData("[{\"a\":\"XXX\"")]
    [InlineData("[{\"a\":\"XXX\"} {}]")]
    [InlineData("[{\"a\":\"XXX\"},]")]
    [InlineData("[{\"a\":\"XXX\"}],")]
    [InlineData("[\"XXX\\\"]")]
    [InlineData("[1 XXX")]
    public async Task A_list_that_is_broken_behind_what_is_left_out_is_broken(string list)
    {
        var failure = await Assert.ThrowsAsync<SourceException>(() => ReadAsync(list.Replace("XXX", new string('x', Largest), StringComparison.Ordinal), 10_000));

        Assert.StartsWith("page: the answer is not valid JSON behind item ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blanks_take_no_room()
    {
        var blanks = new string(' ', 10 * Largest);

        var read = await ReadAsync($"{blanks}[{blanks}1{blanks},{blanks}2{blanks}]{blanks}", 100_000);

        Assert.Equal(["1", "2"], read.Select(item => item.Value.GetRawText()));
    }

    private static string Plain(string json) => JsonDocument.Parse(json).RootElement.GetRawText();

    private static async Task<List<JsonItem>> ReadAsync(string list, int piece)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var response = new HttpResponseMessage { Content = new StreamContent(new Pieces(Encoding.UTF8.GetBytes(list), piece)) };
        response.Content.Headers.ContentLength = Encoding.UTF8.GetByteCount(list);
        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit("page", new ReadingOptions()), cancel);
        return await JsonItems.ReadAsync(body, "page", Largest, cancel).ToListAsync(cancel);
    }

    /// <summary>Gives no more than so many bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}

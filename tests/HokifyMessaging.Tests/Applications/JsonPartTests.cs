using System.Text;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

/// <summary>What is found where it stands is what a document of the same text has.</summary>
public sealed class JsonPartTests
{
    private static readonly string[] Names = ["a", "ab", "_id", "us\\ud83d", "\\u0061", "\\u005fid", "ä", "", "0", "17"];

    /// <summary>Nobody looks for names with other letters.</summary>
    private static readonly string[] Sought = ["a", "ab", "_id", "user", "us", "", "0", "17"];

    private static readonly Gen<string> Scalar = Gen.OneOfConst(
        "0", "-0", "1e400", "-1.5e-7", "12345678901234567890123456789012", "true", "false", "null", "\"\"", "\" x \"", "\"\\u00e4\\ud83d\\ude00\"", "\"\\ud800\"", "\"äöü€😀\"", "\"\\\"]},\\\\\"", "{}", "[]", "{ }", "[ ]");

    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Scalar
        : Gen.OneOf(
            Scalar,
            inner.Array[0, 4].Select(items => $"[ {string.Join(" , ", items)}]"),
            Gen.Select(Gen.OneOfConst(Names), inner).Array[0, 5].Select(members => $"{{{string.Join(",", members.Select(member => $"\"{member.Item1}\" : {member.Item2}"))} }}")));

    [Fact]
    public void Parts_are_those_of_a_document() =>
        Gen.Select(Value, Gen.OneOfConst("", " ", "\r\n")).Sample((json, blank) =>
        {
            var text = Encoding.UTF8.GetBytes(blank + json + blank);
            using var document = JsonDocument.Parse(text);

            AssertSame(document.RootElement, JsonPart.Parse(text, 0, text.Length, new JsonScan(JsonScan.WholeDepth)));
        }, iter: Examples.Of(3000));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("/**/1")]
    public void What_is_no_JSON_is_none(string json)
    {
        var text = Encoding.UTF8.GetBytes(json);

        Assert.ThrowsAny<JsonException>(() => JsonPart.Parse(text, 0, text.Length, new JsonScan(JsonScan.WholeDepth)));
    }

    [Fact]
    public void A_repeated_text_is_the_text_whatever_came_before() =>
        Gen.OneOf(Gen.String, Gen.OneOfConst("a", "b", "Köchin", new string('x', 200))).Array[1, 50].Sample(
            texts => Assert.All(texts.Select(Encoding.UTF8.GetBytes), utf8 => Assert.Equal(Encoding.UTF8.GetString(utf8), RepeatedTexts.Own.Of(utf8))), iter: Examples.Of(200));

    [Fact]
    public void A_text_that_comes_again_is_made_once()
    {
        var texts = new RepeatedTexts();
        _ = texts.Of("Wann können Sie anfangen?"u8);
        var second = texts.Of("Wann können Sie anfangen?"u8);

        Assert.Same(second, texts.Of("Wann können Sie anfangen?"u8));
        Assert.Null(texts.Of([0xC3]));
        Assert.Null(texts.Of([0xC3]));
    }

    private static void AssertSame(JsonElement expected, JsonPart part)
    {
        Assert.Equal(expected.ValueKind, part.Kind);
        Assert.Equal(expected.GetRawText(), part.GetRawText());
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                Assert.Equal(expected.GetPropertyCount() > 0, part.IsFilled);
                AssertSame(expected.EnumerateObject().Select(member => member.Value), part);
                foreach (var name in Sought)
                {
                    AssertSameMember(expected, part, name);
                }

                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength() > 0, part.IsFilled);
                AssertSame(expected.EnumerateArray(), part);
                break;
            case JsonValueKind.String:
                Assert.Equal(TextOf(expected), part.Text());
                Assert.Equal(TextOf(expected), part.Text(isRepeated: true));
                Assert.Equal(expected.ValueEquals(""), part.IsEmptyText);
                break;
            case JsonValueKind.Number:
                Assert.Equal((expected.TryGetDecimal(out var number), number), (part.TryGetDecimal(out var read), read));
                break;
        }
    }

    private static void AssertSame(IEnumerable<JsonElement> expected, JsonPart part)
    {
        var values = part.Values.GetEnumerator();
        var count = 0;
        foreach (var value in expected)
        {
            Assert.True(values.MoveNext());
            AssertSame(value, values.Current);
            count++;
        }

        Assert.False(values.MoveNext());
        Assert.Equal(count, part.Values.Count());
    }

    private static void AssertSameMember(JsonElement expected, JsonPart part, string name)
    {
        try
        {
            var isThere = expected.TryGetProperty(name, out var value);
            Assert.Equal(isThere, part.TryGet(name, out var found));
            Assert.Equal(isThere ? value.GetRawText() : null, isThere ? found.GetRawText() : null);
        }
        catch (InvalidOperationException)
        {
            Assert.Throws<InvalidOperationException>(() => part.TryGet(name, out _));
        }
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Text;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using RabbitMQ.Client;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>The key in a header, whatever type and case its publisher gave it.</summary>
public sealed class MessageKeyTests
{
    public static TheoryData<string, string> Scalars => new()
    {
        { "text", "nightly" },
        { "bytes", "täglich" },
        { "binary", "binary" },
        { "byte", "7" },
        { "short", "-7" },
        { "int", "20260301" },
        { "long", "9007199254740993" },
        { "unsigned", "4294967295" },
        { "float", "1.5" },
        { "double", "0.1" },
        { "decimal", "12.50" },
        { "bool", "true" },
        { "timestamp", "1771077762" },
    };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Every_scalar_of_AMQP_is_a_key(string type, string key) => Assert.Equal(key, Transported(("Idempotency-Key", Scalar(type))));

    [Theory]
    [InlineData("Idempotency-Key")]
    [InlineData("idempotency-key")]
    [InlineData("IDEMPOTENCY-KEY")]
    [InlineData("idempotency-KEY")]
    public void The_case_of_its_name_does_not_matter(string name)
    {
        Assert.Equal("k", Transported((name, Encoding.UTF8.GetBytes("k"))));
        Assert.Equal("k", MessageKey.OfHeaders(Headers((name, "k")), []));
    }

    [Fact]
    public void Lists_and_tables_are_refused_with_one_sentence()
    {
        Assert.Equal("The header Idempotency-Key is a list; it must be a text or a number.", Refusal(("Idempotency-Key", new List<object> { "k" })));
        Assert.Equal("The header Idempotency-Key is a list; it must be a text or a number.", Refusal(("idempotency-key", Array.Empty<object>())));
        Assert.Equal("The header Idempotency-Key is a table; it must be a text or a number.", Refusal(("IDEMPOTENCY-KEY", new Dictionary<string, object> { ["k"] = "k" })));
        Assert.Equal("The header Idempotency-Key is not text in UTF-8.", Refusal(("Idempotency-Key", new byte[] { 0xff, 0xfe })));
    }

    [Fact]
    public void Two_that_differ_in_case_must_agree()
    {
        Assert.Equal("k", Transported(("Idempotency-Key", "k"), ("idempotency-key", "k"u8.ToArray())));
        Assert.Equal("5", Transported(("Idempotency-Key", 5), ("idempotency-key", "5")));
        Assert.Equal("k", Transported(("Idempotency-Key", " "), ("idempotency-key", "k")));
        Assert.Equal(
            "The header Idempotency-Key is given more than once, with different values; its case makes no difference.",
            Refusal(("Idempotency-Key", "k"), ("idempotency-key", "l")));
        Assert.Equal(
            "The header Idempotency-Key is given more than once, with different values; its case makes no difference.",
            Refusal(("IDEMPOTENCY-KEY", 1), ("Idempotency-key", 2)));
    }

    [Fact]
    public void An_envelope_has_what_its_publisher_wrote_and_its_transport_must_not_contradict()
    {
        Assert.Equal("2026-03-01T00:00:00Z", MessageKey.OfHeaders(Headers(("Idempotency-Key", "2026-03-01T00:00:00Z")), Headers(("Idempotency-Key", new AmqpTimestamp(1772323200)))));
        Assert.Equal("true", MessageKey.OfHeaders(Headers(("Idempotency-Key", true)), Headers(("Idempotency-Key", "True"u8.ToArray()))));
        Assert.Equal(
            "The header Idempotency-Key is in the envelope and in the properties of the message, with different values.",
            Assert.Throws<RequestRefusedException>(() => MessageKey.OfHeaders(Headers(("Idempotency-Key", "a")), Headers(("idempotency-key", "b")))).Message);
    }

    [Fact]
    public void Blank_ones_and_none_do_not_count()
    {
        Assert.Null(Transported());
        Assert.Null(Transported(("Idempotency-Key", null)));
        Assert.Null(Transported(("Idempotency-Key", " \t")));
        Assert.Null(Transported(("Idempotency-Keys", "k")));
    }

    private static object Scalar(string type) => type switch
    {
        "text" => "nightly",
        "bytes" => Encoding.UTF8.GetBytes("täglich"),
        "binary" => new BinaryTableValue("binary"u8.ToArray()),
        "byte" => (byte)7,
        "short" => (short)-7,
        "int" => 20260301,
        "long" => 9007199254740993,
        "unsigned" => uint.MaxValue,
        "float" => 1.5f,
        "double" => 0.1,
        "decimal" => 12.50m,
        "bool" => true,
        "timestamp" => new AmqpTimestamp(1771077762),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static string? Transported(params (string Name, object? Value)[] headers) => MessageKey.OfHeaders([], Headers(headers));

    private static string Refusal(params (string Name, object? Value)[] headers) => Assert.Throws<RequestRefusedException>(() => Transported(headers)).Message;

    private static IEnumerable<KeyValuePair<string, object?>> Headers(params (string Name, object? Value)[] headers) =>
        headers.Select(header => KeyValuePair.Create(header.Name, header.Value));
}

using HokifyMessaging.Receiving;
using RabbitMQ.Client;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>What a message is like that goes back from where it waited, and which ones do.</summary>
public sealed class MessagesBackTests
{
    [Fact]
    public void It_is_as_it_was_published_but_for_the_mark_that_it_lay_aside()
    {
        var waiting = new BasicProperties
        {
            MessageId = "order 7/2026",
            CorrelationId = "c",
            ContentType = "application/json",
            Type = "t",
            AppId = "crm",
            Timestamp = new AmqpTimestamp(1_771_077_762),
            Priority = 3,
            UserId = "hokify",
            Expiration = "1000",
            Headers = new Dictionary<string, object?>
            {
                ["Idempotency-Key"] = "nightly"u8.ToArray(),
                ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                ["MT-Activity-Id"] = "kept",
                ["MT-Reason"] = "fault"u8.ToArray(),
                ["MT-Fault-Message"] = "hokify answered 503.",
                ["MT-Fault-StackTrace"] = "   at",
                ["MT-Host-MachineName"] = "importer",
                ["x-death"] = new List<object?>(),
                ["x-first-death-queue"] = "hokify-import",
                ["x-last-death-reason"] = "delivery_limit",
                ["x-delivery-count"] = 20L,
                ["x-acquired-count"] = 20L,
                ["hokify-headers-left-out"] = "'long' of about 70000 bytes",
                ["x-mine"] = 17,
            },
        };

        var published = MessagesBack.Published(waiting, "hokify");

        Assert.Equal(["Idempotency-Key", "MT-Activity-Id", "MT-Reason", "traceparent", "x-mine"], published.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("fault", 17), ((string)published.Headers["MT-Reason"]!, (int)published.Headers["x-mine"]!));
        Assert.Equal(
            ("order 7/2026", "c", "application/json", "t", "crm", 1_771_077_762L, (byte)3, "hokify"),
            (published.MessageId, published.CorrelationId, published.ContentType, published.Type, published.AppId, published.Timestamp.UnixTime, published.Priority, published.UserId));
        Assert.Equal((true, false), (published.Persistent, published.IsExpirationPresent()));
        Assert.Equal(14, waiting.Headers.Count);
    }

    [Fact]
    public void Whose_word_it_was_that_put_it_aside_is_kept_and_another_users_name_is_not()
    {
        var dead = new Dictionary<string, object?> { ["x-death"] = new List<object?> { new Dictionary<string, object?> { ["reason"] = "delivery_limit"u8.ToArray() } } };

        Assert.Equal("delivery_limit", MessagesBack.Published(new BasicProperties { Headers = dead }, "hokify").Headers!["MT-Reason"]);
        Assert.Equal("moved", MessagesBack.Published(new BasicProperties(), "hokify").Headers!["MT-Reason"]);
        Assert.False(MessagesBack.Published(new BasicProperties { UserId = "crm" }, "hokify").IsUserIdPresent());
    }

    [Theory]
    [InlineData("hokify answered 503", true)]
    [InlineData("HOKIFY ANSWERED", true)]
    [InlineData("hokify answered … to … calls in a row", true)]
    [InlineData("… in a row.", true)]
    [InlineData("in a row … hokify", false)]
    [InlineData("answered 50.", false)]
    [InlineData("(", false)]
    public void A_reason_is_meant_by_a_part_of_it_in_which_an_ellipsis_stands_for_anything(string part, bool isMeant) =>
        Assert.Equal(isMeant, new WaitingReason("hokify answered 503 to 6 calls in a row.", null).IsMeantBy(part));

    [Fact]
    public void Reasons_that_differ_in_names_ids_and_numbers_have_one_pattern() =>
        Assert.Equal(
            "Run … of … failed at …: …",
            new WaitingReason("Run 019c60a5-7c00-7000-8000-5a64ed47e597 of 'a key' failed at 503: 5f1d7f0b2c3e4a5b6c7d8e9f", null).Pattern);
}

using HokifyMessaging.Receiving;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>When a message has come back as often as it may: one decision, from what the broker and the process have counted.</summary>
public sealed class DeliveryLimitTests
{
    private const int Limit = 3;

    public static TheoryData<string, object?> WhatPublishersWrite => new()
    {
        { "a text", "99" }, { "a number that is none of the broker's", 1e300 }, { "a decimal", 99m }, { "true", true }, { "nothing", null }, { "a list", new List<object?> { 99 } }, { "less than nothing", -1L },
    };

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void A_quorum_queue_counts_for_all_processes(int count, bool isLast)
    {
        Assert.Equal(isLast, IsLast(RabbitMqQueueType.Quorum, true, (long)count));
        Assert.Equal(isLast, IsLast(RabbitMqQueueType.Quorum, true, count));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void What_this_process_has_seen_come_back_counts_at_any_queue(int seen, bool isLast)
    {
        Assert.Equal(isLast, IsLast(RabbitMqQueueType.Quorum, true, null, seen));
        Assert.Equal(isLast, IsLast(RabbitMqQueueType.Classic, true, null, seen));
    }

    [Fact]
    public void A_message_that_was_never_delivered_is_delivered_whatever_its_headers_say_and_others_with_its_body_met()
    {
        Assert.False(IsLast(RabbitMqQueueType.Quorum, false, 99L, 99));
        Assert.False(IsLast(RabbitMqQueueType.Classic, false, 99L, 99));
    }

    [Fact]
    public void A_classic_queue_counts_nothing_so_a_count_there_is_its_publishers() =>
        Assert.False(IsLast(RabbitMqQueueType.Classic, true, 99L));

    [Theory]
    [InlineData("4.3.0", true)]
    [InlineData("4.3.6", true)]
    [InlineData("4.2.9", false)]
    [InlineData("3.10.8", false)]
    public void How_often_a_consumer_had_it_counts_where_the_broker_writes_that_and_is_its_publishers_elsewhere(string version, bool isLast) => Assert.Equal(
        isLast,
        DeliveryLimit.IsLast(
            true, new Dictionary<string, object?> { ["x-acquired-count"] = 3L }, Version.Parse(version), new RabbitMqOptions { QueueType = RabbitMqQueueType.Quorum, DeliveryLimit = Limit }, 0));

    [Theory]
    [MemberData(nameof(WhatPublishersWrite))]
    public void What_is_no_count_of_a_broker_counts_nothing(string what, object? count) =>
        Assert.False(IsLast(RabbitMqQueueType.Quorum, true, count), what);

    private static bool IsLast(RabbitMqQueueType type, bool isRedelivered, object? count, int seen = 0) => DeliveryLimit.IsLast(
        isRedelivered, new Dictionary<string, object?> { ["x-delivery-count"] = count }, new Version(3, 10), new RabbitMqOptions { QueueType = type, DeliveryLimit = Limit }, seen);
}

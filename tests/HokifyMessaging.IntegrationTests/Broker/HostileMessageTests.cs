using System.Diagnostics;
using HokifyMessaging.Tests;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>
/// Whatever a publisher puts into a message, its properties, its headers or its envelope: the consumer stays, and the next
/// good request is served at once.
/// </summary>
public sealed class HostileMessageTests(SharedBroker shared)
{
    private const string Request = """{"dryRun": true, "idempotencyKey": "KEY"}""";

    /// <summary>How many hostile messages come before the next good one.</summary>
    private const int Group = 12;

    private static readonly string[] EnvelopeMembers =
    [
        "messageId", "requestId", "correlationId", "conversationId", "initiatorId", "sourceAddress", "destinationAddress", "responseAddress", "faultAddress",
        "messageType", "message", "expirationTime", "sentTime", "headers", "host", "job", "unheardOf",
    ];

    private static readonly string[] EnvelopeValues =
    [
        "null", "true", "-1", "1e400", "9223372036854775808", "\"\"", "\"text\"", "[]", "[null]", "{}", "{\"a\": [[{}]]}",
        "\"queue:amq.gen-somebodys\"", "\"exchange:hokify-import?type=topic\"", "\"exchange:amq.direct?type=fanout&durable=false\"", "\"rabbitmq://no-such-host.invalid/a?b\"",
        "\"2026-13-45\"", "\"0001-01-01T00:00:00\"", "\"urn:message:hokify:import-requested:v1\"", "[\"urn:message:hokify:import-requested:v1\", 1, null]",
    ];

    private static readonly string[] Headers =
    [
        "Idempotency-Key", "Content-Type", "MessageId", "traceparent", "tracestate", "baggage", "x-death", "x-delay", "x-delivery-count", "x-acquired-count", "x-first-death-queue", "RabbitMQ-ExchangeName",
        "MT-Activity-Id", "MT-Redelivery-Count", "MT-Request-Id", "MT-Response-Address", "MT-Fault-Address", "MT-Message-Type", "MT-Host-Info", "MT-OriginalMessageType", "MT-Reason", "MT-Fault-Message", "MT-Fault-Timestamp",
        "MT-Fault-InputAddress", "MT-Fault-RetryCount", "MT-Scheduling-DeliveredTime", "MT-Quartz-Sent", "MT-InMemory-Outbox", "publishId", "",
    ];

    private static readonly object?[] HeaderValues =
    [
        null, "", "text", "\u202Etext\u0000\n", -1, long.MinValue, (byte)255, 1.5f, -0.5, true, 12.5m, "raw"u8.ToArray(), new byte[] { 0xFF, 0xFE, 0x00 },
        new BinaryTableValue([0xFF]), new AmqpTimestamp(long.MaxValue), new AmqpTimestamp(-1), new List<object?> { null, new List<object?> { 1 } },
        new Dictionary<string, object?> { ["a"] = new Dictionary<string, object?> { ["b"] = null } }, "urn:message:x", "queue:amq.gen-somebodys",
    ];

    [Theory]
    [InlineData("Classic")]
    [InlineData("Quorum")]
    public async Task No_message_takes_the_consumer_away_or_keeps_a_good_request_waiting(string queueType)
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 1, configure: site => site.Settings["Transport:RabbitMq:QueueType"] = queueType);
        await using var publisher = await AmqpPublisher.ConnectAsync(way.Host);
        var service = Assert.Single(way.Site.Processes);
        var longest = TimeSpan.Zero;
        var good = 0;
        var untaken = new List<string>();

        // In the short form each of the two gets half of them.
        var half = queueType == "Quorum" ? 1 : 0;
        foreach (var group in Messages().Where((_, number) => LongForm.IsAsked || number / 2 % 2 == half).Chunk(Group))
        {
            foreach (var message in group)
            {
                if (!await publisher.TrySendAsync(message.Body, message.Properties))
                {
                    untaken.Add(message.What);
                }
            }

            var key = FormattableString.Invariant($"good-{++good}");
            var waited = Stopwatch.StartNew();
            await publisher.PublishAsync(Request.Replace("KEY", key, StringComparison.Ordinal), []);
            await service.UntilAsync(() => way.Site.Database.IsAnnouncedAsync(key), $"a good request completes after: {string.Join("; ", group.Select(message => message.What))}");
            longest = longest > waited.Elapsed ? longest : waited.Elapsed;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant($"{good} good requests, the longest took {longest.TotalSeconds:0.0} s"));
        TestContext.Current.TestOutputHelper!.WriteLine($"The broker took none of these: {string.Join("; ", untaken)}");
        Assert.DoesNotContain(service.Lines, line => line.Contains("is not consumed", StringComparison.Ordinal) || line.Contains("error of the program's own", StringComparison.Ordinal));
        Assert.Empty(await way.Operator.DeadLettersAsync());
        Assert.Equal(["hokify-import", "hokify-import_dead", "hokify-import_error"], (await way.Operator.QueuesAsync()).Where(queue => queue.StartsWith("hokify", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Hostile> Messages()
    {
        foreach (var (member, value) in EnvelopeMembers.SelectMany(member => EnvelopeValues.Select(value => (member, value))))
        {
            yield return new($"{member}: {value} in the envelope", Envelope(member, value), new BasicProperties());
        }

        foreach (var (header, value) in Headers.SelectMany(header => HeaderValues.Select(value => (header, value))))
        {
            var what = $"header {header} of {value?.GetType().Name} '{value}'";
            yield return new(what, Keyed(Request), new BasicProperties { Headers = new Dictionary<string, object?> { [header] = value } });
            yield return new($"{what} beside a body that is refused", "[]", new BasicProperties { Headers = new Dictionary<string, object?> { [header] = value } });
        }

        foreach (var (what, properties) in Properties())
        {
            yield return new(what, Keyed(Request), properties);
            yield return new($"{what} beside a body that is refused", "{", properties);
        }

        foreach (var (what, body) in Bodies())
        {
            yield return new(what, body, new BasicProperties());
        }
    }

    private static string Envelope(string member, string value)
    {
        var members = new Dictionary<string, string>
        {
            ["messageType"] = """["urn:message:hokify:import-requested:v1"]""",
            ["message"] = Keyed(Request),
            [member] = value,
        };
        return $"{{{string.Join(", ", members.Select(m => $"\"{m.Key}\": {m.Value}"))}}}";
    }

    private static IEnumerable<(string What, BasicProperties Properties)> Properties()
    {
        var longest = new string('x', 255);
        foreach (var text in new[] { "", "///", "text", "application/vnd.masstransit+json", "application/json; charset=\"", "application/vnd.masstransit+binary", "application/octet-stream", longest, "é\u0000\n" })
        {
            yield return ($"content type '{text}'", new BasicProperties { ContentType = text });
            yield return ($"content encoding '{text}'", new BasicProperties { ContentEncoding = text });
            yield return ($"type '{text}'", new BasicProperties { Type = text });
            yield return ($"reply to '{text}'", new BasicProperties { ReplyTo = text });
            yield return ($"correlation id '{text}'", new BasicProperties { CorrelationId = text });
            yield return ($"message id '{text}'", new BasicProperties { MessageId = text });
            yield return ($"application id '{text}'", new BasicProperties { AppId = text });
            yield return ($"cluster id '{text}'", new BasicProperties { ClusterId = text });
        }

        yield return ("reply to of another's queue", new BasicProperties { ReplyTo = "amq.gen-somebodys" });
        yield return ("the highest priority", new BasicProperties { Priority = 255 });
        yield return ("a time beyond the calendar", new BasicProperties { Timestamp = new AmqpTimestamp(long.MaxValue) });
        yield return ("an expiry far away", new BasicProperties { Expiration = "100000000" });
        foreach (var size in new[] { 1_000, 60_000, 120_000, 130_500 })
        {
            yield return ($"a header of {size} bytes", new BasicProperties { Headers = new Dictionary<string, object?> { ["long"] = new string('x', size) } });
        }

        yield return ("1,500 headers", new BasicProperties { Headers = Enumerable.Range(0, 1500).ToDictionary(i => $"header-{i}", i => (object?)i) });
        yield return ("deep headers", new BasicProperties { Headers = new Dictionary<string, object?> { ["deep"] = Deep(60) } });
    }

    private static IEnumerable<(string What, string Body)> Bodies()
    {
        yield return ("nothing", "");
        yield return ("a text", "text");
        yield return ("a megabyte of blanks", new string(' ', 1_000_000));
        yield return ("ten megabytes of a text", $"{{\"idempotencyKey\": \"{new string('x', 10_000_000)}\"}}");
        yield return ("ten thousand levels", new string('[', 10_000));
        yield return ("a hundred thousand members", $"{{{string.Join(", ", Enumerable.Range(0, 100_000).Select(i => $"\"m{i}\": 1"))}}}");
        yield return ("a long key", $"{{\"idempotencyKey\": \"{new string('x', 5000)}\"}}");
        yield return ("a number without end", $"{{\"unixSecondsFrom\": {new string('9', 100_000)}}}");
        yield return ("a fraction without end", $"{{\"unixSecondsFrom\": \"0.{new string('9', 100_000)}\"}}");
        yield return ("a name without end", $"{{\"{new string('x', 1_000_000)}\": 1}}");
        yield return ("a scope that is none", """{"scopeId": 2147483648}""");
    }

    private static Dictionary<string, object?> Deep(int levels) => new() { ["level"] = levels == 0 ? null : Deep(levels - 1) };

    private static string Keyed(string request) => request.Replace("KEY", Guid.NewGuid().ToString(), StringComparison.Ordinal);

    private sealed record Hostile(string What, string Body, BasicProperties Properties);
}

using System.Text.Json;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>What publishers of other platforms put beside and into a request, at a real broker.</summary>
public sealed class HeaderKeyTests(SharedBroker shared)
{
    private const string Raw = """{"dryRun": true, "requestedBy": "a test"}""";

    private const string Enveloped = $$"""{"messageType": ["urn:message:hokify:import-requested:v1"], "message": {{Raw}}}""";

    private static (string Name, object Value, string Key)[] Keys =>
    [
        ("Idempotency-Key", "text", "text"),
        ("idempotency-key", "täglich"u8.ToArray(), "täglich"),
        ("IDEMPOTENCY-KEY", new BinaryTableValue("binary"u8.ToArray()), "binary"),
        ("Idempotency-Key", (byte)7, "7"),
        ("Idempotency-Key", (short)-16, "-16"),
        ("idempotency-key", 20260301, "20260301"),
        ("Idempotency-Key", 9007199254740993, "9007199254740993"),
        ("Idempotency-Key", 1.5f, "1.5"),
        ("IDEMPOTENCY-key", 0.1, "0.1"),
        ("Idempotency-Key", 12.50m, "12.50"),
        ("Idempotency-Key", true, "true"),
        ("Idempotency-Key", new AmqpTimestamp(1771077762), "1771077762"),
    ];

    [Fact]
    public async Task A_key_of_any_scalar_type_and_in_any_case_of_its_name_names_the_run()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 3);
        await using var publisher = await AmqpPublisher.ConnectAsync(way.Host);

        foreach (var (name, value, _) in Keys)
        {
            await publisher.PublishAsync(Raw, new() { [name] = value });
        }

        await publisher.PublishAsync(Enveloped, new() { ["idempotency-key"] = "enveloped" });
        await way.UntilCompletionsAsync(Keys.Length + 1);

        Assert.Equal(
            Keys.Select(key => key.Key).Append("enveloped").Order(StringComparer.Ordinal),
            way.Outsider.Completions.Select(completion => completion.Event.IdempotencyKey).Order(StringComparer.Ordinal));
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    [Fact]
    public async Task What_is_no_key_or_not_known_is_refused_with_one_sentence_and_imports_nothing()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 3);
        await using var publisher = await AmqpPublisher.ConnectAsync(way.Host);
        var bodies = new List<string>();

        await PublishAsync(Raw, new() { ["Idempotency-Key"] = new List<object?> { "k" } });
        await PublishAsync(Raw, new() { ["idempotency-key"] = new Dictionary<string, object?> { ["k"] = 1 } });
        await PublishAsync(Raw, new() { ["Idempotency-Key"] = "one", ["idempotency-key"] = "two" });
        await PublishAsync(Raw, new() { ["Idempotency-Key"] = "turned\u202eround" });
        await PublishAsync("""{"dry_run": true}""", []);
        await PublishAsync("""{"messageType": ["urn:message:hokify:import-requested:v1"], "message": {"scope_id": 2}}""", []);
        await PublishAsync("""{"messageType": ["urn:message:hokify:import-requested:v1"], "message": {}, "conversationId": "none"}""", []);
        await PublishAsync("""{"requestedBy": "\ud800"}""", []);
        await PublishAsync($"{{\"scopeId\": {new string('[', 200)}{new string(']', 200)}}}", []);
        var errors = await way.Operator.UntilErrorsAsync(bodies.Count);

        const string Good = """ A good body is {"scopeId": 1, "importMode": "Incremental", "idempotencyKey": "nightly-2026-03-01"}, or MassTransit's envelope around it.""";
        string[] sentences =
        [
            "The header Idempotency-Key is a list; it must be a text or a number.",
            "The header Idempotency-Key is a table; it must be a text or a number.",
            "The header Idempotency-Key is given more than once, with different values; its case makes no difference.",
            "The idempotency key has a control, format or bidirectional character (U+202E) at position 7; leave it out.",
            $"The message body cannot be read ('dry_run' is not known; did you mean 'dryRun'?).{Good}",
            $"The message body cannot be read ('scope_id' is not known; did you mean 'scopeId'?).{Good}",
            $"The message body cannot be read (conversationId of the envelope is 'none'; it must be a UUID or null).{Good}",
            $"The message body has half a character (a lone surrogate) in the text at byte 17.{Good}",
            $"The message body is nested more than 64 levels deep.{Good}",
        ];
        Assert.Equal(sentences.Order(StringComparer.Ordinal), errors.Select(error => error.Header("MT-Fault-Message")!).Order(StringComparer.Ordinal));
        Assert.Empty(way.Outsider.Completions);

        Task PublishAsync(string body, Dictionary<string, object?> headers)
        {
            bodies.Add(body);
            return publisher.PublishAsync(body, headers);
        }
    }

    [Fact]
    public async Task Addresses_in_an_envelope_neither_stop_the_consumer_nor_are_written_to()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 3);
        await using var publisher = await AmqpPublisher.ConnectAsync(way.Host);
        var before = await way.Operator.QueuesAsync();
        string[] addresses = ["queue:somewhere-else", "rabbitmq://no-such-host.invalid/queue", "exchange:hokify-import?type=topic", "not an address", "loopback://localhost/queue"];

        foreach (var address in addresses)
        {
            var to = JsonSerializer.Serialize(address);
            foreach (var message in new[] { """{"scopeId": 7}""", """{"dry_run": true}""" })
            {
                await publisher.PublishAsync(
                    $$"""{"messageType": ["urn:message:hokify:import-requested:v1"], "message": {{message}}, "faultAddress": {{to}}, "responseAddress": {{to}}, "requestId": "{{Guid.NewGuid()}}"}""", []);
            }
        }

        await way.Operator.UntilErrorsAsync(addresses.Length * 2);
        await publisher.PublishAsync(Raw, new() { ["Idempotency-Key"] = "afterwards" });
        await way.UntilCompletionsAsync(1);

        Assert.Equal("afterwards", Assert.Single(way.Outsider.Completions).Event.IdempotencyKey);
        Assert.Empty((await way.Operator.QueuesAsync()).Except([.. before, "hokify-import_error"]));
    }
}

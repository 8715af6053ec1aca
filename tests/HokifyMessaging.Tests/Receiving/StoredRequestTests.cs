using System.Text;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using RabbitMQ.Client;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>Whose request a message in a queue is, whoever wrote it.</summary>
public sealed class StoredRequestTests
{
    [Theory]
    [InlineData("""{"scopeId":2,"importMode":"Full","idempotencyKey":"body"}""", "body")]
    [InlineData("""{"scopeId":2,"importMode":"Full"}""", "header")]
    [InlineData("""{"messageId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":2,"importMode":"Full","idempotencyKey":"body"}}""", "body")]
    [InlineData("""{"headers":{"IDEMPOTENCY-KEY":"header"},"messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":2,"importMode":"Full"}}""", "header")]
    public void The_key_is_the_bodys_else_the_headers(string body, string key)
    {
        var request = Read(body, new BasicProperties { Headers = new Dictionary<string, object?> { ["idempotency-key"] = "header"u8.ToArray() } })!;

        Assert.Equal((key, 2, ImportMode.Full), (request.IdempotencyKey, request.ScopeId, request.ImportMode));
    }

    [Theory]
    [InlineData("""{}""", "order-17", "order-17")]
    [InlineData("""{}""", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6f9619ff-8b86-d011-b42d-00cf4fc964ff")]
    [InlineData("""{"messageId":"6F9619FF-8B86-D011-B42D-00CF4FC964FF","messageType":["urn:message:hokify:import-requested:v1"],"message":{}}""", null, "6f9619ff-8b86-d011-b42d-00cf4fc964ff")]
    public void Without_a_key_it_is_the_message_id_in_the_form_that_the_bus_gives_it(string body, string? messageId, string key) =>
        Assert.Equal(key, Read(body, new BasicProperties { MessageId = messageId })!.IdempotencyKey);

    [Fact]
    public void Headers_that_contradict_each_other_were_refused_and_name_no_run() => Assert.Null(Read(
        """{"headers":{"Idempotency-Key":"inner"},"messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":2,"importMode":"Full"}}""",
        new BasicProperties { Headers = new Dictionary<string, object?> { ["Idempotency-Key"] = "outer"u8.ToArray() } }));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"scopeId":"x","idempotencyKey":"k"}""")]
    [InlineData("""{"importMode":"Sometimes","idempotencyKey":"k"}""")]
    [InlineData("""{"idempotencyKey":""")]
    [InlineData("""{"scopeId":1}""")]
    [InlineData("""{"dry_run":true,"idempotencyKey":"k"}""")]
    [InlineData("""{"idempotencyKey":"k","IdempotencyKey":"k"}""")]
    [InlineData("""{"messageType":["urn:message:hokify:import-completed:v1"],"message":{"idempotencyKey":"k"}}""")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"messageId":"order-17","message":{"idempotencyKey":"k"}}""")]
    public void What_was_never_a_request_with_a_key_is_none(string body) => Assert.Null(Read(body, new BasicProperties()));

    private static ImportRequest? Read(string body, BasicProperties properties) =>
        StoredRequest.Read(Encoding.UTF8.GetBytes(body), properties, TimeProvider.System.GetUtcNow());
}

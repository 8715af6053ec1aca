using System.Runtime.Serialization;
using System.Text;
using CsCheck;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using MassTransit;
using MassTransit.Serialization;

namespace HokifyMessaging.Tests.Receiving;

public sealed class RequestDeserializerTests
{
    private const string Good = """ A good body is {"scopeId": 1, "importMode": "Incremental", "idempotencyKey": "nightly-2026-03-01"}, or MassTransit's envelope around it.""";

    [Theory]
    [InlineData("""{"scopeId":3,"importMode":"Full","idempotencyKey":"k","dryRun":true,"requestedBy":"ops"}""")]
    [InlineData("""{"ScopeId":3,"ImportMode":"full","IdempotencyKey":"k","DryRun":true,"RequestedBy":"ops","later":1}""")]
    [InlineData("""{"scopeId":"3","importMode":1,"idempotencyKey":"k","dryRun":true,"requestedBy":"ops",}""")]
    [InlineData("\uFEFF{\"scopeId\":3,\"importMode\":\"Full\",\"idempotencyKey\":\"k\",\"dryRun\":true,\"requestedBy\":\"ops\"}")]
    [InlineData("""{"messageId":"0195f7a0-0000-7000-8000-000000000001","messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":3,"importMode":"Full","idempotencyKey":"k","dryRun":true,"requestedBy":"ops"}}""")]
    [InlineData("""{"MessageType":["urn:message:other","urn:message:hokify:import-requested:v1"],"Message":{"ScopeId":3,"ImportMode":"Full","IdempotencyKey":"k","DryRun":true,"RequestedBy":"ops"}}""")]
    public void A_request_is_read_with_or_without_its_envelope_in_either_case(string body)
    {
        var expected = new HokifyImportRequested { ScopeId = 3, ImportMode = ImportMode.Full, IdempotencyKey = "k", DryRun = true, RequestedBy = "ops" };

        Assert.Equal(expected, Read(body));
    }

    [Fact]
    public void An_empty_object_is_a_request_with_every_default() => Assert.Equal(new HokifyImportRequested(), Read("{}"));

    [Theory]
    [InlineData("", "The message body is empty.")]
    [InlineData(" \r\n", "The message body is empty.")]
    [InlineData("null", "The message body is null, not a JSON object.")]
    [InlineData("[{}]", "The message body is an array, not a JSON object.")]
    [InlineData("\"scope 1\"", "The message body is a text, not a JSON object.")]
    [InlineData("42", "The message body is a number, not a JSON object.")]
    [InlineData("{\n \"scopeId\": }", "The message body is not JSON from line 2, byte 13 on.")]
    [InlineData("""{"messageType":["urn:message:hokify:import-completed:v1"],"message":{}}""", "The message body is an envelope of another message; expected among its messageType is urn:message:hokify:import-requested:v1.")]
    public void Any_other_body_is_refused_with_one_sentence_and_a_good_example(string body, string sentence) =>
        Assert.Equal(sentence + Good, Assert.Throws<SerializationException>(() => Read(body)).Message);

    [Theory]
    [InlineData("""{"importMode":"Sometimes"}""", "importMode")]
    [InlineData("""{"importMode":7}""", "importMode")]
    [InlineData("""{"unixSecondsFrom":""}""", "unixSecondsFrom")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":"one"}}""", "scopeId")]
    [InlineData("""{"dryRun":"perhaps"}""", "dryRun")]
    public void A_member_that_cannot_be_read_is_named(string body, string member)
    {
        var message = Assert.Throws<SerializationException>(() => Read(body)).Message;

        Assert.StartsWith("The message body cannot be read (", message, StringComparison.Ordinal);
        Assert.Contains($"path $.{member})", message, StringComparison.Ordinal);
        Assert.EndsWith(Good, message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_body_at_all_makes_it_fail_in_another_way() =>
        Gen.Byte.Array[0, 200].Sample(body =>
        {
            try
            {
                Read(body);
            }
            catch (SerializationException exception)
            {
                Assert.EndsWith(Good, exception.Message, StringComparison.Ordinal);
            }
        });

    private static HokifyImportRequested Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    private static HokifyImportRequested Read(byte[] body)
    {
        var context = new RequestDeserializer().Deserialize(new BytesMessageBody(body), EmptyHeaders.Instance);
        Assert.True(context.TryGetMessage<HokifyImportRequested>(out var message));
        return Assert.IsType<HokifyImportRequested>(message);
    }
}

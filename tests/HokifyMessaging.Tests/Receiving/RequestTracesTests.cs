using System.Text;
using HokifyMessaging.Receiving;

namespace HokifyMessaging.Tests.Receiving;

/// <summary>What is made out of messages that cannot be read.</summary>
public sealed class RequestTracesTests
{
    private const string Id = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";

    private static readonly Dictionary<string, object?> Header = new() { ["idempotency-key"] = "header"u8.ToArray() };

    [Theory]
    [InlineData("""{"dry_run":true,"scopeId":3,"idempotencyKey":"k"}""", 3, "k")]
    [InlineData("""{"dry_run":true,"IDEMPOTENCYKEY":"k"}""", 1, "k")]
    [InlineData("""{"scopeId":"seven","idempotencyKey":"k"}""", null, "k")]
    [InlineData("""{"scopeId":"7","importMode":"Sometimes","idempotencyKey":4711}""", 7, "4711")]
    [InlineData("""{"scopeId":1,"ScopeId":2,"idempotencyKey":"k"}""", null, "k")]
    [InlineData("""{"idempotencyKey":"one","IdempotencyKey":"two"}""", 1, "header")]
    [InlineData("""{"dry_run":true,"idempotencyKey":" "}""", 1, "header")]
    [InlineData("""{"idempotencyKey":""", null, "header")]
    [InlineData("", null, "header")]
    [InlineData("[]", null, "header")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{"dry_run":true,"scopeId":2,"idempotencyKey":"k"}}""", 2, "k")]
    [InlineData("""{"messageType":["urn:message:other"],"message":{"scopeId":2,"idempotencyKey":"theirs"}}""", null, "header")]
    public void The_scope_and_the_key_are_as_much_as_can_be_read(string body, int? scopeId, string key) =>
        Assert.Equal(new RequestTraces(scopeId, key), RequestTraces.Of(Encoding.UTF8.GetBytes(body), Header, Id));

    [Fact]
    public void Without_a_key_it_is_the_message_id_and_without_that_nothing()
    {
        Assert.Equal(new RequestTraces(1, Id), RequestTraces.Of("""{"dry_run":true}"""u8.ToArray(), [], Id));
        Assert.Equal(
            new RequestTraces(1, Id),
            RequestTraces.Of(Encoding.UTF8.GetBytes($$$"""{"messageId":"{{{Id}}}","messageType":["urn:message:hokify:import-requested:v1"],"message":{"dry_run":true}}"""), [], null));
        Assert.Equal(new RequestTraces(null, null), RequestTraces.Of([0xFF], [], null));
    }

    [Fact]
    public void Headers_that_contradict_each_other_name_nothing() => Assert.Equal(
        new RequestTraces(2, Id),
        RequestTraces.Of(
            """{"headers":{"Idempotency-Key":"inner"},"messageType":["urn:message:hokify:import-requested:v1"],"message":{"dry_run":true,"scopeId":2}}"""u8.ToArray(), Header, Id));
}

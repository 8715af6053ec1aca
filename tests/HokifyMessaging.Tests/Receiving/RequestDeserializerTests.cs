using System.Globalization;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using MassTransit;
using MassTransit.Serialization;

namespace HokifyMessaging.Tests.Receiving;

public sealed partial class RequestDeserializerTests
{
    private const string Good = """ A good body is {"scopeId": 1, "importMode": "Incremental", "idempotencyKey": "nightly-2026-03-01"}, or MassTransit's envelope around it.""";

    [Theory]
    [InlineData("""{"scopeId":3,"importMode":"Full","idempotencyKey":"k","dryRun":true,"requestedBy":"ops"}""")]
    [InlineData("""{"ScopeId":3,"ImportMode":"full","IdempotencyKey":"k","DryRun":true,"RequestedBy":"ops"}""")]
    [InlineData("""{"scopeId":3,/* the tenant */"importMode":"Full","idempotencyKey":"k","dryRun":true,"requestedBy":"ops"}""")]
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
    [InlineData("""{"messageType":"urn:message:hokify:import-requested:v1","message":{}}""", "The message body has message and messageType as an envelope has, but there the one is an object and the other an array.")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{},"Message":{"dryRun":true}}""", "The message body cannot be read ('message' of the envelope is given twice).")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{},"messageId":"4711"}""", "The message body cannot be read (messageId of the envelope is '4711'; it must be a UUID or null).")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{},"conversationId":4711}""", "The message body cannot be read (conversationId of the envelope is a number; it must be a UUID or null).")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{},"CorrelationId":"x"}""", "The message body cannot be read (correlationId of the envelope is 'x'; it must be a UUID or null).")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{},"headers":[]}""", "The message body cannot be read (headers of the envelope is an array; it must be an object or null).")]
    [InlineData("""{"requestedBy":"\ud83d"}""", "The message body has half a character (a lone surrogate) in the text at byte 16.")]
    [InlineData("""{"\udc00":1}""", "The message body has half a character (a lone surrogate) in the text at byte 2.")]
    [InlineData("{\"scopeId\": 1", "The message body is not JSON from line 1, byte 14 on.")]
    [InlineData("{} {}", "The message body is not JSON from line 1, byte 4 on.")]
    [InlineData("{'scopeId': 1}", "The message body is not JSON from line 1, byte 2 on.")]
    [InlineData("{\"scopeId\": 01}", "The message body is not JSON from line 1, byte 14 on.")]
    [InlineData("{\"scopeId\": NaN}", "The message body is not JSON from line 1, byte 13 on.")]
    public void Any_other_body_is_refused_with_one_sentence_and_a_good_example(string body, string sentence) =>
        Assert.Equal(sentence + Good, Assert.Throws<SerializationException>(() => Read(body)).Message);

    [Theory]
    [InlineData("""{"importMode":"Sometimes"}""", "importMode")]
    [InlineData("""{"importMode":7}""", "importMode")]
    [InlineData("""{"unixSecondsFrom":""}""", "unixSecondsFrom")]
    [InlineData("""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{"scopeId":"one"}}""", "scopeId")]
    [InlineData("""{"dryRun":"perhaps"}""", "dryRun")]
    [InlineData("""{"dryRun":"true"}""", "dryRun")]
    [InlineData("""{"dryRun":1}""", "dryRun")]
    [InlineData("""{"dryRun":null}""", "dryRun")]
    [InlineData("""{"idempotencyKey":5}""", "idempotencyKey")]
    [InlineData("""{"requestedBy":["ops"]}""", "requestedBy")]
    [InlineData("""{"scopeId":1e400}""", "scopeId")]
    [InlineData("""{"unixSecondsFrom":1e400}""", "unixSecondsFrom")]
    public void A_member_that_cannot_be_read_is_named(string body, string member)
    {
        var message = Assert.Throws<SerializationException>(() => Read(body)).Message;

        Assert.StartsWith("The message body cannot be read (", message, StringComparison.Ordinal);
        Assert.Contains($"path $.{member})", message, StringComparison.Ordinal);
        Assert.EndsWith(Good, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"dry_run":true}""", "'dry_run' is not known; did you mean 'dryRun'?")]
    [InlineData("""{"dryrun_":true}""", "'dryrun_' is not known; did you mean 'dryRun'?")]
    [InlineData("""{"scope_id":2}""", "'scope_id' is not known; did you mean 'scopeId'?")]
    [InlineData("""{"scope":2,"dryRun":true}""", "'scope' is not known; did you mean 'scopeId'?")]
    [InlineData("""{"undo":5}""", "'undo' is not known; known are scopeId, importMode, unixSecondsFrom, idempotencyKey, dryRun, requestedBy, allowDeletions, planDigest")]
    [InlineData("""{"scopeId":1,"ScopeId":2}""", "'scopeId' is given twice")]
    [InlineData("""{"dryRun":true,"dryRun":true}""", "'dryRun' is given twice")]
    [InlineData("""{"DRYRUN":true,"importMode":"Full","dryrun":false}""", "'dryRun' is given twice")]
    public void A_member_that_is_not_known_or_comes_twice_is_refused_with_and_without_envelope(string request, string sentence)
    {
        Assert.Equal($"The message body cannot be read ({sentence}).{Good}", Refusal(request));
        Assert.Equal($"The message body cannot be read ({sentence}).{Good}", Refusal(Enveloped(request)));
    }

    [Fact]
    public void What_else_is_in_an_envelope_belongs_to_MassTransit()
    {
        var body = Enveloped("""{"dryRun":true}""", """
            "sentTime":"yesterday","host":"none","dry_run":false,"dry_run":1,"expirationTime":{},"sourceAddress":"nowhere","headers":{"MT-Redelivery-Count":"many","Custom":[1,{"a":null}]}
            """);

        Assert.Equal(new HokifyImportRequested { DryRun = true }, Read(body));
    }

    [Theory]
    [InlineData("rabbitmq://elsewhere/queue")]
    [InlineData("queue:no-such-queue?temporary=perhaps")]
    [InlineData("not an address")]
    public void Nobody_writes_where_an_envelope_wants(string address)
    {
        var context = Context(Enveloped("{}", $$"""
            "faultAddress":"{{address}}","responseAddress":"{{address}}","messageId":"0195f7a0000070008000000000000001"
            """));

        Assert.Equal((null, null), (context.FaultAddress, context.ResponseAddress));
        Assert.Equal(Guid.Parse("0195f7a0-0000-7000-8000-000000000001"), context.MessageId);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void What_is_too_deep_is_called_deep(int depth)
    {
        Assert.Equal($"The message body is nested more than 64 levels deep.{Good}", Refusal($"{{\"scopeId\":{new string('[', depth)}{new string(']', depth)}}}"));
        Assert.Equal($"The message body is nested more than 64 levels deep.{Good}", Refusal(Enveloped("{}", $"\"headers\":{string.Concat(Enumerable.Repeat("{\"a\":", depth))}1{new string('}', depth)}")));
    }

    [Fact]
    public void What_is_no_UTF8_is_called_that()
    {
        var latin1 = Encoding.Latin1.GetBytes("""{"requestedBy":"Büro"}""");
        var utf16 = Encoding.Unicode.GetBytes("{}");

        byte[] surrogate = [.. "{\""u8, 0xed, 0xa0, 0x80, .. "\":1}"u8];

        Assert.All([latin1, [0xff, 0xfe, .. utf16], surrogate], body =>
            Assert.Equal($"The message body is not text in UTF-8.{Good}", Assert.Throws<SerializationException>(() => Read(body)).Message));
    }

    [Fact]
    public void A_body_that_was_changed_anyhow_asks_for_what_it_says_or_is_refused_in_our_words()
    {
        const string Request = """{"scopeId":3,"importMode":"Full","idempotencyKey":"k\u00e4","dryRun":true,"requestedBy":"ops"}""";
        var inserted = Gen.OneOf(
            Gen.OneOfConst("\"", "{", "}", "[", "]", ",", ":", "\\", "\\ud800", "null", "true", "1e999", "/*", "//", "\"dry_run\":true,", "\"scopeId\":2,", "\u0000", "\ud83d\ude00", "[[[["),
            Gen.String[Gen.Char.AlphaNumeric, 0, 3]);
        var changes = Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 12], inserted).Array[1, 4];

        Gen.Select(Gen.OneOfConst(Request, Enveloped(Request)), changes).Sample((body, all) =>
        {
            foreach (var (at, removed, text) in all)
            {
                var start = at % (body.Length + 1);
                body = body[..start] + text + body[Math.Min(body.Length, start + removed)..];
            }

            // A change that cuts a character in two is no text; what is sent of it is.
            var sent = Encoding.UTF8.GetBytes(body);
            try
            {
                var read = Read(sent);
                Assert.Equal(Said(sent), read);
            }
            catch (SerializationException exception)
            {
                Assert.EndsWith(Good, exception.Message, StringComparison.Ordinal);
                Assert.Matches(Ours(), exception.Message);
            }
        }, iter: 20_000);
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

    /// <summary>All sentences that there are.</summary>
    [GeneratedRegex("""
        ^The\ message\ body\ (is\ empty|is\ not\ text\ in\ UTF-8|is\ not\ JSON\ from\ line\ \d+,\ byte\ \d+\ on|is\ nested\ more\ than\ 64\ levels\ deep
        |is\ (an\ array|null|a\ text|a\ number|true\ or\ false),\ not\ a\ JSON\ object|has\ half\ a\ character\ \(a\ lone\ surrogate\)\ in\ the\ text\ at\ byte\ \d+
        |is\ an\ envelope\ of\ another\ message;\ expected\ among\ its\ messageType\ is\ urn:message:hokify:import-requested:v1
        |has\ message\ and\ messageType\ as\ an\ envelope\ has,\ but\ there\ the\ one\ is\ an\ object\ and\ the\ other\ an\ array
        |cannot\ be\ read\ \((
            '.*'\ is\ not\ known;\ (did\ you\ mean\ '\w+'\?|known\ are\ [\w, ]+)
            |'\w+'(\ of\ the\ envelope)?\ is\ given\ twice
            |the\ header\ '.*'\ of\ the\ envelope\ is\ given\ twice
            |\w+\ of\ the\ envelope\ is\ .+;\ it\ must\ be\ (a\ UUID|an\ object)\ or\ null
            |(dryRun|idempotencyKey|requestedBy)\ is\ [\w ]+;\ it\ must\ be\ [\w ]+;\ path\ \$\.\w+
            |(scopeId|importMode|unixSecondsFrom)\ must\ be\ [^;]+;\ leave\ it\ out\ [^;]+;\ path\ \$\.\w+
            )\))\.\ A\ good\ body
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex Ours();

    /// <summary>What a body that is accepted says, read by a parser that is not ours.</summary>
    private static HokifyImportRequested Said(byte[] body)
    {
        var options = new JsonNodeOptions { PropertyNameCaseInsensitive = true };
        var node = JsonNode.Parse(body, options, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })!.AsObject();
        var said = (node.ContainsKey("messageType") ? node["message"]! : node).AsObject();
        Assert.Subset(new HashSet<string>(ImportRequestBody.Members, StringComparer.OrdinalIgnoreCase), said.Select(member => member.Key).ToHashSet(StringComparer.OrdinalIgnoreCase));
        return new HokifyImportRequested
        {
            ScopeId = said["scopeId"] is { } scope ? int.Parse($"{scope}", CultureInfo.InvariantCulture) : 1,
            ImportMode = said["importMode"] is { } mode ? Enum.Parse<ImportMode>($"{mode}", ignoreCase: true) : ImportMode.Incremental,
            UnixSecondsFrom = said["unixSecondsFrom"] is { } seconds ? decimal.Parse($"{seconds}", NumberStyles.Float, CultureInfo.InvariantCulture) : null,
            IdempotencyKey = said["idempotencyKey"]?.GetValue<string>(),
            DryRun = said["dryRun"]?.GetValue<bool>() ?? false,
            RequestedBy = said["requestedBy"]?.GetValue<string>(),
        };
    }

    private static string Enveloped(string request, string more = "\"sentTime\":null") =>
        $$"""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{{request}},{{more.Trim()}}}""";

    private static string Refusal(string body) => Assert.Throws<SerializationException>(() => Read(body)).Message;

    private static HokifyImportRequested Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    private static HokifyImportRequested Read(byte[] body)
    {
        Assert.True(Context(body).TryGetMessage<HokifyImportRequested>(out var message));
        return Assert.IsType<HokifyImportRequested>(message);
    }

    private static SerializerContext Context(string body) => Context(Encoding.UTF8.GetBytes(body));

    private static SerializerContext Context(byte[] body) => new RequestDeserializer().Deserialize(new BytesMessageBody(body), EmptyHeaders.Instance);
}

using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text.Json;
using HokifyMessaging.Contracts;
using MassTransit;
using MassTransit.Serialization;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Reads a request whoever wrote it: an object with <c>message</c> and <c>messageType</c> is MassTransit's envelope, any
/// other object is the request itself, and the content type does not matter. An operator who pastes a body into the
/// management UI sets none, and an envelope that is then read as the request itself would be a request with every member
/// missing: a default import that nobody asked for.
/// </summary>
internal sealed class RequestDeserializer : IMessageDeserializer
{
    private const string GoodBody = """{"scopeId": 1, "importMode": "Incremental", "idempotencyKey": "nightly-2026-03-01"}""";

    private static readonly string Urn = MessageUrn.ForTypeString<HokifyImportRequested>();

    private readonly SystemTextJsonMessageSerializer _envelopes = new();
    private readonly SystemTextJsonRawMessageSerializer _requests = new(RawSerializerOptions.AnyMessageType);

    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public void Probe(ProbeContext context) => context.CreateScope("hokify").Add("accepts", "envelope or request, any content type");

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    /// <exception cref="SerializationException">With the one sentence that the operator reads in <c>MT-Fault-Message</c>.</exception>
    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        var json = WithoutByteOrderMark(body.GetBytes());
        using var document = Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Refused($"is {Article(root.ValueKind)}, not a JSON object");
        }

        var text = new BytesMessageBody(json);
        if (!IsEnvelope(root, out var request, out var types))
        {
            Check(root);
            return _requests.Deserialize(text, headers, destinationAddress);
        }

        if (!types.EnumerateArray().Any(type => type.ValueKind == JsonValueKind.String && type.ValueEquals(Urn)))
        {
            throw Refused($"is an envelope of another message; expected among its messageType is {Urn}");
        }

        Check(request);
        return _envelopes.Deserialize(text, headers, destinationAddress);
    }

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    private static JsonDocument Parse(byte[] json)
    {
        if (json.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            throw Refused("is empty");
        }

        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException exception)
        {
            throw Refused(FormattableString.Invariant($"is not JSON from line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} on"));
        }
    }

    private static bool IsEnvelope(JsonElement root, out JsonElement message, out JsonElement types)
    {
        message = Member(root, "message");
        types = Member(root, "messageType");
        return message.ValueKind == JsonValueKind.Object && types.ValueKind == JsonValueKind.Array;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.EnumerateObject().FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>A value that cannot be read is refused here, where it can still be named.</summary>
    private static void Check(JsonElement request)
    {
        try
        {
            request.Deserialize<HokifyImportRequested>(SystemTextJsonMessageSerializer.Options);
        }
        catch (JsonException exception)
        {
            // The serializer appends the path, line and byte to the converters' sentences; the sentence names the member.
            var sentence = exception.Message.Split(" Path: ", 2)[0].TrimEnd('.');
            throw Refused($"cannot be read ({sentence}; path {exception.Path})");
        }
    }

    private static byte[] WithoutByteOrderMark(byte[] body) => body.AsSpan().StartsWith("\uFEFF"u8) ? body[3..] : body;

    private static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Null => "null",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    private static SerializationException Refused(string what) =>
        new($"The message body {what}. A good body is {GoodBody}, or MassTransit's envelope around it.");
}

internal sealed class RequestDeserializerFactory : ISerializerFactory
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => new SystemTextJsonMessageSerializer();

    public IMessageDeserializer CreateDeserializer() => new RequestDeserializer();
}

using System.Net.Mime;
using System.Runtime.Serialization;
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

    private static readonly string[] Types = [MessageUrn.ForTypeString<HokifyImportRequested>()];

    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public void Probe(ProbeContext context) => context.CreateScope("hokify").Add("accepts", "envelope or request, any content type");

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    /// <exception cref="SerializationException">With the one sentence that the operator reads in <c>MT-Fault-Message</c>.</exception>
    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        try
        {
            using var document = RequestJson.Parse(body.GetBytes());
            var envelope = RequestEnvelope.Of(document.RootElement)
                ?? Around(RequestJson.Request(document.RootElement), headers, destinationAddress);
            return new SystemTextJsonSerializerContext(
                SystemTextJsonMessageSerializer.Instance,
                SystemTextJsonMessageSerializer.Options,
                ContentType,
                new EnvelopeMessageContext(envelope, SystemTextJsonMessageSerializer.Instance),
                envelope.MessageType!,
                envelope,
                envelope.Message);
        }
        catch (UnreadableRequestException unreadable)
        {
            throw new SerializationException($"The message body {unreadable.Message}. A good body is {GoodBody}, or MassTransit's envelope around it.");
        }
    }

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    /// <summary>The envelope that a request without one would have, by what the transport says of it.</summary>
    private static JsonMessageEnvelope Around(HokifyImportRequested request, Headers transport, Uri? destination) => new()
    {
        MessageId = transport.GetMessageId()?.ToString(),
        CorrelationId = transport.GetCorrelationId()?.ToString(),
        ConversationId = transport.GetConversationId()?.ToString(),
        DestinationAddress = destination?.ToString(),
        MessageType = Types,
        Message = request,
    };
}

internal sealed class RequestDeserializerFactory : ISerializerFactory
{
    public ContentType ContentType => SystemTextJsonMessageSerializer.JsonContentType;

    public IMessageSerializer CreateSerializer() => new SystemTextJsonMessageSerializer();

    public IMessageDeserializer CreateDeserializer() => new RequestDeserializer();
}

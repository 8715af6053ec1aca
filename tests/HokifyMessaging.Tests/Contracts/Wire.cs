using System.Net.Mime;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Contracts;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace HokifyMessaging.Tests.Contracts;

/// <summary>The serializers that the contracts meet: foreign ones, ASP.NET's and MassTransit's, and its envelope.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Plain = JsonSerializerOptions.Default;

    public static readonly JsonSerializerOptions Web = JsonSerializerOptions.Web;

    public static readonly JsonSerializerOptions MassTransit = SystemTextJsonMessageSerializer.Options;

    /// <summary>Everything that a host can configure against the seed's names.</summary>
    public static readonly JsonSerializerOptions Hostile = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault,
    };

    public static TheoryData<string> Serializers => [nameof(Plain), nameof(Web), nameof(MassTransit), nameof(Hostile)];

    public static JsonSerializerOptions Options(string serializer) => serializer switch
    {
        nameof(Plain) => Plain,
        nameof(Web) => Web,
        nameof(MassTransit) => MassTransit,
        nameof(Hostile) => Hostile,
        _ => throw new ArgumentOutOfRangeException(nameof(serializer)),
    };

    /// <summary>The message as MassTransit puts it on the wire, envelope and all.</summary>
    public static string ToEnvelope<T>(T message)
        where T : class
        => Encoding.UTF8.GetString(new SystemTextJsonMessageSerializer().GetMessageBody(new MessageSendContext<T>(message)).GetBytes());

    public static T FromEnvelope<T>(string envelope)
        where T : class
    {
        var serializer = new SystemTextJsonMessageSerializer(new ContentType("application/vnd.masstransit+json"));
        var context = serializer.Deserialize(new BytesMessageBody(Encoding.UTF8.GetBytes(envelope)), EmptyHeaders.Instance);
        return context.TryGetMessage<T>(out var message) && message is not null ? message : throw new InvalidOperationException("The envelope holds another message.");
    }

    /// <summary>An envelope as a foreign sender writes it around its own message.</summary>
    public static string Envelope(string urn, string message) => $$"""{"messageType":["{{urn}}"],"message":{{message}}}""";

    public static HokifyImportRequested ReadRequest(string serializer, string json) => serializer == "Envelope"
        ? FromEnvelope<HokifyImportRequested>(Envelope("urn:message:hokify:import-requested:v1", json))
        : JsonSerializer.Deserialize<HokifyImportRequested>(json, Options(serializer))!;

    public static JsonException Refuse(string serializer, string json)
    {
        var error = Assert.ThrowsAny<Exception>(() => ReadRequest(serializer, json));
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is JsonException refusal)
            {
                return refusal;
            }
        }

        throw new Xunit.Sdk.XunitException($"Refused, but not by the contract: {error}");
    }
}

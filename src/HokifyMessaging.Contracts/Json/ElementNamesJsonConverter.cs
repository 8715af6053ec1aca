using System.Text.Json;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts.Json;

/// <summary>
/// Reads and writes a dictionary whose keys are element names or statistic names, and leaves the keys alone: a serializer's
/// key policy must not turn <c>CandidateProfile</c> into <c>candidateProfile</c>.
/// Public so that source-generated serializers of other assemblies can use it; there is no need to register it.
/// </summary>
/// <typeparam name="TValue">What stands behind a name.</typeparam>
public sealed class ElementNamesJsonConverter<TValue> : JsonConverter<IReadOnlyDictionary<string, TValue>>
{
    /// <summary>Reads an object; a name that comes twice keeps its last value.</summary>
    /// <param name="reader">Stands on the object's start.</param>
    /// <param name="typeToConvert">Not used.</param>
    /// <param name="options">Reads the values.</param>
    /// <exception cref="JsonException">The value is not an object, or a value in it is not what it should be.</exception>
    public override IReadOnlyDictionary<string, TValue> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The figures of a result must be an object with element names as its members.");
        }

        var values = new Dictionary<string, TValue>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            values[name] = JsonSerializer.Deserialize<TValue>(ref reader, options)
                ?? throw new JsonException($"The figures of a result must not be null, but '{name}' is.");
        }

        return values;
    }

    /// <summary>Writes an object in the dictionary's own order.</summary>
    /// <param name="writer">Receives the object.</param>
    /// <param name="value">The figures by name.</param>
    /// <param name="options">Writes the values.</param>
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, TValue> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach (var (name, figure) in value)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, figure, options);
        }

        writer.WriteEndObject();
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts.Json;

/// <summary>
/// Reads a scope id from a JSON number or a numeric string, and writes a number.
/// Public so that source-generated serializers of other assemblies can use it; there is no need to register it.
/// </summary>
public sealed class ScopeIdJsonConverter : JsonConverter<int>
{
    /// <summary>True, so that a null is refused with the same sentence as any other value.</summary>
    public override bool HandleNull => true;

    /// <summary>Reads a whole number.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="typeToConvert">Not used.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="JsonException">The value is not a whole number of 32 bits.</exception>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (int.TryParse(NumberOrText.Read(ref reader), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var scopeId))
        {
            return scopeId;
        }

        throw new JsonException("scopeId must be a whole number such as 1, or the same as a string; leave it out for scope 1.");
    }

    /// <summary>Writes a number.</summary>
    /// <param name="writer">Receives the number.</param>
    /// <param name="value">The scope id.</param>
    /// <param name="options">Not used.</param>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value);
    }
}

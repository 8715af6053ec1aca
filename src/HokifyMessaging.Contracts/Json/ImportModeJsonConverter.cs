using System.Text.Json;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts.Json;

/// <summary>
/// Reads an <see cref="ImportMode"/> from its name in any case or from a defined number, and writes the name.
/// Public so that source-generated serializers of other assemblies can use it; there is no need to register it.
/// </summary>
public sealed class ImportModeJsonConverter : JsonConverter<ImportMode>
{
    /// <summary>True, so that a null is refused with the same sentence as any other value.</summary>
    public override bool HandleNull => true;

    /// <summary>Reads a name or a defined number.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="typeToConvert">Not used.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="JsonException">The value is neither a known name nor a defined number.</exception>
    public override ImportMode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        NameOrNumber<ImportMode>.Read(ref reader, "importMode", $"; leave it out for \"{ImportMode.Incremental}\"");

    /// <summary>Writes the name.</summary>
    /// <param name="writer">Receives the name.</param>
    /// <param name="value">The mode.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="JsonException">The value is not a defined mode.</exception>
    public override void Write(Utf8JsonWriter writer, ImportMode value, JsonSerializerOptions options) =>
        NameOrNumber<ImportMode>.Write(writer, "importMode", value);
}

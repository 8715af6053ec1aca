using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts.Json;

/// <summary>
/// Reads how many deletions are accepted from a JSON number or a numeric string, and writes a number. A blank string is refused.
/// Public so that source-generated serializers of other assemblies can use it; there is no need to register it.
/// </summary>
public sealed class AllowDeletionsJsonConverter : JsonConverter<int?>
{
    /// <summary>True: null means that nothing is accepted beyond what the guard allows.</summary>
    public override bool HandleNull => true;

    /// <summary>Reads a whole number, or null.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="typeToConvert">Not used.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="JsonException">The value is neither null nor a whole number of 32 bits.</exception>
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (int.TryParse(NumberOrText.Read(ref reader), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var deletions))
        {
            return deletions;
        }

        throw new JsonException("allowDeletions must be a whole number of applications such as 120, or the same as a string; leave it out to have the deletion guard decide.");
    }

    /// <summary>Writes a number, or null.</summary>
    /// <param name="writer">Receives the number.</param>
    /// <param name="value">How many deletions are accepted.</param>
    /// <param name="options">Not used.</param>
    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options) =>
        NumberOrText.Write(writer, value);
}

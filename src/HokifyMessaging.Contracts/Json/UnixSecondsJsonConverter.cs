using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Contracts.Json;

/// <summary>
/// Reads Unix seconds from a JSON number or a numeric string with a decimal point, and writes a number. A blank string is
/// refused: MassTransit would read it as 0, which means "import since 1970".
/// Public so that source-generated serializers of other assemblies can use it; there is no need to register it.
/// </summary>
public sealed class UnixSecondsJsonConverter : JsonConverter<decimal?>
{
    private const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>True: null means that no start is asked for.</summary>
    public override bool HandleNull => true;

    /// <summary>Reads seconds, or null.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="typeToConvert">Not used.</param>
    /// <param name="options">Not used.</param>
    /// <exception cref="JsonException">The value is neither null, nor a number, nor a numeric string.</exception>
    public override decimal? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (decimal.TryParse(NumberOrText.Read(ref reader), Styles, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds;
        }

        throw new JsonException(
            "unixSecondsFrom must be a number of seconds since 1970-01-01 UTC such as 1771077762.5, or the same as a string; leave it out to import since the watermark.");
    }

    /// <summary>Writes a number, or null.</summary>
    /// <param name="writer">Receives the number.</param>
    /// <param name="value">The seconds.</param>
    /// <param name="options">Not used.</param>
    public override void Write(Utf8JsonWriter writer, decimal? value, JsonSerializerOptions options) =>
        NumberOrText.Write(writer, value);
}

using System.Text.Json;

namespace HokifyMessaging.Contracts.Json;

/// <summary>A JSON number or string as text: senders on other platforms quote numbers, and so does MassTransit.</summary>
internal static class NumberOrText
{
    /// <summary>The text, or null when the value is neither number nor string.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                using (var number = JsonDocument.ParseValue(ref reader))
                {
                    return number.RootElement.GetRawText();
                }

            default:
                return null;
        }
    }

    /// <summary>Writes a number, or null.</summary>
    public static void Write(Utf8JsonWriter writer, decimal? value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

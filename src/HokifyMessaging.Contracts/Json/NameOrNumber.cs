using System.Text.Json;

namespace HokifyMessaging.Contracts.Json;

/// <summary>A value of a closed set, in JSON its name; read in any case, or as its number, which MassTransit writes by default.</summary>
internal static class NameOrNumber<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();

    /// <summary>Reads a name or a defined number.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="member">The member, for the sentence.</param>
    /// <param name="otherwise">How the sentence ends that refuses any other value.</param>
    public static T Read(ref Utf8JsonReader reader, string member, string otherwise = "")
    {
        // Enum.TryParse would also take undefined numbers and lists such as "Incremental, Full".
        var text = NumberOrText.Read(ref reader);
        foreach (var value in Values)
        {
            if (string.Equals(text, value.ToString(), StringComparison.OrdinalIgnoreCase) || text == Number(value))
            {
                return value;
            }
        }

        throw new JsonException($"{member} must be {string.Join(" or ", Values.Select(value => $"\"{value}\" ({Number(value)})"))}{otherwise}.");
    }

    /// <summary>Writes the name.</summary>
    public static void Write(Utf8JsonWriter writer, string member, T value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!Enum.IsDefined(value))
        {
            throw new JsonException($"{member} {Number(value)} is not defined; it must be {string.Join(" or ", Values)}.");
        }

        writer.WriteStringValue(value.ToString());
    }

    private static string Number(T value) => value.ToString("D");
}

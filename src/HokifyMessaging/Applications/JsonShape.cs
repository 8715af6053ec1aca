using System.Runtime.InteropServices;

namespace HokifyMessaging.Applications;

/// <summary>
/// What a JSON value is, whichever language wrote it. PHP writes an empty object as <c>[]</c>, and a list from which something
/// was taken out as an object with numbers for names: a list or an object with nothing in it is no value at all, and an
/// object of numbers is a list.
/// </summary>
internal static class JsonShape
{
    public static readonly JsonElement NoMembers = JsonElement.Parse("{}");

    /// <summary>The items of a list, however it is written; null for what is none.</summary>
    public static IEnumerable<JsonElement>? ItemsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray(),
        JsonValueKind.Object when IsNumbered(value) => value.EnumerateObject().Select(member => member.Value),
        _ => null,
    };

    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        _ => IsEmptyText(value),
    };

    public static bool IsEmptyText(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8);

    public static bool IsEmptyList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    public static bool IsNumbered(JsonElement value)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (JsonMarshal.GetRawUtf8PropertyName(member) is not { Length: > 0 } name || name.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }
        }

        return value.GetPropertyCount() > 0;
    }

    public static bool IsFractional(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && JsonMarshal.GetRawUtf8Value(value).ContainsAny((byte)'.', (byte)'e', (byte)'E');

    public static JsonElement WithoutDateWrapper(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$date", out var date))
        {
            value = date;
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$numberLong", out var number))
        {
            value = number;
        }

        return value;
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}

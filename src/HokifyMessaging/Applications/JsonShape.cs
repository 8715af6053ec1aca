namespace HokifyMessaging.Applications;

/// <summary>
/// What a JSON value is, whichever language wrote it. PHP writes an empty object as <c>[]</c>, and a list from which something
/// was taken out as an object with numbers for names: a list or an object with nothing in it is no value at all, and an
/// object of numbers is a list.
/// </summary>
internal static class JsonShape
{
    public static readonly JsonPart NoMembers = JsonElement.Parse("{}");

    /// <summary>Whether the value's values are the items of a list, however it is written.</summary>
    public static bool IsList(JsonPart value) => value.Kind == JsonValueKind.Array || (value.Kind == JsonValueKind.Object && IsNumbered(value));

    public static bool IsEmpty(JsonPart value) => value.Kind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.Array or JsonValueKind.Object => !value.IsFilled,
        _ => value.IsEmptyText,
    };

    public static bool IsEmptyList(JsonPart value) => value.Kind == JsonValueKind.Array && !value.IsFilled;

    public static bool IsNumbered(JsonPart value)
    {
        for (var member = value.Members; member.MoveNext();)
        {
            if (member.RawName is not { Length: > 0 } name || name.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }
        }

        return value.IsFilled;
    }

    public static bool IsFractional(JsonPart value) =>
        value.Kind == JsonValueKind.Number && value.Raw.ContainsAny((byte)'.', (byte)'e', (byte)'E');

    public static JsonPart WithoutDateWrapper(JsonPart value)
    {
        if (value.TryGet("$date", out var date))
        {
            value = date;
        }

        return value.TryGet("$numberLong", out var number) ? number : value;
    }

    public static string Kind(JsonPart value) => value.Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}

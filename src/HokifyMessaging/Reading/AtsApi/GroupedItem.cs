using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>
/// One item of today's API: a job or a company with its application or its applications. Which of the two members holds them,
/// and whether as an object or as an array, depends on the endpoint.
/// </summary>
/// <remarks>
/// Works on the bytes as they came: a name or text that is no valid Unicode is a fault of its one record, found when that is read.
/// </remarks>
internal static class GroupedItem
{
    /// <summary>One for each thread: records are many and large.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _json;

    /// <summary>
    /// One record per application, each with the group's other members and with its application as an object. What is no group
    /// is a record as it stands, even if it can't be understood: that is for whoever reads records to say.
    /// </summary>
    public static IEnumerable<JsonElement> Records(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return [item];
        JsonElement one = default, many = default;
        foreach (var member in item.EnumerateObject())
        {
            if (IsOne(member))
                one = member.Value;
            else if (IsMany(member))
                many = member.Value;
        }

        return many.ValueKind != JsonValueKind.Undefined || one.ValueKind == JsonValueKind.Array
            ? Applications(one).Concat(Applications(many)).Select(application => Record(item, application))
            : [item];
    }

    private static IEnumerable<JsonElement> Applications(JsonElement member) => member.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Array => member.EnumerateArray(),
        _ => [member],
    };

    private static JsonElement Record(JsonElement item, JsonElement application)
    {
        var json = _json ??= new ArrayBufferWriter<byte>(16 * 1024);
        json.ResetWrittenCount();
        json.Write("{"u8);
        foreach (var member in item.EnumerateObject())
        {
            if (IsOne(member) || IsMany(member))
                continue;
            json.Write("\""u8);
            json.Write(JsonMarshal.GetRawUtf8PropertyName(member));
            json.Write("\":"u8);
            json.Write(JsonMarshal.GetRawUtf8Value(member.Value));
            json.Write(","u8);
        }

        json.Write("\"application\":"u8);
        json.Write(JsonMarshal.GetRawUtf8Value(application));
        json.Write("}"u8);

        var reader = new Utf8JsonReader(json.WrittenSpan, new JsonReaderOptions { MaxDepth = JsonItems.MaxDepth });
        return JsonElement.ParseValue(ref reader);
    }

    private static bool IsOne(JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member).SequenceEqual("application"u8);

    private static bool IsMany(JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member).SequenceEqual("applications"u8);
}

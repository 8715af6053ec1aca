using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

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
    /// <summary>What a thread keeps for the next record; larger buffers would stay with every thread that has once met a large record.</summary>
    private const int LargestKept = 1024 * 1024;

    /// <summary>One for each thread: records are many and large.</summary>
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _json;

    [ThreadStatic]
    private static XxHash128? _hash;

    private delegate void Append(ReadOnlySpan<byte> json);

    /// <summary>
    /// One record per application, each with the group's other members and with its application as an object. What is no group
    /// is a record as it stands, even if it can't be understood: that is for whoever reads records to say.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="position">Where it stood, in words.</param>
    public static IEnumerable<PagedRecord> Records(JsonElement item, string position)
    {
        return Many(item) is { } applications
            ? applications.Select((application, index) => Paged(
                Record(item, application, index == 0 ? position : string.Create(CultureInfo.InvariantCulture, $"{position}, application {index + 1}")),
                application))
            : [Paged(ApplicationPayload.ReadLater(item, position), One(item) is { ValueKind: JsonValueKind.Object } one ? one : item)];
    }

    /// <summary>
    /// How many bytes its records take together: each has all that the group says beside its applications, so that a small answer can
    /// be put together to any size.
    /// </summary>
    public static long BytesOfRecords(JsonElement item)
    {
        var lengths = (Many(item) ?? []).Select(application => (long)JsonMarshal.GetRawUtf8Value(application).Length).ToList();
        var around = JsonMarshal.GetRawUtf8Value(item).Length - lengths.Sum();
        return lengths.Count < 2 ? around + lengths.Sum() : lengths.Sum(length => Math.Max(length + around, SourceRecord.LeastBytes));
    }

    /// <summary>Tells a group from the others of its list, whatever happens to its applications.</summary>
    public static ulong KeyOf(JsonElement group)
    {
        var hash = new XxHash64();
        var isNamed = group.ValueKind == JsonValueKind.Object
            && (HashMember(hash, group, "relationType"u8) | HashMember(hash, group, "relationId"u8) | HashMember(hash, group, "sourceId"u8));
        if (!isNamed)
        {
            hash.Append(JsonMarshal.GetRawUtf8Value(group));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static PagedRecord Paged(SourceRecord record, JsonElement application)
    {
        var hash = new XxHash64();
        if (application.ValueKind != JsonValueKind.Object || !HashMember(hash, application, "_id"u8))
        {
            return new PagedRecord(record, XxHash64.HashToUInt64(JsonMarshal.GetRawUtf8Value(application)), null);
        }

        var id = hash.GetCurrentHashAsUInt64();
        HashMember(hash, application, "lastupdate"u8);
        return new PagedRecord(record, hash.GetCurrentHashAsUInt64(), id);
    }

    /// <returns>Whether there is such a member.</returns>
    private static bool HashMember(XxHash64 hash, JsonElement json, ReadOnlySpan<byte> member)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && JsonMarshal.GetRawUtf8PropertyName(property).SequenceEqual(member))
            {
                hash.Append(member);
                hash.Append(JsonMarshal.GetRawUtf8Value(property.Value));
                return true;
            }
        }

        return false;
    }

    private static JsonElement One(JsonElement item) => Member(item, IsOne);

    /// <summary>The applications of a list; null where there is none, and the item holds a single one or is no group.</summary>
    private static IEnumerable<JsonElement>? Many(JsonElement item)
    {
        var (one, many) = (One(item), Member(item, IsMany));
        return many.ValueKind != JsonValueKind.Undefined || one.ValueKind == JsonValueKind.Array ? Applications(one).Concat(Applications(many)) : null;
    }

    /// <summary>The last of those that are meant, as a parser takes it.</summary>
    private static JsonElement Member(JsonElement item, Func<JsonProperty, bool> isMeant)
    {
        JsonElement found = default;
        if (item.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in item.EnumerateObject())
            {
                found = isMeant(member) ? member.Value : found;
            }
        }

        return found;
    }

    private static IEnumerable<JsonElement> Applications(JsonElement member) => member.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        _ when JsonShape.IsEmpty(member) => [],
        _ => JsonShape.ItemsOf(member) ?? [member],
    };

    /// <summary>The record is put together when it is read, which most never are: until then its hash will do.</summary>
    private static SourceRecord Record(JsonElement item, JsonElement application, string position)
    {
        var hash = _hash ??= new XxHash128();
        hash.Reset();
        var bytes = 0;
        Compose(item, application, json =>
        {
            hash.Append(json);
            bytes += json.Length;
        });
        return ApplicationPayload.ReadLater(application, position, hash.GetCurrentHashAsUInt128(), bytes, () => Read(item, application, position));
    }

    private static OrRejection<HokifyApplication> Read(JsonElement item, JsonElement application, string position)
    {
        var json = _json ??= new ArrayBufferWriter<byte>(16 * 1024);
        json.ResetWrittenCount();
        Compose(item, application, json.Write);
        _json = json.Capacity > LargestKept ? null : json;
        return ApplicationPayload.Read(json.WrittenMemory, position);
    }

    private static void Compose(JsonElement item, JsonElement application, Append append)
    {
        append("{"u8);
        foreach (var member in item.EnumerateObject())
        {
            if (IsOne(member) || IsMany(member))
            {
                continue;
            }

            append("\""u8);
            append(JsonMarshal.GetRawUtf8PropertyName(member));
            append("\":"u8);
            append(JsonMarshal.GetRawUtf8Value(member.Value));
            append(","u8);
        }

        append("\"application\":"u8);
        append(JsonMarshal.GetRawUtf8Value(application));
        append("}"u8);
    }

    private static bool IsOne(JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member).SequenceEqual("application"u8);

    private static bool IsMany(JsonProperty member) => JsonMarshal.GetRawUtf8PropertyName(member).SequenceEqual("applications"u8);
}

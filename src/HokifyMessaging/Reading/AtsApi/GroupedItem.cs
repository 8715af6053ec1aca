using System.Buffers;
using System.IO.Hashing;

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
    [ThreadStatic]
    private static XxHash64? _key;

    /// <summary>
    /// One record per application, each with the group's other members and with its application as an object. What is no group
    /// is a record as it stands, even if it can't be understood: that is for whoever reads records to say.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="position">Where it stood, in words.</param>
    public static List<PagedRecord> Records(JsonPart item, string position)
    {
        var (one, many) = (Member(item, "application"u8), Member(item, "applications"u8));
        if (!IsGroup(one, many))
        {
            return [Paged(ApplicationPayload.ReadLater(item, position), one.Kind == JsonValueKind.Object ? one : item)];
        }

        var around = Around(item);
        var records = new List<PagedRecord>();
        foreach (var application in Applications(one, many))
        {
            var place = records.Count == 0 ? position : string.Create(CultureInfo.InvariantCulture, $"{position}, application {records.Count + 1}");
            records.Add(Paged(ApplicationPayload.ReadLater(application, around, place), application));
        }

        return records;
    }

    /// <summary>
    /// How many bytes its records take together: each has all that the group says beside its applications, so that a small answer can
    /// be put together to any size.
    /// </summary>
    public static long BytesOfRecords(JsonPart item)
    {
        var (one, many) = (Member(item, "application"u8), Member(item, "applications"u8));
        var applications = IsGroup(one, many) ? Applications(one, many) : [];
        if (applications.Count < 2)
        {
            return item.Raw.Length;
        }

        var around = (long)item.Raw.Length;
        foreach (var application in applications)
        {
            around -= application.Raw.Length;
        }

        var bytes = 0L;
        foreach (var application in applications)
        {
            bytes += Math.Max(application.Raw.Length + around, SourceRecord.LeastBytes);
        }

        return bytes;
    }

    /// <summary>Tells a group from the others of its list, whatever happens to its applications.</summary>
    public static ulong KeyOf(JsonPart group)
    {
        var hash = Key();
        if (!(HashMember(hash, group, "relationType"u8) | HashMember(hash, group, "relationId"u8) | HashMember(hash, group, "sourceId"u8)))
        {
            hash.Append(group.Raw);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    private static PagedRecord Paged(SourceRecord record, JsonPart application)
    {
        var hash = Key();
        if (!HashMember(hash, application, "_id"u8))
        {
            return new PagedRecord(record, XxHash64.HashToUInt64(application.Raw), null);
        }

        var id = hash.GetCurrentHashAsUInt64();
        HashMember(hash, application, "lastupdate"u8);
        return new PagedRecord(record, hash.GetCurrentHashAsUInt64(), id);
    }

    private static XxHash64 Key()
    {
        var key = _key ??= new XxHash64();
        key.Reset();
        return key;
    }

    /// <returns>Whether there is such a member.</returns>
    private static bool HashMember(XxHash64 hash, JsonPart json, ReadOnlySpan<byte> name)
    {
        for (var member = json.Members; member.MoveNext();)
        {
            if (member.Value.Kind != JsonValueKind.Null && member.RawName.SequenceEqual(name))
            {
                hash.Append(name);
                hash.Append(member.Value.Raw);
                return true;
            }
        }

        return false;
    }

    /// <summary>The last of those that are meant, as a parser takes it.</summary>
    private static JsonPart Member(JsonPart item, ReadOnlySpan<byte> name)
    {
        JsonPart found = default;
        for (var member = item.Members; member.MoveNext();)
        {
            found = member.RawName.SequenceEqual(name) ? member.Value : found;
        }

        return found;
    }

    /// <summary>Whether it holds a list of applications; otherwise it holds a single one or is no group.</summary>
    private static bool IsGroup(JsonPart one, JsonPart many) => many.Kind != JsonValueKind.Undefined || one.Kind == JsonValueKind.Array;

    private static List<JsonPart> Applications(JsonPart one, JsonPart many)
    {
        var applications = new List<JsonPart>();
        Add(one);
        Add(many);
        return applications;

        void Add(JsonPart member)
        {
            if (JsonShape.IsList(member))
            {
                foreach (var application in member.Values)
                {
                    applications.Add(application);
                }
            }
            else if (!JsonShape.IsEmpty(member))
            {
                applications.Add(member);
            }
        }
    }

    /// <summary>What each record of a group has before its application.</summary>
    private static byte[] Around(JsonPart item)
    {
        var around = new ArrayBufferWriter<byte>(256);
        around.Write("{"u8);
        for (var member = item.Members; member.MoveNext();)
        {
            if (member.RawName.SequenceEqual("application"u8) || member.RawName.SequenceEqual("applications"u8))
            {
                continue;
            }

            around.Write("\""u8);
            around.Write(member.RawName);
            around.Write("\":"u8);
            around.Write(member.Value.Raw);
            around.Write(","u8);
        }

        around.Write("\"application\":"u8);
        return around.WrittenSpan.ToArray();
    }
}

using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HokifyMessaging.Applications;

/// <summary>
/// Reads one record of any generation of hokify's API, and what a former read has stored as
/// <see cref="HokifyApplication.Payload"/>. Bad content is an answer, not an exception.
/// </summary>
internal static class ApplicationPayload
{
    /// <summary>
    /// How deep JSON may be nested, for whoever reads records: what a source could deliver must be readable again when it is stored.
    /// Deeper than any record needs, so that one odd record does not take its whole page along.
    /// </summary>
    public const int MaxDepth = 512;

    /// <summary>What a document takes from the pool stays there; of a large one that would be more than all the others need.</summary>
    private const int LargestPooled = 1024 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    private const string NoObject = "is not an application; expected is a JSON object";

    public static OrRejection<HokifyApplication> Read(string payload, string position)
    {
        try
        {
            return Read(Encoding.UTF8.GetBytes(payload), position);
        }
        catch (JsonException)
        {
            // The exception quotes the text, which is a person's.
            return new Rejection(ElementNames.CandidateProfile, position, null, "record", FailureCause.Unreadable, "is not JSON; expected is one JSON object", payload);
        }
    }

    /// <exception cref="JsonException">It is not JSON.</exception>
    public static OrRejection<HokifyApplication> Read(ReadOnlyMemory<byte> json, string position)
    {
        if (json.Length > LargestPooled)
        {
            return Read(JsonElement.Parse(json.Span, Options), position);
        }

        using var document = JsonDocument.Parse(json, Options);
        return Read(document.RootElement, position);
    }

    /// <summary>Says which application the record is and leaves the rest for later, where that can be told at a glance.</summary>
    public static SourceRecord ReadLater(JsonElement record, string position)
    {
        var json = JsonMarshal.GetRawUtf8Value(record);
        return ReadLater(PlainIdOf(record), position, XxHash128.HashToUInt128(json), json.Length, () => Read(record, position));
    }

    /// <summary>The same for today's API, where the record is still to be put together around its application.</summary>
    /// <param name="application">The application, as the record will hold it.</param>
    /// <param name="position">Where it stood, in words.</param>
    /// <param name="hash">Over the record.</param>
    /// <param name="bytes">How many the record has.</param>
    /// <param name="read">Puts it together and reads it.</param>
    public static SourceRecord ReadLater(JsonElement application, string position, UInt128 hash, int bytes, Func<OrRejection<HokifyApplication>> read) =>
        ReadLater(PlainIdOf(application, "_id"), position, hash, bytes, read);

    private static SourceRecord ReadLater(ApplicationId? plain, string position, UInt128 hash, int bytes, Func<OrRejection<HokifyApplication>> read) =>
        plain is { } id
            ? new SourceRecord(id, position, read) { Hash = hash, Bytes = bytes }
            : new SourceRecord(position, read()) { Bytes = bytes };

    /// <summary>What can be read of a record that cannot be imported, to say whose it is; null where that cannot be told.</summary>
    public static HokifyApplication? ReadWhatCanBe(string payload)
    {
        try
        {
            var reading = new RecordReading(payload, "");
            Read(JsonElement.Parse(Encoding.UTF8.GetBytes(payload), Options), reading);
            return reading.Read;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static OrRejection<HokifyApplication> Read(JsonElement record, string position) =>
        Read(record, new RecordReading(PayloadText.Of(JsonMarshal.GetRawUtf8Value(record)), position));

    private static OrRejection<HokifyApplication> Read(JsonElement record, RecordReading reading)
    {
        try
        {
            var members = new JsonMembers(record, "", reading);
            if (!members.IsPresent || LeftOutPayload.Is(record))
            {
                reading.Report("record", members.IsPresent ? FailureCause.TooLarge : FailureCause.WrongType, members.IsPresent ? LeftOutPayload.Problem : NoObject);
                return reading.Rejected();
            }

            return GenerationOf(record) switch
            {
                Generation.Today => ReadToday(members, reading),
                Generation.Flat2018 => reading.Conclude(FlatReader.Read(new FlatJson(members), reading)),
                _ => reading.Conclude(MatchReader.Read(members, Relation.None, KnownMembers.Match.CountUnknown(record), reading)),
            };
        }
        catch (InvalidOperationException)
        {
            // JsonElement looks at the text of a name or value only when it is asked for it, and throws where it is half a
            // surrogate pair or broken UTF-8.
            reading.Report("record", FailureCause.Unreadable, "holds a name that is not valid Unicode text");
            return reading.Rejected();
        }
    }

    /// <summary>The id that <see cref="Read(JsonElement, string)"/> would find; null where it takes more than a look.</summary>
    private static ApplicationId? PlainIdOf(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            return GenerationOf(record) switch
            {
                Generation.Today => PlainIdOf(ApplicationIn(record), "_id"),
                Generation.Flat2018 => PlainIdOf(record, "matchId"),
                _ => PlainIdOf(record, "_id"),
            };
        }
        catch (InvalidOperationException)
        {
            // Not valid Unicode: reading it says so.
            return null;
        }
    }

    private static ApplicationId? PlainIdOf(JsonElement application, string name)
    {
        try
        {
            return application.ValueKind == JsonValueKind.Object
                && application.TryGetProperty(name, out var id)
                && id.ValueKind == JsonValueKind.String
                ? ApplicationId.Of(id.GetString())
                : null;
        }
        catch (InvalidOperationException)
        {
            // As above.
            return null;
        }
    }

    private static JsonElement ApplicationIn(JsonElement item)
    {
        if (!item.TryGetProperty("application", out var inner))
        {
            item.TryGetProperty("applications", out inner);
        }

        return inner.ValueKind == JsonValueKind.Array && inner.GetArrayLength() == 1 ? inner[0] : inner;
    }

    private enum Generation
    {
        Today,
        Match2019,
        Flat2018,
    }

    /// <summary>
    /// A file may carry further columns of any name, so <c>matchId</c> outranks everything but the objects that only the
    /// nested generations have.
    /// </summary>
    private static Generation GenerationOf(JsonElement record)
    {
        if (HasNested(record, "application") || HasNested(record, "applications"))
        {
            return Generation.Today;
        }

        if (Has(record, "matchId") && !HasNested(record, "user"))
        {
            return Generation.Flat2018;
        }

        if (Has(record, "relationType") || Has(record, "relationId"))
        {
            return Generation.Today;
        }

        if (Has(record, "_id") || Has(record, "user"))
        {
            return Generation.Match2019;
        }

        return Has(record, "jobId") || Has(record, "applicationDate") || Has(record, "hokifyMail") || Has(record, "email")
            ? Generation.Flat2018
            : Generation.Match2019;
    }

    private static bool Has(JsonElement record, string name) => record.TryGetProperty(name, out _);

    /// <summary>An empty list is what PHP makes of any object, and of a column that holds nothing.</summary>
    private static bool HasNested(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value)
        && (value.ValueKind == JsonValueKind.Object || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0));

    /// <summary>Today's item holds its application as an object or as a list, depending on the endpoint.</summary>
    private static OrRejection<HokifyApplication> ReadToday(JsonMembers item, RecordReading reading)
    {
        var relation = new Relation(
            item.Label("relationType"), item.Id("relationId"), item.Text("sourceId"));
        if (!item.TryFind(["application", "applications"], out var inner, out var name))
        {
            reading.Report("application", FailureCause.Missing, "is missing; every item needs it");
            return reading.Rejected();
        }

        if (JsonShape.ItemsOf(inner) is { } items)
        {
            var applications = items.ToList();
            if (applications.Count != 1)
            {
                reading.Report(name, FailureCause.WrongType, $"holds {applications.Count} applications; a record holds one");
                return reading.Rejected();
            }

            inner = applications[0];
        }

        if (inner.ValueKind != JsonValueKind.Object)
        {
            reading.Report(name, FailureCause.WrongType, NoObject);
            return reading.Rejected();
        }

        var unknown = KnownMembers.Relation.CountUnknown(item.Element);
        return reading.Conclude(MatchReader.Read(new JsonMembers(inner, "", reading), relation, unknown, reading));
    }
}

/// <summary>What today's item says about its application: whether it is for a job or a company, and which.</summary>
internal sealed record Relation(string? Type, string? Id, string? SourceId)
{
    public static Relation None { get; } = new(null, null, null);

    public string? CompanyId => IsToCompany ? Id : null;

    public string? JobId => IsToCompany ? null : Id;

    private bool IsToCompany => string.Equals(Type, RelationTypes.Company, StringComparison.OrdinalIgnoreCase);
}

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

    private const string NoObject = "is not an application; expected is a JSON object";

    public static OrRejection<HokifyApplication> Read(string payload, string position)
    {
        try
        {
            var json = Encoding.UTF8.GetBytes(payload);
            return Read(new RecordText(json, 0, json.Length), position);
        }
        catch (JsonException)
        {
            // The exception quotes the text, which is a person's.
            return new Rejection(ElementNames.CandidateProfile, position, null, "record", FailureCause.Unreadable, "is not JSON; expected is one JSON object", payload);
        }
    }

    public static OrRejection<HokifyApplication> Read(JsonPart record, string position) => Read(record.ToRecord(), position);

    /// <summary>Says which application the record is and leaves the rest for later, where that can be told at a glance.</summary>
    public static SourceRecord ReadLater(JsonPart record, string position) => ReadLater(PlainIdOf(record), record.ToRecord(), position);

    /// <summary>The same for today's API, where the record is still to be put together around its application.</summary>
    /// <param name="application">The application, as the record will hold it.</param>
    /// <param name="group">What the group says before it.</param>
    /// <param name="position">Where it stood, in words.</param>
    public static SourceRecord ReadLater(JsonPart application, byte[] group, string position) =>
        ReadLater(PlainIdOf(application, "_id"), application.ToRecord().Within(group), position);

    private static SourceRecord ReadLater(ApplicationId? plain, RecordText text, string position) =>
        plain is { } id
            ? new SourceRecord(id, position, () => Read(text, position)) { Hash = text.Hash(), Bytes = text.Length }
            : new SourceRecord(position, Read(text, position)) { Bytes = text.Length };

    private static OrRejection<HokifyApplication> Read(RecordText record, string position) =>
        record.Read((record, position), static (text, start, length, of) =>
        {
            var scan = JsonScan.Rent();
            var part = JsonPart.Parse(text, start, length, scan);
            // Without the blanks around it.
            var read = Read(part, new RecordReading(of.record.IsInGroup ? of.record : part.ToRecord(), of.position));
            scan.Return();
            return read;
        });

    /// <summary>What can be read of a record that cannot be imported, to say whose it is; null where that cannot be told.</summary>
    public static HokifyApplication? ReadWhatCanBe(string payload)
    {
        try
        {
            var json = Encoding.UTF8.GetBytes(payload);
            var reading = new RecordReading(payload, "");
            Read(JsonPart.Parse(json, 0, json.Length, new JsonScan(JsonScan.WholeDepth)), reading);
            return reading.Read;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OrRejection<HokifyApplication> Read(JsonPart record, RecordReading reading)
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
            // The text of a name or value is looked at only when somebody asks for it, and may be half a surrogate pair or
            // broken UTF-8.
            reading.Report("record", FailureCause.Unreadable, "holds a name that is not valid Unicode text");
            return reading.Rejected();
        }
    }

    /// <summary>The id that <see cref="Read(JsonPart, string)"/> would find; null where it takes more than a look.</summary>
    private static ApplicationId? PlainIdOf(JsonPart record)
    {
        if (record.Kind != JsonValueKind.Object)
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

    private static ApplicationId? PlainIdOf(JsonPart application, string name)
    {
        try
        {
            return application.TryGet(name, out var id) && id.Kind == JsonValueKind.String ? ApplicationId.Of(id.Text()) : null;
        }
        catch (InvalidOperationException)
        {
            // As above.
            return null;
        }
    }

    private static JsonPart ApplicationIn(JsonPart item)
    {
        if (!item.TryGet("application", out var inner))
        {
            item.TryGet("applications", out inner);
        }

        return inner.Kind == JsonValueKind.Array && inner.Values.Count() == 1 ? inner.Values.First() : inner;
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
    private static Generation GenerationOf(JsonPart record)
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

    private static bool Has(JsonPart record, string name) => record.TryGet(name, out _);

    /// <summary>An empty list is what PHP makes of any object, and of a column that holds nothing.</summary>
    private static bool HasNested(JsonPart record, string name) =>
        record.TryGet(name, out var value)
        && (value.Kind == JsonValueKind.Object || (value.Kind == JsonValueKind.Array && value.IsFilled));

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

        if (JsonShape.IsList(inner))
        {
            if (inner.Values.Count() is not 1 and var count)
            {
                reading.Report(name, FailureCause.WrongType, $"holds {count} applications; a record holds one");
                return reading.Rejected();
            }

            inner = inner.Values.First();
        }

        if (inner.Kind != JsonValueKind.Object)
        {
            reading.Report(name, FailureCause.WrongType, NoObject);
            return reading.Rejected();
        }

        var unknown = KnownMembers.Relation.CountUnknown(item.Part);
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

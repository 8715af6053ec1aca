namespace HokifyMessaging.Applications;

/// <summary>
/// The members of hokify's flat record of 2018, as the API of that year delivers them or as a row of a file holds them.
/// Where a value makes no sense, the reading hears of it and the answer is null.
/// </summary>
internal abstract class FlatMembers
{
    /// <summary>How many members there are that we do not know.</summary>
    public abstract int Unknown { get; }

    /// <summary>Whether there is any value, be it one of spaces.</summary>
    public abstract bool Has(string name);

    public abstract string? Text(string name);

    public abstract string? Label(string name);

    public abstract string? Id(string name);

    /// <summary>The id of the record or of its person.</summary>
    public abstract string? Key(string name);

    public abstract DateOnly? Day(string name);

    public abstract DateTimeOffset? Instant(string name);

    /// <summary><c>additionalFiles</c> where it is a list; null where it is a text or nothing.</summary>
    public abstract IReadOnlyList<Attachment>? FileList();
}

/// <summary>The flat record of the API.</summary>
internal sealed class FlatJson(JsonMembers members) : FlatMembers
{
    public override int Unknown => KnownMembers.Flat.CountUnknown(members.Part);

    public override bool Has(string name) => members.TryFind([name], out _, out _);

    public override string? Text(string name) => members.Text(name);

    public override string? Label(string name) => members.Label(name);

    public override string? Id(string name) => members.Id(name);

    public override string? Key(string name) => members.Key(name);

    public override DateOnly? Day(string name) => members.Day(name);

    public override DateTimeOffset? Instant(string name) => members.Instant(name);

    public override IReadOnlyList<Attachment>? FileList() =>
        members.TryFind(["additionalFiles"], out var value, out _) && value.Kind != JsonValueKind.String
            ? members.List("additionalFiles", "additionalFiles", FlatReader.ReadFile)
            : null;
}

/// <summary>Reads the flat record of 2018.</summary>
internal static class FlatReader
{
    private static readonly char[] BetweenUrls = [' ', '\t', '\r', '\n', ',', ';', '|'];

    public static HokifyApplication Read(FlatMembers flat, RecordReading reading)
    {
        var id = reading.ApplicationIdOf(flat.Key("matchId"), "matchId");
        var name = flat.Text("name") is { } written && PersonName.Tidied(written) is { Length: > 0 } tidied ? tidied : null;
        var split = name is null ? null : PersonName.Split(name);
        var email = flat.Text("email");
        var hokifyMail = flat.Text("hokifyMail");
        var jobId = flat.Id("jobId");

        return new HokifyApplication
        {
            Id = id,
            Person = new Person
            {
                Id = PersonIdOf(flat, reading, PersonKey.Of(email ?? hokifyMail, name), id),
                FirstName = split?.First,
                LastName = split?.Last,
                DisplayName = name,
                Email = email,
                HokifyMail = hokifyMail,
                Phone = flat.Text("phone"),
                Birthday = flat.Day("birthday"),
                Gender = flat.Label("gender"),
                Nationality = flat.Label("nationality"),
            },
            RelationType = jobId is null ? null : RelationTypes.Job,
            Job = jobId is null ? null : new Job { Id = jobId },
            SourceId = flat.Text("jobSourceId"),
            AppliedAt = flat.Instant("applicationDate"),
            Attachments = ReadFiles(flat),
            Record = reading.Record,
            UnknownMembers = flat.Unknown,
        };
    }

    /// <summary>
    /// The API of 2018 has no id for the person. The e-mail address stands in for it together with the name, because an address
    /// may be several people's; hashed because ids appear in logs and messages. A record that lacks one of them stands for a
    /// person of its own.
    /// </summary>
    private static PersonId PersonIdOf(FlatMembers flat, RecordReading reading, PersonKey key, ApplicationId id)
    {
        if (flat.Has("userId"))
        {
            return reading.PersonIdOf(flat.Key("userId"), "userId");
        }

        return reading.BelongsTo(key.IsWhole ? PersonId.Of(key) : PersonId.OfApplication(id));
    }

    private static List<Attachment> ReadFiles(FlatMembers flat)
    {
        var files = new List<Attachment>();
        if (flat.Text("fileProfile") is { } profile)
        {
            files.Add(new Attachment("profile", null, profile, null));
        }

        if (flat.Text("fileCV") is { } cv)
        {
            files.Add(new Attachment("cv", null, cv, null));
        }

        if (flat.FileList() is { } list)
        {
            files.AddRange(list);
        }
        else if (flat.Text("additionalFiles") is { } text)
        {
            files.AddRange(FilesIn(text));
        }

        return files;
    }

    /// <summary>In a file the list of the API as JSON text, or addresses one after the other.</summary>
    private static IEnumerable<Attachment> FilesIn(string text)
    {
        if (text.StartsWith('['))
        {
            try
            {
                var json = Encoding.UTF8.GetBytes($$"""{"additionalFiles":{{text}}}""");
                var cell = JsonPart.Parse(json, 0, json.Length, new JsonScan(JsonScan.WholeDepth));
                // A reading of its own: a file's list is decoration, and nothing in it makes the record unusable.
                var inCell = new RecordReading("", "");
                return new JsonMembers(cell, "", inCell).List("additionalFiles", "additionalFiles", ReadFile);
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException)
            {
                // Not the list that it looks like, or one with a name that is no Unicode text, which only comparing it finds:
                // whoever needs it finds the text in the payload.
                return [];
            }
        }

        return text.Split(BetweenUrls, StringSplitOptions.RemoveEmptyEntries).Select(url => new Attachment(null, null, url, null));
    }

    public static Attachment ReadFile(JsonMembers file) =>
        new(file.Label("type"), file.Text("title"), file.Text("downloadUrl"), null);
}

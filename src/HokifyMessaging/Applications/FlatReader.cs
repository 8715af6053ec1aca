using System.Text.Json;

namespace HokifyMessaging.Applications;

/// <summary>Reads the flat record of 2018, as the API of that year delivers it and as its CSV files hold it.</summary>
internal static class FlatReader
{
    private static readonly char[] BetweenUrls = [' ', '\t', '\r', '\n', ',', ';', '|'];

    public static HokifyApplication Read(JsonMembers flat, RecordReading reading)
    {
        var id = reading.ApplicationIdOf(flat, "matchId");
        var name = flat.Text("name");
        var split = name is null ? null : PersonName.Split(name);
        var email = flat.Text("email");
        var hokifyMail = flat.Text("hokifyMail");
        var jobId = flat.Id("jobId");

        return new HokifyApplication
        {
            Id = id,
            Person = new Person
            {
                Id = PersonIdOf(flat, reading, email ?? hokifyMail, id),
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
            Attachments = [.. ReadFiles(flat)],
            Payload = reading.Payload,
            UnknownMembers = KnownMembers.Flat.CountUnknown(flat.Element),
        };
    }

    /// <summary>
    /// The API of 2018 has no id for the person. The e-mail address stands in for it, hashed because ids appear in logs and
    /// messages; a record without any address stands for a person of its own.
    /// </summary>
    private static PersonId PersonIdOf(JsonMembers flat, RecordReading reading, string? address, ApplicationId id)
    {
        if (flat.TryFind(["userId"], out _, out _))
            return reading.PersonIdOf(flat, "userId");
        return reading.BelongsTo(address is null ? PersonId.OfApplication(id) : PersonId.OfAddress(address));
    }

    private static IEnumerable<Attachment> ReadFiles(JsonMembers flat)
    {
        if (flat.Text("fileProfile") is { } profile)
            yield return new Attachment("profile", null, profile, null);
        if (flat.Text("fileCV") is { } cv)
            yield return new Attachment("cv", null, cv, null);
        foreach (var file in ReadAdditionalFiles(flat))
            yield return file;
    }

    /// <summary>A list in the API; in a file the same list as JSON text, or addresses one after the other.</summary>
    private static IReadOnlyList<Attachment> ReadAdditionalFiles(JsonMembers flat)
    {
        if (flat.TryFind(["additionalFiles"], out var value, out _) && value.ValueKind != JsonValueKind.String)
            return flat.List("additionalFiles", "additionalFiles", ReadFile);
        if (flat.Text("additionalFiles") is not { } text)
            return [];

        if (text.StartsWith('['))
        {
            try
            {
                using var document = JsonDocument.Parse($$"""{"additionalFiles":{{text}}}""");
                // A reading of its own: a file's list is decoration, and nothing in it makes the record unusable.
                var inCell = new RecordReading(document.RootElement, "");
                return new JsonMembers(document.RootElement, "", inCell).List("additionalFiles", "additionalFiles", ReadFile);
            }
            catch (JsonException)
            {
                // Not the list that it looks like: whoever needs it finds the text in the payload.
                return [];
            }
        }

        return [.. text.Split(BetweenUrls, StringSplitOptions.RemoveEmptyEntries).Select(url => new Attachment(null, null, url, null))];
    }

    private static Attachment ReadFile(JsonMembers file) =>
        new(file.Label("type"), file.Text("title"), file.Text("downloadUrl"), null);
}

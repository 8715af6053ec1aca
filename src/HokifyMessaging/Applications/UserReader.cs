namespace HokifyMessaging.Applications;

/// <summary>
/// Reads the <c>user</c> of a nested application: the person, the CV and the documents. <c>user.general</c> is
/// documented as a free object, so each fact is looked for under every spelling that is usual.
/// </summary>
internal static class UserReader
{
    private static readonly string[] ConsentGdprNames = ["consentGDPR", "consentGdpr", "gdprConsent", "privacyConsent"];
    private static readonly string[] PostalCodeNames = ["zip", "zipCode", "postalCode", "plz", "code"];
    private static readonly string[] RegionNames = ["county", "region", "state"];
    private static readonly Address Nowhere = new(null, null, null, null, null, null);

    public static Person ReadPerson(JsonMembers user, PersonId id)
    {
        var general = user.Object("general", "user.general");
        var displayName = user.Label("displayName") ?? general.Text("displayName", "name");
        var firstName = general.Text("firstName", "firstname", "givenName");
        var lastName = general.Text("lastName", "lastname", "familyName", "surname");
        if (firstName is null && lastName is null && displayName is not null)
        {
            (firstName, lastName) = PersonName.Split(displayName);
        }

        return new Person
        {
            Id = id,
            FirstName = firstName,
            LastName = lastName,
            DisplayName = displayName ?? JoinWords(firstName, lastName),
            Email = general.Text("email", "mail"),
            HokifyMail = user.Text("hokifyMail") ?? general.Text("hokifyMail"),
            Phone = general.Text("phone", "phoneNumber", "telephone", "mobile"),
            Birthday = general.Day("birthday", "birthDate", "birthdate", "dateOfBirth"),
            Gender = general.Label("gender", "sex"),
            Nationality = general.Label("nationality", "citizenship"),
            Language = user.Label("language") ?? general.Label("language"),
            PictureUrl = ReadPicture(user),
            Address = ReadAddress(general),
            Consent = user.Flag("consent") ?? general.Flag("consent"),
            ConsentGdpr = user.Flag(ConsentGdprNames) ?? general.Flag(ConsentGdprNames),
        };
    }

    public static IReadOnlyList<Experience> ReadExperiences(JsonMembers user) =>
        Cv(user).List("experiences", "user.cvInfo.experiences", experience => new Experience(
            experience.Label("title"),
            experience.Label("company"),
            experience.Text("summary"),
            experience.Labels("fields"),
            experience.CvInstant("startDate"),
            experience.CvInstant("endDate"),
            experience.Flag("isCurrent") ?? false));

    public static IReadOnlyList<Education> ReadEducations(JsonMembers user) =>
        Cv(user).List("educations", "user.cvInfo.educations", education => new Education(
            education.Label("school"),
            Join(", ", education.Label("level"), education.Label("sublevel")),
            education.Label("degree"),
            education.Text("description"),
            education.CvInstant("startDate"),
            education.CvInstant("endDate"),
            education.Label("status")));

    public static IReadOnlyList<Skill> ReadSkills(JsonMembers user) =>
        Cv(user).List("skills", "user.cvInfo.skills", skill => new Skill(
            skill.Label("category"), skill.Label("title"), skill.Text("text")));

    public static IReadOnlyList<Attachment> ReadAttachments(JsonMembers user) =>
        user.List("extras", "user.extras", extra => new Attachment(
            extra.Label("type"), extra.Text("title"), extra.Text("url"), extra.Text("originalName"), extra.Text("details")));

    /// <summary>A place in one line: its full name where hokify gives one.</summary>
    public static string? LocationText(JsonMembers location) =>
        location.Text("name") ?? Join(", ",
            JoinWords(location.Text("street"), location.Text("streetNumber")),
            JoinWords(location.Text(PostalCodeNames), location.Text("city")),
            location.Text(RegionNames),
            location.Text("country", "countryCode"));

    private static JsonMembers Cv(JsonMembers user) => user.Object("cvInfo", "user.cvInfo");

    /// <summary>An application shows the picture large, so the larger ones are better than the thumbnail.</summary>
    private static string? ReadPicture(JsonMembers user)
    {
        var images = user.ObjectIfAny("images", "user.images");
        return images.IsPresent ? images.Text("large", "xlarge", "medium", "small", "thumbnail") : user.Label("images");
    }

    /// <summary>The address is an object, a text, or its parts stand directly in <c>general</c>.</summary>
    private static Address? ReadAddress(JsonMembers general)
    {
        var place = general.ObjectIfAny("address", "user.general.address");
        if (!place.IsPresent)
        {
            place = general.ObjectIfAny("location", "user.general.location");
        }

        var isInGeneral = !place.IsPresent;
        if (isInGeneral)
        {
            place = general;
        }

        var street = JoinWords(place.Text("street"), place.Text("streetNumber"));
        var city = place.Text("city");
        if (isInGeneral)
        {
            street ??= general.Label("address");
            city ??= general.Label("location");
        }

        var address = new Address(
            street, place.Text(PostalCodeNames), city, place.Text(RegionNames), place.Label("country"), place.Text("countryCode"));
        return address == Nowhere ? null : address;
    }

    private static string? JoinWords(string? first, string? second) => Join(" ", first, second);

    private static string? Join(string separator, params ReadOnlySpan<string?> parts)
    {
        string? joined = null;
        foreach (var part in parts)
        {
            if (part is not null)
            {
                joined = joined is null ? part : joined + separator + part;
            }
        }

        return joined;
    }
}

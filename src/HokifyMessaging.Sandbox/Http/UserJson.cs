using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The person as the ATS APIs show it (<c>IAPIUser</c>).</summary>
internal static class UserJson
{
    private static readonly string OverlongName = string.Concat(Enumerable.Repeat("Überlang ", 1112))[..10_000];

    public static void WriteUser(this Utf8JsonWriter json, Application application)
    {
        json.WritePropertyName("user");
        if (application.Has(Flaws.NullUser))
        {
            json.WriteNullValue();
            return;
        }

        var user = application.Applicant;
        json.WriteStartObject();
        json.WriteString("_id", user.Id);
        json.WriteString("displayName", DisplayName(application));
        json.WriteDate("lastActivity", user.LastActivity);
        json.WriteBoolean("privacyAutoDeleted", user.Erased);
        json.WriteImages("images", user.HasPicture && !user.Erased ? $"users/{user.Id}" : null);
        json.WriteString("mode", "jobseeker");
        json.WriteString("language", user.Language);
        WriteGeneral(json, application);
        json.WriteNull("billingProfile");
        json.WriteStartArray("extras");
        if (!user.Erased)
        {
            foreach (var upload in user.Uploads)
            {
                WriteUpload(json, upload);
            }
        }

        json.WriteEndArray();
        json.WriteCv(application);
        if (application.Has(Flaws.UnknownMembers))
        {
            json.WriteString("profileTheme", application.Marking.Marked("Theme", "sunset"));
        }

        json.WriteEndObject();
    }

    /// <summary>The name to show; null for an erased person.</summary>
    public static string? DisplayName(Application application) =>
        application.Has(Flaws.OverlongText) ? application.Marking.Marked("DisplayName", OverlongName)
        : application.Applicant.Erased ? null
        : application.Applicant.DisplayName;

    /// <summary>The birthday as text: midnight UTC, or what is no date at all.</summary>
    public static string? Birthday(Application application) =>
        application.Has(Flaws.BrokenBirthday) ? application.Marking.Marked("Birthday", "31.02.1990")
        : application.Applicant.Birthday?.ToString("yyyy-MM-dd'T00:00:00.000Z'", CultureInfo.InvariantCulture);

    public static void WriteLocation(this Utf8JsonWriter json, string name, Location location)
    {
        json.WriteStartObject(name);
        json.WriteString("name", $"{location.Street} {location.StreetNumber}, {location.Place.Code} {location.Place.City}");
        json.WriteString("street", location.Street);
        json.WriteString("streetNumber", location.StreetNumber);
        json.WriteString("district", "");
        json.WriteString("city", location.Place.City);
        json.WriteString("county", location.Place.County);
        json.WriteString("country", "Österreich");
        json.WriteString("code", location.Place.Code);
        json.WriteNumber("longitude", location.Place.Longitude);
        json.WriteNumber("latitude", location.Place.Latitude);
        json.WriteString("countryCode", "AT");
        json.WriteEndObject();
    }

    public static void WriteImages(this Utf8JsonWriter json, string name, string? path)
    {
        if (path is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        foreach (var size in new[] { "thumbnail", "small", "medium", "large" })
        {
            json.WriteString(size, $"https://images.hokify.example/{path}/{size}.jpg");
        }

        json.WriteNull("xlarge");
        json.WriteEndObject();
    }

    public static void WriteDate(this Utf8JsonWriter json, string name, DateTimeOffset date) => json.WriteString(name, Iso(date));

    /// <summary>A date as JavaScript writes it.</summary>
    public static string Iso(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteGeneral(Utf8JsonWriter json, Application application)
    {
        var user = application.Applicant;
        if (user is { Erased: true, GeneralIsNull: true })
        {
            json.WriteNull("general");
            return;
        }

        json.WriteStartObject("general");
        if (!user.Erased)
        {
            json.WriteString("firstName", user.FirstName);
            json.WriteString("lastName", user.LastName);
            json.WriteString("email", user.Email);
            json.WriteString("phone", user.Phone);
        }

        if (!user.Erased || application.Has(Flaws.BrokenBirthday))
        {
            json.WriteString("birthday", Birthday(application));
        }

        if (!user.Erased)
        {
            json.WriteString("gender", user.Gender);
            json.WriteString("nationality", user.Nationality);
            if (user.Address is { } address)
            {
                json.WriteLocation("address", address);
            }

            if (application.Has(Flaws.UnknownMembers))
            {
                json.WriteString("pronouns", application.Marking.Marked("Pronouns", "keine Angabe"));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteUpload(Utf8JsonWriter json, Upload upload)
    {
        json.WriteStartObject();
        json.WriteString("_id", upload.Id);
        json.WriteStartObject("type");
        json.WriteString("name", upload.Type);
        json.WriteEndObject();
        json.WriteString("title", upload.Title);
        json.WriteString("url", upload.Url);
        json.WriteString("originalName", upload.OriginalName);
        json.WriteDate("date", upload.Date);
        json.WriteString("details", "");
        json.WriteBoolean("visible", true);
        json.WriteStartObject("antiVirusResult");
        json.WriteDate("timestamp", upload.Date);
        json.WriteBoolean("clean", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteBranch(this Utf8JsonWriter json, Branch branch)
    {
        json.WriteStartObject();
        json.WriteString("_id", branch.Id);
        json.WriteString("name", branch.Name);
        json.WriteEndObject();
    }
}

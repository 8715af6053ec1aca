using System.Text.Encodings.Web;
using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>One application as the API of 2018 shows it (<c>AllApplicantsResponseElement</c>): flat, in JSON or CSV.</summary>
internal static class ExternRow
{
    private const string AdditionalFiles = "additionalFiles";

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The header row, in the order of the Swagger definition.</summary>
    public static string Header(bool unknownMembers) =>
        $"jobId,jobSourceId,matchId,name,email,hokifyMail,fileProfile,fileCV,additionalFiles,nationality,applicationDate,phone,birthday,gender{(unknownMembers ? ",origin" : "")}\r\n";

    public static void WriteExternRow(this Utf8JsonWriter json, Application application)
    {
        json.WriteStartObject();
        foreach (var (name, value) in Members(application))
        {
            if (name != AdditionalFiles)
            {
                // No member of the definition is required: what is not there is left out.
                if (value is not null)
                {
                    json.WriteString(name, value);
                }

                continue;
            }

            json.WriteStartArray(name);
            foreach (var file in Files(application))
            {
                json.WriteStartObject();
                json.WriteString("type", file.Type);
                json.WriteString("title", file.Title);
                json.WriteString("downloadUrl", file.Url);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (application.Has(Flaws.UnknownMembers))
        {
            json.WriteString("origin", application.Marking.Marked("Origin", "app"));
        }

        json.WriteEndObject();
    }

    /// <summary>A CSV row: RFC 4180, CRLF; the additional files are JSON text.</summary>
    public static string Csv(Application application) =>
        string.Join(',', Members(application).Select(m => Quoted(m.Value ?? ""))) + (application.Has(Flaws.UnknownMembers) ? $",{Quoted(application.Marking.Marked("Origin", "app"))}\r\n" : "\r\n");

    private static IEnumerable<(string Name, string? Value)> Members(Application application)
    {
        var user = application.Applicant;
        var nobody = user.Erased || application.Has(Flaws.NullUser);
        var id = application.Has(Flaws.DuplicateId) ? application.OtherId : application.Id;
        yield return ("jobId", application.Relation.StandIn.Id);
        yield return ("jobSourceId", application.Relation.SourceId);
        yield return ("matchId", application.Has(Flaws.MissingId) ? null : id);
        yield return ("name", application.Has(Flaws.NullUser) ? null : UserJson.DisplayName(application));
        yield return ("email", nobody ? null : user.Email);
        yield return ("hokifyMail", nobody ? null : user.HokifyMail);
        yield return ("fileProfile", nobody ? null : $"https://files.hokify.example/profiles/{application.Id}.pdf");
        yield return ("fileCV", nobody ? null : user.Uploads.FirstOrDefault(u => u.Type == "cv")?.Url);
        yield return (AdditionalFiles, JsonSerializer.Serialize(Files(application).Select(f => new { type = f.Type, title = f.Title, downloadUrl = f.Url }), Compact));
        yield return ("nationality", nobody ? null : user.Nationality);
        yield return ("applicationDate", ApplicationJson.DateOrNot(application.Created, application));
        yield return ("phone", nobody ? null : user.Phone);
        yield return ("birthday", nobody && !application.Has(Flaws.BrokenBirthday) ? null : UserJson.Birthday(application));
        yield return ("gender", nobody ? null : user.Gender);
    }

    private static IEnumerable<Upload> Files(Application application) =>
        application.Applicant.Erased || application.Has(Flaws.NullUser) ? [] : application.Applicant.Uploads.Where(u => u.Type != "cv");

    private static string Quoted(string value) =>
        value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}

using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The job as the ATS APIs show it (<c>IAPIJobForRecruiter</c>).</summary>
internal static class JobJson
{
    public static void WriteJob(this Utf8JsonWriter json, PostedJob job, bool unknownMembers)
    {
        json.WriteStartObject("job");
        json.WriteString("_id", job.Id);
        json.WriteNumber("jobNr", job.Number);
        json.WriteString("name", job.Name);
        json.WriteImages("images", $"jobs/{job.Id}");
        json.WriteLocation("location", job.Location);
        json.WriteString("addressText", $"{job.Location.Place.Code} {job.Location.Place.City}");
        WriteOwner(json, job);
        json.WriteString("webUrl", $"https://hokify.example/job/{job.Number}");
        json.WriteString("description", job.Description);
        json.WriteString("wage", job.Wage);
        json.WriteString("type", job.Type);
        json.WriteStartArray("fields");
        foreach (var field in job.Fields)
        {
            json.WriteBranch(field);
        }

        json.WriteEndArray();
        WriteQuestions(json, job);
        json.WriteStartArray("requiredFields");
        json.WriteEndArray();
        json.WriteString("employmenttype", job.EmploymentType);
        json.WriteBoolean("isJobOwner", true);
        json.WriteStartObject("internal");
        if (job.SourceId is { } sourceId)
        {
            json.WriteString("sourceId", sourceId);
        }

        json.WriteEndObject();
        WriteCompany(json, job.Company);
        json.WriteString("staticMapImageUrl", $"https://images.hokify.example/maps/{job.Id}.png");
        json.WriteNull("selectedCandidate");
        json.WriteNull("personalCompanyText");
        json.WriteNull("webPreviewUrl");
        json.WriteDate("date", job.Date);
        WriteDescriptionBlocks(json, job);
        json.WriteString("statsDownloadCode", job.Id[..8]);
        json.WriteString("defaultLanguage", "de");
        json.WriteNumber("openRecruiterTodos", 0);
        if (unknownMembers)
        {
            json.WriteString("remoteWork", "none");
        }

        json.WriteEndObject();
    }

    private static void WriteOwner(Utf8JsonWriter json, PostedJob job)
    {
        json.WriteStartArray("owners");
        json.WriteStartObject();
        json.WriteString("_id", job.OwnerId);
        json.WriteString("displayName", job.OwnerName);
        json.WriteNull("images");
        json.WriteStartObject("general");
        json.WriteEndObject();
        json.WriteStartObject("billingProfile");
        json.WriteString("position", "Personalabteilung");
        json.WriteNull("slogan");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteQuestions(Utf8JsonWriter json, PostedJob job)
    {
        json.WriteStartArray("questions");
        foreach (var question in job.Questions)
        {
            json.WriteStartObject();
            json.WriteString("_id", question.Id);
            json.WriteString("question", question.Text.German);
            json.WriteBoolean("required", false);
            json.WriteString("externalId", question.Text.ExternalId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCompany(Utf8JsonWriter json, HiringCompany company)
    {
        json.WriteStartObject("company");
        json.WriteString("_id", company.Id);
        json.WriteString("name", company.Name);
        json.WriteImages("logos", $"companies/{company.Id}");
        json.WriteString("description", company.Description);
        json.WriteNull("coverImage");
        json.WriteEndObject();
    }

    private static void WriteDescriptionBlocks(Utf8JsonWriter json, PostedJob job)
    {
        json.WriteStartArray("descriptionBlocks");
        json.WriteStartObject();
        json.WriteString("language", "de");
        json.WriteString("block1Header", "Deine Aufgaben");
        json.WriteString("block1", job.Description);
        for (var block = 2; block <= 4; block++)
        {
            json.WriteNull($"block{block}Header");
            json.WriteNull($"block{block}");
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}

using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The person's CV as the ATS APIs show it.</summary>
internal static class CvJson
{
    public static void WriteCv(this Utf8JsonWriter json, Application application)
    {
        var user = application.Applicant;
        var unknown = application.Has(Flaws.UnknownMembers);
        json.WriteStartObject("cvInfo");
        json.WriteStartArray("experiences");
        if (!user.Erased)
        {
            foreach (var experience in user.Experiences)
            {
                WriteExperience(json, experience, application);
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("educations");
        if (!user.Erased)
        {
            foreach (var education in user.Educations)
            {
                WriteEducation(json, education);
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("skills");
        if (!user.Erased)
        {
            for (var i = 0; i < user.Skills.Count; i++)
            {
                WriteSkill(json, user.Skills[i], i);
            }
        }

        json.WriteEndArray();
        json.WriteNull("references");
        json.WriteNull("experienceSummary");
        WriteCompleteness(json, user);
        if (unknown)
        {
            json.WriteNumber("cvVersion", 3);
        }

        json.WriteEndObject();
    }

    private static void WriteExperience(Utf8JsonWriter json, WorkExperience experience, Application application)
    {
        json.WriteStartObject();
        json.WriteString("_id", experience.Id);
        json.WriteString("title", experience.Title);
        json.WriteString("summary", experience.Summary);
        if (experience.Company is { } company)
        {
            json.WriteStartObject("company");
            json.WriteString("_id", experience.Id);
            json.WriteString("name", company);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("company");
        }

        json.WriteStartArray("fields");
        json.WriteBranch(experience.Branch);
        json.WriteEndArray();
        json.WriteDate("startDate", experience.Start);
        json.WriteDate("endDate", experience.End);
        json.WriteBoolean("isCurrent", experience.IsCurrent);
        json.WriteBoolean("isVisible", true);
        json.WriteBoolean("selectedAsHighlight", false);
        if (application.Has(Flaws.UnknownMembers))
        {
            json.WriteStartArray("achievements");
            json.WriteStringValue(application.Marking.Marked("Achievement", "Lehrlingsausbildung"));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteEducation(Utf8JsonWriter json, Schooling education)
    {
        json.WriteStartObject();
        json.WriteString("_id", education.Id);
        json.WriteStartObject("school");
        json.WriteString("_id", education.Id);
        json.WriteString("name", education.School);
        json.WriteEndObject();
        foreach (var (name, value) in new[] { ("level", education.Level), ("sublevel", ""), ("degree", education.Degree) })
        {
            json.WriteStartObject(name);
            if (value.Length > 0)
            {
                json.WriteString("name", value);
            }

            json.WriteEndObject();
        }

        json.WriteString("description", education.Description);
        json.WriteDate("startDate", education.Start);
        json.WriteDate("endDate", education.End);
        json.WriteBoolean("isVisible", true);
        json.WriteString("status", education.Status);
        json.WriteBoolean("selectedAsHighlight", false);
        json.WriteEndObject();
    }

    private static void WriteSkill(Utf8JsonWriter json, Ability skill, int order)
    {
        json.WriteStartObject();
        json.WriteString("_id", skill.Id);
        json.WriteStartObject("category");
        json.WriteString("_id", skill.Id);
        json.WriteString("value", skill.Category);
        json.WriteString("type", "skill");
        json.WriteEndObject();
        json.WriteString("title", skill.Title);
        json.WriteString("text", skill.Text);
        json.WriteNumber("order", order);
        json.WriteStartArray("items");
        json.WriteEndArray();
        json.WriteBoolean("isVisible", true);
        json.WriteEndObject();
    }

    private static void WriteCompleteness(Utf8JsonWriter json, Applicant user)
    {
        json.WriteStartObject("completeness");
        foreach (var part in new[] { "education", "email", "experience", "fraction", "image", "location", "name", "phone", "skill" })
        {
            json.WriteString(part, user.Erased ? "0" : "1");
        }

        json.WriteNumber("minPercentage", 40);
        json.WriteStartArray("missing");
        json.WriteEndArray();
        json.WriteNumber("percentage", user.Erased ? 0 : 85);
        json.WriteBoolean("readyToUse", !user.Erased);
        json.WriteEndObject();
    }
}

using HokifyMessaging.Sandbox.Data;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>One application as the two ATS APIs show it.</summary>
internal static class ApplicationJson
{
    private const string NoDate = "vorgestern";

    /// <summary>Today's inner application: the match of 2019 with a contact stage; without a job where it is for a company as such.</summary>
    public static void WriteTodaysApplication(this Utf8JsonWriter json, Application application)
    {
        json.WriteStartObject();
        WriteId(json, application);
        json.WriteString("contactStage", application.ContactStage);
        WriteDates(json, application);
        json.WriteUser(application);
        if (application.Relation.Job is { } job)
        {
            json.WriteJob(job, application.Has(Flaws.UnknownMembers));
        }

        WriteInterview(json, application);
        WriteDrift(json, application);
        json.WriteEndObject();
    }

    /// <summary>The match of 2019 (<c>IAPIMatchWithUserAndRecruiterJob</c>), which always has a job.</summary>
    public static void WriteMatch(this Utf8JsonWriter json, Application application)
    {
        json.WriteStartObject();
        WriteId(json, application);
        json.WriteNumber("openMessages", application.OpenMessages);
        json.WriteDate("dateuseraction", application.Created);
        json.WriteString("likeuser", application.LikeUser);
        json.WriteDate("datecompanyaction", application.LastUpdate);
        json.WriteBoolean("likecompany", application.ContactStage is not ("newapplicant" or "rejected"));
        WriteDates(json, application);
        json.WriteString("actionToken", ActionToken(application));
        WriteAnswers(json, application);
        json.WriteUser(application);
        json.WriteJob(application.Relation.StandIn, application.Has(Flaws.UnknownMembers));
        WriteInterview(json, application);
        WriteDrift(json, application);
        json.WriteEndObject();
    }

    /// <summary>The date of the last change as text, or what is no date at all.</summary>
    public static string DateOrNot(DateTimeOffset date, Application application) => application.Has(Flaws.BrokenLastUpdate) ? application.Marking.Marked("Changed", NoDate) : UserJson.Iso(date);

    private static void WriteId(Utf8JsonWriter json, Application application)
    {
        if (!application.Has(Flaws.MissingId))
        {
            json.WriteString("_id", application.Has(Flaws.DuplicateId) ? application.OtherId : application.Id);
        }
    }

    private static void WriteDates(Utf8JsonWriter json, Application application)
    {
        json.WriteDate("datematch", application.Created);
        json.WriteString("lastupdate", DateOrNot(application.LastUpdate, application));
    }

    private static string ActionToken(Application application) => application.ContactStage switch
    {
        "newapplicant" => "company",
        "hired" => "done",
        "rejected" => "cancel",
        _ => "user",
    };

    private static void WriteAnswers(Utf8JsonWriter json, Application application)
    {
        json.WriteStartArray("answers");
        foreach (var answer in application.Answers)
        {
            if (answer.Text is null || answer.Question.Text.AnswerType != "select")
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteString("question", answer.Question.Id);
            json.WriteBoolean("decision", true);
            json.WriteDate("date", application.Created);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteInterview(Utf8JsonWriter json, Application application)
    {
        json.WriteStartArray("interviewQuestions");
        foreach (var answer in application.Answers)
        {
            var text = answer.Question.Text;
            json.WriteStartObject();
            json.WriteString("_id", answer.Question.Id);
            json.WriteString("module", "default");
            json.WriteStartObject("moduleOptions");
            json.WriteEndObject();
            json.WriteString("type", text.Type);
            json.WriteString("question", answer.InEnglish ? text.English : text.German);
            json.WriteString("currentAnswer", answer.Text);
            json.WriteStartArray("answerOptions");
            json.WriteStartObject();
            json.WriteString("type", text.AnswerType);
            json.WriteNull("defaultValue");
            json.WriteNull("prefillValue");
            json.WriteEndObject();
            json.WriteEndArray();
            if (application.Has(Flaws.UnknownMembers))
            {
                json.WriteNumber("weight", 1);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDrift(Utf8JsonWriter json, Application application)
    {
        if (!application.Has(Flaws.UnknownMembers))
        {
            return;
        }

        json.WriteStartObject("aiMatching");
        json.WriteNumber("score", 0.87);
        if (application.Marking.IsOn)
        {
            // Some write into a name what belongs into a value.
            json.WriteNumber(application.Marking.Marked("Member", "weight"), 1);
        }

        json.WriteEndObject();
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.AtsApi;

namespace HokifyMessaging.Tests.Applications;

/// <summary>PHP writes an empty object as a list, and a list with a gap as an object.</summary>
public sealed class EmptyListTests
{
    [Theory]
    [InlineData("user")]
    [InlineData("user.general")]
    [InlineData("user.general.location")]
    [InlineData("user.general.firstName")]
    [InlineData("user.general.birthday")]
    [InlineData("user.general.phone")]
    [InlineData("user.images")]
    [InlineData("user.language")]
    [InlineData("user.cvInfo")]
    [InlineData("user.cvInfo.experiences")]
    [InlineData("user.cvInfo.educations")]
    [InlineData("user.cvInfo.skills")]
    [InlineData("user.extras")]
    [InlineData("user.privacyAutoDeleted")]
    [InlineData("job")]
    [InlineData("job.location")]
    [InlineData("job.company")]
    [InlineData("job.fields")]
    [InlineData("job.questions")]
    [InlineData("job.date")]
    [InlineData("interviewQuestions")]
    [InlineData("answers")]
    [InlineData("contactStage")]
    [InlineData("lastupdate")]
    [InlineData("datematch")]
    [InlineData("_id")]
    public void An_empty_list_and_an_empty_object_are_the_same_nothing_wherever_they_stand(string path)
    {
        Assert.Equal(Outcome(With(path, "{}")), Outcome(With(path, "[]")));
    }

    [Fact]
    public void A_user_that_is_an_empty_list_lacks_its_id()
    {
        var rejection = Records.Rejected(With("user", "[]"));

        Assert.Equal(("user._id", "is missing; every record needs it"), (rejection.Field, rejection.Problem));
    }

    [Fact]
    public void A_record_of_empty_lists_is_understood()
    {
        var application = Records.Understood(Records.Parse(
            """
            {"_id":"1","user":{"_id":"2","general":[],"cvInfo":[],"extras":{},"images":[],"displayName":[]},"job":[],"company":[],"interviewQuestions":{},"answers":{},"lastupdate":[],"likeuser":[]}
            """));

        Assert.Null(application.LastUpdate);
        Assert.Null(application.Person.Address);
        Assert.Empty(application.Answers);
        Assert.Empty(application.Experiences);
    }

    [Fact]
    public void Todays_item_says_which_job_an_empty_one_is()
    {
        var item = Records.Today();
        item["application"]!["job"] = new JsonArray();

        Assert.Equal("636b5e00a1b2c3d4e5f60003", Records.Understood(item).Job!.Id);
    }

    [Fact]
    public void A_flat_record_may_have_empty_lists_too()
    {
        var flat = Records.Flat();
        foreach (var name in new[] { "user", "application", "additionalFiles", "userId", "email", "phone", "birthday" })
        {
            flat[name] = new JsonArray();
        }

        var application = Records.Understood(flat);

        Assert.Equal((Records.ApplicationId, (string?)null, (DateOnly?)null), (application.Id.Value, application.Person.Phone, application.Person.Birthday));
        Assert.Equal(["profile", "cv"], application.Attachments.Select(file => file.Type!));
    }

    [Fact]
    public void A_list_with_a_gap_is_an_object_with_numbers_for_names()
    {
        var gapless = Records.Match();
        gapless["interviewQuestions"] = JsonNode.Parse("""[{"question":"a","currentAnswer":["x","y"]},{"question":"b","currentAnswer":"z"}]""");
        gapless["job"]!["fields"] = JsonNode.Parse("""["Küche","Service"]""");
        var gaps = Records.Match();
        gaps["interviewQuestions"] = JsonNode.Parse("""{"0":{"question":"a","currentAnswer":{"1":"x","3":"y"}},"2":{"question":"b","currentAnswer":"z"}}""");
        gaps["job"]!["fields"] = JsonNode.Parse("""{"1":"Küche","2":"Service"}""");

        Assert.Equal(Records.Understood(gapless).Answers, Records.Understood(gaps).Answers);
        Assert.Equal(Records.Understood(gapless).Job!.Fields, Records.Understood(gaps).Job!.Fields);
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("[]", 0)]
    [InlineData("""{"3":{"_id":"a1","user":{"_id":"u1"}},"7":{"_id":"a2","user":{"_id":"u2"}}}""", 2)]
    [InlineData("""[{"_id":"a1","user":{"_id":"u1"}}]""", 1)]
    public void A_groups_applications_are_a_list_however_they_are_written(string applications, int count)
    {
        var item = JsonElement.Parse($$"""{"relationType":"job","relationId":"j1","applications":{{applications}}}""");

        var records = GroupedItem.Records(item, "here").Select(paged => paged.Record.Read()).ToList();

        Assert.Equal(Enumerable.Range(1, count).Select(number => $"a{number}"), records.Select(record => record.Understood().Id.Value));
    }

    [Fact]
    public void An_empty_item_of_a_list_is_an_empty_object()
    {
        var match = Records.Match();
        match["user"]!["cvInfo"]!["skills"] = JsonNode.Parse("""[[],{"title":"Englisch"},{}]""");

        Assert.Equal([new Skill(null, null, null), new Skill(null, "Englisch", null), new Skill(null, null, null)], Records.Understood(match).Skills);
    }

    private static JsonObject With(string path, string value)
    {
        var match = Records.Match();
        var names = path.Split('.');
        var owner = names[..^1].Aggregate(match, (current, name) => current[name]!.AsObject());
        owner[names[^1]] = JsonNode.Parse(value);
        return match;
    }

    private static string Outcome(JsonObject match)
    {
        var read = ApplicationPayload.Read(match.ToJsonString(), "here");
        return read.Value is { } application ? JsonSerializer.Serialize(application with { Payload = "" }) : read.Rejected().Message;
    }
}

using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

/// <summary>What a payload says that is no application, without an id, or without a person.</summary>
public sealed class RejectedPayloadTests
{
    [Theory]
    [InlineData("[]", "is missing; every item needs it")]
    [InlineData("[{},{}]", "holds 2 applications; a record holds one")]
    [InlineData("[7]", "is not an application; expected is a JSON object")]
    [InlineData("\"x\"", "is not an application; expected is a JSON object")]
    [InlineData("null", "is missing; every item needs it")]
    public void Todays_item_without_exactly_one_application_is_rejected(string inner, string problem)
    {
        var rejection = Records.Rejected($$"""{"relationType":"job","relationId":"1","application":{{inner}} }""");

        Assert.Equal(("application", problem, ElementNames.CandidateProfile), (rejection.Field, rejection.Problem, rejection.Element));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void What_is_no_object_is_rejected(string json) =>
        Assert.Equal("here: record is not an application; expected is a JSON object.", Records.Rejected(json).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"_id\":\"geheim\"")]
    public void What_is_no_JSON_is_rejected_without_quoting_it(string json)
    {
        var rejection = Records.Rejected(json);

        Assert.Equal("here: record is not JSON; expected is one JSON object.", rejection.Message);
        Assert.Equal(json, rejection.Payload);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"  \"")]
    public void A_record_without_its_id_is_rejected(string id)
    {
        var match = Records.Match();
        match["_id"] = JsonNode.Parse(id);
        var flat = Records.Flat();
        flat["matchId"] = JsonNode.Parse(id);

        Assert.Equal("here: _id is missing; every record needs it.", Records.Rejected(match).Message);
        Assert.Equal("here: matchId is missing; every record needs it.", Records.Rejected(flat).Message);
        Assert.Equal("_id", Records.Rejected("{}").Field);
    }

    [Fact]
    public void An_id_is_at_most_100_characters_long()
    {
        var match = Records.Match();
        match["_id"] = new string('a', 100);
        Assert.Equal(100, Records.Understood(match).Id.Value.Length);

        match["_id"] = new string('a', 101);
        Assert.Equal("here: _id has 101 characters; an id has at most 100.", Records.Rejected(match).Message);
    }

    [Theory]
    [InlineData("null", "is missing; an application needs its person")]
    [InlineData("\"636b5e00a1b2c3d4e5f60002\"", "is a text; expected is an object")]
    [InlineData("[1]", "is a list; expected is an object")]
    [InlineData("7", "is a number; expected is an object")]
    public void A_user_that_is_no_object_is_a_rejection_of_the_candidate(string user, string problem)
    {
        var match = Records.Match();
        match["user"] = JsonNode.Parse(user);

        var rejection = Records.Rejected(match);

        Assert.Equal((ElementNames.Candidate, "user", problem), (rejection.Element, rejection.Field, rejection.Problem));
        Assert.Equal(Records.ApplicationId, rejection.Id!.Value.Value);
    }

    [Fact]
    public void A_user_without_id_is_rejected()
    {
        var match = Records.Match();
        match["user"]!.AsObject().Remove("_id");

        Assert.Equal($"here, application {Records.ApplicationId}: user._id is missing; every record needs it.", Records.Rejected(match).Message);
    }
}

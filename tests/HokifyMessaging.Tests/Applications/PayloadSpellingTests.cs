using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

/// <summary>The many ways in which payloads say the same.</summary>
public sealed class PayloadSpellingTests
{
    [Theory]
    [InlineData("2019-05-03T08:30:00.500Z")]
    [InlineData("2019-05-03T10:30:00.500+02:00")]
    [InlineData("2019-05-03T08:30:00.500")]
    [InlineData(" 2019-05-03 08:30:00.500 ")]
    [InlineData("1556872200500")]
    public void An_instant_is_understood_in_every_usual_spelling(string text)
    {
        var match = Records.Match();
        match["lastupdate"] = text;
        Assert.Equal(new DateTimeOffset(2019, 5, 3, 8, 30, 0, 500, TimeSpan.Zero), Records.Understood(match).LastUpdate);
    }

    [Theory]
    [InlineData("03.05.2019 08:30")]
    [InlineData("03.05.2019 08:30:00")]
    [InlineData("3.5.2019 08:30")]
    [InlineData("03.05.2019 10:30:00 +02:00")]
    [InlineData("2019-05-03T08:30Z")]
    [InlineData("2019-05-03T08:30:00+00:00")]
    public void An_instant_of_a_whole_minute_too(string text)
    {
        var match = Records.Match();
        match["lastupdate"] = text;
        Assert.Equal(new DateTimeOffset(2019, 5, 3, 8, 30, 0, TimeSpan.Zero), Records.Understood(match).LastUpdate);
    }

    [Fact]
    public void Unix_milliseconds_and_MongoDBs_dates_are_instants()
    {
        var expected = new DateTimeOffset(2019, 5, 3, 8, 30, 0, TimeSpan.Zero);
        foreach (var value in new[] { "1556872200000", """{"$date":1556872200000}""", """{"$date":{"$numberLong":"1556872200000"}}""", """{"$date":"2019-05-03T08:30:00Z"}""" })
        {
            var match = Records.Match();
            match["lastupdate"] = JsonNode.Parse(value);
            Assert.Equal(expected, Records.Understood(match).LastUpdate);
        }
    }

    [Theory]
    [InlineData("1990-03-31")]
    [InlineData("31.03.1990")]
    [InlineData("1990-03-31T00:00:00.000Z")]
    [InlineData("1990-03-31T00:00:00+02:00")]
    [InlineData("1990-03-30T22:00:00.000Z")]
    [InlineData("1990-03-30T23:00:00.000Z")]
    [InlineData("1990-03-31T21:15:00Z")]
    [InlineData("638841600000")]
    public void A_birthday_is_the_day_that_was_meant(string birthday)
    {
        var match = Records.Match();
        match["user"]!["general"]!["birthday"] = birthday;

        Assert.Equal(new DateOnly(1990, 3, 31), Records.Understood(match).Person.Birthday);
    }

    [Theory]
    [InlineData("phone")]
    [InlineData("phoneNumber")]
    [InlineData("telephone")]
    public void A_phone_number_has_many_names(string name)
    {
        var match = Records.Match();
        var general = match["user"]!["general"]!.AsObject();
        general.Remove("phone");
        general[name] = "+43 1";

        var application = Records.Understood(match);

        Assert.Equal("+43 1", application.Person.Phone);
        Assert.Equal(0, application.UnknownMembers);
    }

    [Theory]
    [InlineData("birthday")]
    [InlineData("birthDate")]
    [InlineData("dateOfBirth")]
    public void A_birthday_has_many_names(string name)
    {
        var match = Records.Match();
        var general = match["user"]!["general"]!.AsObject();
        general.Remove("birthday");
        general[name] = "1.2.1980";

        Assert.Equal(new DateOnly(1980, 2, 1), Records.Understood(match).Person.Birthday);
    }

    [Theory]
    [InlineData("""{"address":{"street":"Ring 1","zip":1010,"city":"Wien"}}""")]
    [InlineData("""{"location":{"street":"Ring","streetNumber":1,"code":"1010","city":"Wien"}}""")]
    [InlineData("""{"street":"Ring 1","postalCode":"1010","city":"Wien"}""")]
    [InlineData("""{"address":"Ring 1","zipCode":"1010","location":"Wien"}""")]
    public void An_address_is_understood_wherever_it_stands(string general)
    {
        var match = Records.Match();
        match["user"]!["general"] = JsonNode.Parse(general);

        Assert.Equal(new Address("Ring 1", "1010", "Wien", null, null, null), Records.Understood(match).Person.Address);
    }

    [Fact]
    public void Answers_are_taken_in_any_shape()
    {
        var match = Records.Match();
        match["interviewQuestions"] = JsonNode.Parse(
            """[{"question":"a","currentAnswer":7},{"question":"b","currentAnswer":true},{"question":"c","currentAnswer":["x",{"name":"y"}]},{"question":"d","currentAnswer":{"z":1}}]""");
        match.Remove("answers");

        Assert.Equal(["7", "true", "x, y", """{"z":1}"""], Records.Understood(match).Answers.Select(answer => answer.Answer!));
    }
}

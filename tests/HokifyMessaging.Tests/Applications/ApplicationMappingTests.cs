using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public class ApplicationMappingTests
{
    [Fact]
    public void A_person_reaches_the_columns_of_the_candidate()
    {
        var candidate = Records.Mapped(Records.Match()).Candidate;

        Assert.Equal(("Birgit", "Musterfrau", "Birgit M."), (candidate.FirstName, candidate.LastName, candidate.DisplayName));
        Assert.Equal(("birgit@mail.example", "436601234567"), (candidate.Email, candidate.Phone));
        Assert.Equal((new DateOnly(1990, 3, 31), "female", "Österreich", "de"), (candidate.Birthday!.Value, candidate.Gender, candidate.Nationality, candidate.Language));
        Assert.Equal("https://img.example/l.jpg", candidate.PictureUrl);
        Assert.Equal(("Hauptstraße 1", "1010", "Wien", "Wien", "Österreich"), (candidate.Street, candidate.PostalCode, candidate.City, candidate.Region, candidate.Country));
        Assert.Equal(
            """[{"title":"Kellnerin","company":"Café Alt","summary":"Service","fields":["Gastronomie"],"start":"2015-01-01T00:00:00+00:00","end":"2017-12-31T00:00:00+00:00","isCurrent":false},{"title":"Köchin","company":"Gasthaus Neu","summary":"Küche","fields":["Küche"],"start":"2018-01-01T00:00:00+00:00","isCurrent":true}]""",
            candidate.Experiences);
        Assert.Contains("HTL Wien", candidate.Educations, StringComparison.Ordinal);
        Assert.Equal("""[{"category":"Sprachen","title":"Englisch","text":"fließend"}]""", candidate.Skills);
    }

    [Fact]
    public void An_application_reaches_the_columns_of_the_profile()
    {
        var mapped = Records.Mapped(Records.Match());
        var profile = mapped.Profile;

        Assert.Equal((Records.ApplicationId, Records.PersonId), (mapped.Id.Value, mapped.PersonId.Value));
        Assert.Equal(new DateTimeOffset(2019, 5, 3, 8, 30, 0, 500, TimeSpan.Zero), mapped.Version);
        Assert.Equal(("Koch (m/w)", "job", "Vollzeit, unbefristet"), (profile.Name, profile.PreferredKind, profile.PreferredTypes));
        Assert.Equal(("Gastronomie, Küche", "Koch (m/w)"), (profile.PreferredCategories, profile.PreferredPositions));
        Assert.Equal(("636b5e00a1b2c3d4e5f60004", "1020 Wien"), (profile.PreferredOrganisationIds, profile.PreferredRegions));
        Assert.Equal("2.400 EUR", profile.PreferredSallery);
        Assert.Equal(new DateTime(2019, 7, 1), profile.CurrentEarliestEntryDate);
        Assert.Equal(("Gasthaus Neu", "Köchin", "Küche"), (profile.CurrentEmployer, profile.CurrentPosition, profile.CurrentCategory));
        Assert.Equal(new DateTime(2009, 6, 30), profile.CurrentEndOfEducation);
        Assert.Equal("Sehr geehrte Damen und Herren", profile.CoverLetter);
        Assert.Equal("""{"type":"coverLetter","title":"Anschreiben","url":"https://files.example/1.pdf","originalName":"brief.pdf"}""", profile.CoverLetterFile);
        Assert.Equal("https://files.example/2.mp4", profile.VideoUrl);
        Assert.Equal((true, true), (profile.Consent, profile.ConsentGDPR));
        Assert.Equal(("newapplicant", true), (profile.Status, profile.IsActive));
        Assert.Equal(new DateTimeOffset(2019, 5, 1, 8, 0, 0, TimeSpan.Zero), profile.DatePublish);
        Assert.Equal("Birgit M.", profile.CandidateName);
        Assert.Equal(
            "Job number: 4711\nJob wage: 2.100 EUR brutto\nJob page: https://hokify.example/job/4711\nHaben Sie einen Führerschein?: Ja, B\nSind Schichten für Sie in Ordnung?: true",
            profile.Comment);
    }

    [Fact]
    public void An_application_to_a_company_is_named_after_it()
    {
        var item = Records.Today();
        item["relationType"] = "company";
        item["application"]!["company"] = new JsonObject { ["name"] = "Gasthaus Muster" };

        var profile = Records.Mapped(item).Profile;

        Assert.Equal(("Gasthaus Muster", "company", "636b5e00a1b2c3d4e5f60003"), (profile.Name, profile.PreferredKind, profile.PreferredOrganisationIds));
        Assert.Null(profile.PreferredPositions);
    }

    [Fact]
    public void A_job_without_a_name_goes_by_the_id_that_the_ATS_gave_it() =>
        Assert.Equal("hy-1", Records.Mapped(Records.Today()).Profile.Name);

    [Theory]
    [InlineData("true", true)]
    [InlineData("pending", true)]
    [InlineData("needreview", true)]
    [InlineData("saved", true)]
    [InlineData(null, true)]
    [InlineData("false", false)]
    public void Only_a_clear_no_takes_an_application_out(string? likeUser, bool isActive)
    {
        var match = Records.Match();
        match["likeuser"] = likeUser;

        Assert.Equal(isActive, Records.Mapped(match).Profile.IsActive);
    }

    [Fact]
    public void A_consent_that_nobody_has_given_is_none()
    {
        var match = Records.Match();
        match["user"]!["general"]!.AsObject().Remove("consent");
        match["user"]!["general"]!.AsObject().Remove("consentGDPR");

        var profile = Records.Mapped(match).Profile;

        Assert.Equal((false, false), (profile.Consent, profile.ConsentGDPR));
    }

    [Fact]
    public void Without_a_current_position_the_latest_that_has_not_ended_counts()
    {
        var match = Records.Match();
        match["user"]!["cvInfo"]!["experiences"] = JsonNode.Parse(
            """[{"title":"A","startDate":"2010"},{"title":"B","startDate":"2012"},{"title":"C","startDate":"2014","endDate":"2015"}]""");
        Assert.Equal("B", Records.Mapped(match).Profile.CurrentPosition);

        match["user"]!["cvInfo"]!["experiences"] = JsonNode.Parse("""[{"title":"C","startDate":"2014","endDate":"2015"}]""");
        Assert.Null(Records.Mapped(match).Profile.CurrentPosition);
    }

    [Theory]
    [InlineData("""[{"status":"completed","endDate":"2009-06-30"},{"status":"completed","endDate":"2012-06-30"}]""", "2012-06-30")]
    [InlineData("""[{"status":"completed","endDate":"2012-06-30"},{"status":"canceled","endDate":"2015-06-30"}]""", "2012-06-30")]
    [InlineData("""[{"status":"completed","endDate":"2012-06-30"},{"status":"studying","endDate":"2030-06-30"}]""", "2030-06-30")]
    [InlineData("""[{"status":"completed","endDate":"2012-06-30"},{"status":"studying"}]""", null)]
    [InlineData("[]", null)]
    public void The_end_of_education_is_that_of_the_latest_or_ongoing_one(string educations, string? end)
    {
        var match = Records.Match();
        match["user"]!["cvInfo"]!["educations"] = JsonNode.Parse(educations);

        Assert.Equal(
            end is null ? null : DateTime.Parse(end, System.Globalization.CultureInfo.InvariantCulture),
            Records.Mapped(match).Profile.CurrentEndOfEducation);
    }

    [Theory]
    [InlineData("sofort", null, "sofort")]
    [InlineData("01.07.2019", "2019-07-01", null)]
    [InlineData("2019-07-01T00:00:00Z", "2019-07-01", null)]
    public void A_free_answer_in_the_place_of_a_date_is_kept_where_text_fits(string answer, string? date, string? text)
    {
        var match = Records.Match();
        match["interviewQuestions"]![1]!["currentAnswer"] = answer;

        var profile = Records.Mapped(match).Profile;

        Assert.Equal(date, profile.CurrentEarliestEntryDate?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(text, profile.PreferredStartDate);
    }

    [Fact]
    public void A_second_answer_for_one_column_stays_in_the_comment()
    {
        var match = Records.Match();
        match["interviewQuestions"]!.AsArray().Add(Records.Parse("""{"question":"Gehaltswunsch?","currentAnswer":"3.000"}"""));

        var profile = Records.Mapped(match).Profile;

        Assert.Equal("2.400 EUR", profile.PreferredSallery);
        Assert.Contains("Gehaltswunsch?: 3.000", profile.Comment, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("keines")]
    public void Only_web_addresses_become_links(string address)
    {
        var match = Records.Match();
        match["user"]!["images"] = address;
        match["user"]!["extras"]![1]!["url"] = address;
        match["interviewQuestions"]!.AsArray().Add(new JsonObject { ["question"] = "Ihr Video?", ["currentAnswer"] = address });

        var mapped = Records.Mapped(match);

        Assert.Null(mapped.Candidate.PictureUrl);
        Assert.Null(mapped.Profile.VideoUrl);
        Assert.Contains($"Ihr Video?: {address}", mapped.Profile.Comment, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_as_long_as_its_column_fits_and_a_longer_one_is_refused_whole()
    {
        var match = Records.Match();
        match["user"]!["general"]!["firstName"] = new string('x', 200);
        Assert.Equal(200, Records.Mapped(match).Candidate.FirstName!.Length);

        match["user"]!["general"]!["firstName"] = new string('x', 201);
        var outcome = new ApplicationMapping(new MappingOptions()).Map(Records.Understood(match), "a.csv line 3");
        var rejection = outcome.Rejected();

        Assert.Equal(ElementNames.Candidate, rejection.Element);
        Assert.Equal(
            $"a.csv line 3, application {Records.ApplicationId}: FirstName has 201 characters; the column holds at most 200.", rejection.Message);
        Assert.Contains("xxx", rejection.Payload, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(LimitedColumns))]
    public void Every_limited_column_of_the_profile_that_an_answer_fills_refuses_what_is_too_long(string column, int maximum)
    {
        var match = Records.Match();
        var prefix = column == "VideoUrl" ? "https://x.example/" : "";
        match["interviewQuestions"] = new JsonArray(new JsonObject { ["question"] = "Q", ["externalId"] = "q", ["currentAnswer"] = prefix + new string('9', maximum + 1 - prefix.Length) });
        var options = new MappingOptions { Questions = [new QuestionRule { ExternalId = "q", Column = column }] };

        var outcome = new ApplicationMapping(options).Map(Records.Understood(match), "here");

        var rejection = outcome.Rejected();
        Assert.Equal((ElementNames.CandidateProfile, column), (rejection.Element, rejection.Field));
        Assert.Equal($"has {maximum + 1} characters; the column holds at most {maximum}", rejection.Problem);
    }

    public static TheoryData<string, int> LimitedColumns =>
    [
        .. ProfileColumns.All
            .Where(column => column.MaxLength is not null && QuestionColumns.Targets.Contains(column.Name))
            .Select(column => new TheoryDataRow<string, int>(column.Name, column.MaxLength!.Value)),
    ];

    [Fact]
    public void An_erased_person_is_mapped_to_the_ids_alone()
    {
        var match = Records.Match();
        match["user"]!["privacyAutoDeleted"] = true;

        var mapped = Records.Mapped(match);

        Assert.True(mapped.PrivacyAutoDeleted);
        Assert.Equal((new CandidateColumns(), new ProfileColumns()), (mapped.Candidate, mapped.Profile));
        Assert.Equal((Records.ApplicationId, Records.PersonId), (mapped.Id.Value, mapped.PersonId.Value));
    }
}

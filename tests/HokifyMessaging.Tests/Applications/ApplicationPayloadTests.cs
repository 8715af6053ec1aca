using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public class ApplicationPayloadTests
{
    [Fact]
    public void A_match_of_2019_is_read_with_everything_that_has_a_member()
    {
        var application = Records.Understood(Records.Match());

        Assert.Equal(Records.ApplicationId, application.Id.Value);
        Assert.Equal("job", application.RelationType);
        Assert.Equal("newapplicant", application.ContactStage);
        Assert.Equal("true", application.LikeUser);
        Assert.Equal(new DateTimeOffset(2019, 5, 1, 8, 0, 0, TimeSpan.Zero), application.AppliedAt);
        Assert.Equal(new DateTimeOffset(2019, 5, 3, 8, 30, 0, 500, TimeSpan.Zero), application.LastUpdate);
        Assert.Equal(0, application.UnknownMembers);

        var person = application.Person;
        Assert.Equal(Records.PersonId, person.Id.Value);
        Assert.Equal(("Birgit", "Musterfrau", "Birgit M."), (person.FirstName, person.LastName, person.DisplayName));
        Assert.Equal(("birgit@mail.example", "436601234567"), (person.Email, person.Phone));
        Assert.Equal(new DateOnly(1990, 3, 31), person.Birthday);
        Assert.Equal(("female", "Österreich", "de"), (person.Gender, person.Nationality, person.Language));
        Assert.Equal("https://img.example/l.jpg", person.PictureUrl);
        Assert.Equal(new Address("Hauptstraße 1", "1010", "Wien", "Wien", "Österreich", "AT"), person.Address);
        Assert.Equal((true, true), (person.Consent, person.ConsentGdpr));

        var job = application.Job!;
        Assert.Equal(("636b5e00a1b2c3d4e5f60003", "4711", "Koch (m/w)"), (job.Id, job.Number, job.Name));
        Assert.Equal(("Vollzeit", "unbefristet", "1020 Wien"), (job.Type, job.EmploymentType, job.Location));
        Assert.Equal(["Gastronomie", "Küche"], job.Fields);
        Assert.Equal(new Company("636b5e00a1b2c3d4e5f60004", "Gasthaus Muster"), application.Company);

        Assert.Equal(["Café Alt", "Gasthaus Neu"], application.Experiences.Select(experience => experience.Company!));
        Assert.Equal(new DateTimeOffset(2018, 1, 1, 0, 0, 0, TimeSpan.Zero), application.Experiences[1].Start);
        var education = Assert.Single(application.Educations);
        Assert.Equal(("HTL Wien", "Matura, HTL", "Reifeprüfung", "completed"), (education.School, education.Level, education.Degree, education.Status));
        Assert.Equal(new Skill("Sprachen", "Englisch", "fließend"), Assert.Single(application.Skills));
        Assert.Equal(["coverLetter", "video"], application.Attachments.Select(attachment => attachment.Type!));
    }

    [Fact]
    public void The_job_completes_the_answers_that_only_name_a_question()
    {
        var application = Records.Understood(Records.Match());

        Assert.Equal(5, application.Answers.Count);
        Assert.Equal(new InterviewAnswer("q-shift", "SHIFT", "Sind Schichten für Sie in Ordnung?", "true"), application.Answers[^1]);
    }

    [Fact]
    public void Todays_item_says_which_job_is_meant()
    {
        var application = Records.Understood(Records.Today());

        Assert.Equal(Records.ApplicationId, application.Id.Value);
        Assert.Equal(("636b5e00a1b2c3d4e5f60003", "hy-1", "job"), (application.Job!.Id, application.SourceId, application.RelationType));
        Assert.Null(application.Company);
        Assert.Equal(0, application.UnknownMembers);
    }

    [Theory]
    [InlineData("company")]
    [InlineData("Company")]
    public void Todays_item_for_a_company_has_no_job(string relationType)
    {
        var item = Records.Today();
        item["relationType"] = relationType;

        var application = Records.Understood(item);

        Assert.Null(application.Job);
        Assert.Equal("636b5e00a1b2c3d4e5f60003", application.Company!.Id);
    }

    [Theory]
    [InlineData("application")]
    [InlineData("applications")]
    public void Todays_item_may_hold_its_application_in_a_list(string name)
    {
        var item = Records.Today();
        var inner = item["application"]!;
        item.Remove("application");
        item[name] = new JsonArray(inner);

        Assert.Equal(Records.ApplicationId, Records.Understood(item).Id.Value);
    }

    [Theory]
    [InlineData("""{"user":{"general":{"birthday":"31.02.1990"}}}""", "user.general.birthday", ElementNames.Candidate)]
    [InlineData("""{"user":{"general":{"birthday":true}}}""", "user.general.birthday", ElementNames.Candidate)]
    [InlineData("""{"user":{"general":{"birthday":"1899-12-31"}}}""", "user.general.birthday", ElementNames.Candidate)]
    [InlineData("""{"user":{"general":"text"}}""", "user.general", ElementNames.Candidate)]
    [InlineData("""{"user":{"general":{"firstName":{"de":"x"}}}}""", "user.general.firstName", ElementNames.Candidate)]
    [InlineData("""{"user":{"cvInfo":{"experiences":[{},{"startDate":"bald"}]}}}""", "user.cvInfo.experiences[1].startDate", ElementNames.Candidate)]
    [InlineData("""{"user":{"cvInfo":{"skills":"viele"}}}""", "user.cvInfo.skills", ElementNames.Candidate)]
    [InlineData("""{"user":{"cvInfo":{"skills":["kochen"]}}}""", "user.cvInfo.skills[0]", ElementNames.Candidate)]
    [InlineData("""{"lastupdate":"gestern"}""", "lastupdate", ElementNames.CandidateProfile)]
    [InlineData("""{"lastupdate":99999999999999999}""", "lastupdate", ElementNames.CandidateProfile)]
    [InlineData("""{"datematch":"2201-01-01T00:00:00Z"}""", "datematch", ElementNames.CandidateProfile)]
    [InlineData("""{"datematch":{"x":1}}""", "datematch", ElementNames.CandidateProfile)]
    [InlineData("""{"job":{"date":"0001-01-01T00:00:00Z"}}""", "job.date", ElementNames.CandidateProfile)]
    public void A_value_that_makes_no_sense_is_rejected_by_its_path_and_not_by_its_value(string change, string field, string element)
    {
        var match = Records.Match();
        Merge(match, Records.Parse(change));

        var rejection = Records.Rejected(match);

        Assert.Equal((field, element), (rejection.Field, rejection.Element));
        Assert.Equal(Records.ApplicationId, rejection.Id!.Value.Value);
        Assert.StartsWith($"here, application {Records.ApplicationId}: {field} ", rejection.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("31.02", rejection.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bald", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absent_and_null_members_are_fine()
    {
        var application = Records.Understood(Records.Parse(
            """{"_id":"1","user":{"_id":"2","general":null,"cvInfo":null,"extras":null,"images":null},"job":null,"interviewQuestions":null,"lastupdate":null,"datematch":""}"""));

        Assert.Null(application.LastUpdate);
        Assert.Null(application.AppliedAt);
        Assert.Null(application.Job);
        Assert.Null(application.Person.Address);
        Assert.Empty(application.Answers);
    }

    [Fact]
    public void Unknown_members_are_counted_at_every_depth_and_never_a_failure()
    {
        var match = Records.Match();
        Merge(match, Records.Parse("""{"new1":1,"user":{"new2":{"inner":{"deeper":1}},"general":{"new3":1},"cvInfo":{"completeness":{"new4":1}}},"job":{"company":{"new5":[]}}}"""));
        match["interviewQuestions"]![0]!["new6"] = 1;
        match["user"]!["cvInfo"]!["experiences"]![1]!["company"]!["a name of more than sixty-four characters, which nobody has documented"] = 1;
        var item = Records.Today();
        item["new1"] = 1;
        item["application"]!["new2"] = 2;
        var flat = Records.Flat();
        flat["new1"] = 1;
        flat["additionalFiles"]![0]!["new2"] = 1;

        Assert.Equal(7, Records.Understood(match).UnknownMembers);
        Assert.Equal(2, Records.Understood(item).UnknownMembers);
        Assert.Equal(2, Records.Understood(flat).UnknownMembers);
    }

    [Fact]
    public void An_erased_person_leaves_nothing_but_the_ids()
    {
        var match = Records.Match();
        match["user"]!["privacyAutoDeleted"] = true;
        match["user"]!["general"] = "gone";
        match["lastupdate"] = "no date either";

        var application = Records.Understood(match);

        Assert.True(application.Person.PrivacyAutoDeleted);
        Assert.Equal(new Person { Id = new PersonId(Records.PersonId), PrivacyAutoDeleted = true }, application.Person);
        Assert.DoesNotContain("Musterfrau", application.Payload, StringComparison.Ordinal);
        var again = Records.Understood(JsonNode.Parse(application.Payload)!);
        Assert.Equal((application.Id, application.Person), (again.Id, again.Person));
    }

    [Fact]
    public void An_erased_person_may_have_lost_the_id_as_well()
    {
        var match = Records.Match();
        match["user"] = new JsonObject { ["privacyAutoDeleted"] = true };

        var application = Records.Understood(match);

        Assert.Equal(new Person { Id = PersonId.OfApplication(application.Id), PrivacyAutoDeleted = true }, application.Person);
        Assert.Equal(application.Person, Records.Understood(JsonNode.Parse(application.Payload)!).Person);
    }

    [Fact]
    public void A_rejection_says_whose_record_it_is()
    {
        var (match, flat) = (Records.Match(), Records.Flat());
        match["lastupdate"] = "no date";
        flat["applicationDate"] = "no date";
        var overlong = Records.Understood(Records.Match());
        overlong = overlong with { Person = overlong.Person with { Gender = new string('x', 51) } };

        Assert.Equal(new PersonId(Records.PersonId), Records.Rejected(match).Person);
        Assert.Equal(PersonId.Of(PersonKey.Of("anna.huber@mail.example", "Anna Maria Huber")), Records.Rejected(flat).Person);
        Assert.Equal(
            new PersonId(Records.PersonId),
            new ApplicationMapping(new MappingOptions()).Map(overlong, "here").Rejected().Person);
    }

    [Fact]
    public void Broken_Unicode_is_rejected()
    {
        Assert.Equal("is not valid Unicode text", Records.Rejected("""{"_id":"1","user":{"_id":"2","general":{"firstName":"\ud83d"}}}""").Problem);
        Assert.Equal("record", Records.Rejected("""{"_id":"1","user":{"_id":"2"},"us\ud83d":1}""").Field);

        var bytes = Encoding.Latin1.GetBytes("""{"_id":"1","user":{"_id":"2","displayName":"M""" + "\u00fcller\"}}");
        using var document = JsonDocument.Parse(bytes);
        var rejected = ApplicationPayload.Read(document.RootElement, "here").Rejected();
        Assert.Equal("user.displayName", rejected.Field);
    }

    [Theory]
    [InlineData("today")]
    [InlineData("match")]
    [InlineData("flat")]
    public void The_payload_of_each_generation_can_be_read_again(string generation)
    {
        var record = generation switch { "today" => Records.Today(), "match" => Records.Match(), _ => Records.Flat() };
        var first = Records.Understood(record);

        var second = Records.Understood(JsonNode.Parse(first.Payload)!);

        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(second));
        Assert.Equal(Records.Mapped(first).ProfileHash, Records.Mapped(second).ProfileHash);
        Assert.Equal(Records.Mapped(first).CandidateHash, Records.Mapped(second).CandidateHash);
    }

    private static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    [Fact]
    public void A_record_left_for_later_says_the_id_that_reading_it_finds()
    {
        foreach (var record in new[] { Records.Today(), Records.Flat() })
        {
            using var document = JsonDocument.Parse(record.ToJsonString());
            var later = ApplicationPayload.ReadLater(document.RootElement, "here");
            var read = later.Read().Understood();

            Assert.NotNull(later.Hash);
            Assert.Equal(read.Id, later.Id);
            Assert.Equal(Records.Mapped(record).ProfileHash, Records.Mapped(read).ProfileHash);
        }
    }

    [Theory]
    [InlineData("""{"_id":{"$oid":"636b5e00a1b2c3d4e5f60001"},"user":{"_id":"u1"}}""")]
    [InlineData("""{"_id":17,"user":{"_id":"u1"}}""")]
    [InlineData("""{"user":{"_id":"u1"}}""")]
    [InlineData("""{"relationType":"job","application":[]}""")]
    [InlineData("""{"relationType":"job","application":null,"applications":[{"_id":"a1","user":{"_id":"u1"}}]}""")]
    [InlineData("""["_id"]""")]
    [InlineData("17")]
    public void A_record_whose_id_takes_more_than_a_look_is_read_at_once(string json)
    {
        using var document = JsonDocument.Parse(json);

        var record = ApplicationPayload.ReadLater(document.RootElement, "here");

        Assert.Equal(ApplicationPayload.Read(document.RootElement, "here").Id(), record.Id);
        Assert.Null(record.Hash);
    }

    [Fact]
    public void Any_difference_in_a_record_makes_another_hash()
    {
        string[] records =
        [
            """{"_id":"a1","user":{"_id":"u1"}}""", """{"_id":"a1","user":{"_id":"u2"}}""", """{"_id":"a1","user":{"_id":"u1"},"x":1}""", """{"_id":"a1","user":{"_id":"u1","x":1}}""",
        ];

        var hashes = records.Select(json =>
        {
            using var document = JsonDocument.Parse(json);
            return Assert.NotNull(ApplicationPayload.ReadLater(document.RootElement, "here").Hash);
        });

        Assert.Equal(records.Length, hashes.Distinct().Count());
    }
}

using HokifyMessaging.Applications;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Applications;

public class QuestionColumnsTests
{
    [Theory]
    [InlineData("Was ist Ihre Gehaltsvorstellung (brutto/Monat)?", "PreferredSallery")]
    [InlineData("Wieviel möchten Sie verdienen?", "PreferredSallery")]
    [InlineData("What is your salary expectation?", "PreferredSallery")]
    [InlineData("Expected salary", "PreferredSallery")]
    [InlineData("Wie hoch ist Ihr aktuelles Gehalt?", "CurrentSallery")]
    [InlineData("Current salary?", "CurrentSallery")]
    [InlineData("Kündigungsfrist", "CurrentNoticePeriod")]
    [InlineData("Wie lange ist Ihre KUENDIGUNGSFRIST?", "CurrentNoticePeriod")]
    [InlineData("What is your notice period?", "CurrentNoticePeriod")]
    [InlineData("Frühester Eintrittstermin", "CurrentEarliestEntryDate")]
    [InlineData("Ab wann sind Sie verfügbar?", "CurrentEarliestEntryDate")]
    [InlineData("Wann könnten Sie anfangen?", "CurrentEarliestEntryDate")]
    [InlineData("Earliest start date", "CurrentEarliestEntryDate")]
    [InlineData("When are you available?", "CurrentEarliestEntryDate")]
    [InlineData("Wunschtermin für den Einstieg", "PreferredStartDate")]
    [InlineData("Desired start", "PreferredStartDate")]
    [InlineData("Start date", "PreferredStartDate")]
    [InlineData("Gewünschte Dauer", "PreferredDurance")]
    [InlineData("Duration of the internship", "PreferredDurance")]
    [InlineData("Motivationsschreiben", "CoverLetter")]
    [InlineData("Warum bewirbst du dich bei uns?", "CoverLetter")]
    [InlineData("Cover letter", "CoverLetter")]
    [InlineData("Why do you want to work here?", "CoverLetter")]
    [InlineData("Wechselgrund", "CurrentChangeReason")]
    [InlineData("Was ist Ihre Wechselmotivation?", "CurrentChangeReason")]
    [InlineData("Reason for changing jobs", "CurrentChangeReason")]
    [InlineData("Welche Erwartungen haben Sie an uns?", "CurrentExpectations")]
    [InlineData("What are your expectations?", "CurrentExpectations")]
    [InlineData("Auf Jobsuche seit", "CurrentJobHuntingSince")]
    [InlineData("Seit wann suchen Sie?", "CurrentJobHuntingSince")]
    [InlineData("How long have you been looking for a job?", "CurrentJobHuntingSince")]
    [InlineData("Beschäftigungsstatus", "CurrentStatus")]
    [InlineData("Employment status", "CurrentStatus")]
    [InlineData("Link zu deinem Video", "VideoUrl")]
    [InlineData("Ich stimme den Datenschutzbestimmungen zu (Zustimmung erforderlich)", "ConsentGDPR")]
    [InlineData("Do you agree to our privacy policy?", "ConsentGDPR")]
    [InlineData("Ende der Ausbildung", "CurrentEndOfEducation")]
    [InlineData("Haben Sie einen Führerschein?", null)]
    [InlineData("Haben Sie Erfahrung mit Datenschutz?", null)]
    [InlineData("Sind Sie mit Schichtarbeit einverstanden?", null)]
    public void Usual_questions_find_their_column(string question, string? column) =>
        Assert.Equal(column, new QuestionColumns(new MappingOptions()).ColumnOf(new InterviewAnswer(null, null, question, "x")));

    [Fact]
    public void Configured_rules_come_first_and_may_stand_alone()
    {
        var answer = new InterviewAnswer("1", "EXT", "Gehaltsvorstellung?", "x");
        var byId = new MappingOptions { Questions = [new QuestionRule { ExternalId = "EXT", Column = "preferredtext" }] };
        var byPattern = new MappingOptions { Questions = [new QuestionRule { Pattern = "^gehalt", Column = "CurrentStatus" }] };
        var none = new MappingOptions { UseDefaultQuestions = false, Questions = [new QuestionRule { ExternalId = "ext", Column = "PreferredText" }] };

        Assert.Equal("PreferredText", new QuestionColumns(byId).ColumnOf(answer));
        Assert.Equal("CurrentStatus", new QuestionColumns(byPattern).ColumnOf(answer));
        Assert.Null(new QuestionColumns(none).ColumnOf(answer));
    }

    [Theory]
    [InlineData(null, null, "PreferredText", "Hokify:Mapping:Questions:0 has neither Pattern nor ExternalId; expected is one of them.")]
    [InlineData("", "", "PreferredText", "Hokify:Mapping:Questions:0 has neither Pattern nor ExternalId; expected is one of them.")]
    [InlineData("a", "b", "PreferredText", "Hokify:Mapping:Questions:0 has both Pattern and ExternalId; expected is one of them.")]
    [InlineData("a", null, "PreferredSalary", "Hokify:Mapping:Questions:0 names the column 'PreferredSalary', which no answer can fill; expected is one of PreferredKind, ")]
    [InlineData("a", null, "Status", "Hokify:Mapping:Questions:0 names the column 'Status', which no answer can fill; ")]
    [InlineData("(", null, "PreferredText", "Hokify:Mapping:Questions:0 has the pattern '(', which is not a regular expression (")]
    [InlineData("(?=a)b", null, "PreferredText", "Hokify:Mapping:Questions:0 has the pattern '(?=a)b', which looks around or back; ")]
    public void A_rule_that_is_not_usable_is_one_clear_sentence(string? pattern, string? externalId, string column, string sentence)
    {
        var options = new MappingOptions { Questions = [new QuestionRule { Pattern = pattern, ExternalId = externalId, Column = column }] };

        var problem = Assert.Single(QuestionColumns.Problems(options));

        Assert.StartsWith(sentence, problem, StringComparison.Ordinal);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ApplicationMapping(options));
    }

    [Fact]
    public void Every_target_is_a_column_and_receives_its_answer()
    {
        foreach (var target in QuestionColumns.Targets)
        {
            var column = Assert.Single(ProfileColumns.All, column => column.Name == target);
            var answer = target switch
            {
                "Consent" or "ConsentGDPR" => "ja",
                "VideoUrl" => "https://x.example/v",
                _ => "01.02.2020",
            };
            var application = new HokifyApplication
            {
                Id = new ApplicationId("1"),
                Person = new Person { Id = new PersonId("2") },
                Answers = [new InterviewAnswer(null, "q", "Q", answer)],
                Payload = "{}",
            };

            var profile = Records.Mapped(application, new MappingOptions { Questions = [new QuestionRule { ExternalId = "q", Column = target }] }).Profile;

            object expected = column.Value(profile) switch { DateTime => new DateTime(2020, 2, 1), bool => true, _ => answer };
            Assert.Equal(expected, column.Value(profile));
            Assert.Null(profile.Comment);
        }
    }
}

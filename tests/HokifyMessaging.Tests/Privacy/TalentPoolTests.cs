using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Who has agreed to be kept for other jobs.</summary>
public sealed class TalentPoolTests
{
    private const string Payload = """{"_id":"a1","interviewQuestions":[{"question":"Dürfen wir Sie in Evidenz halten?","externalId":"Q7","currentAnswer":"Ja, gerne"}]}""";

    [Fact]
    public void A_column_that_is_a_flag_says_it_itself()
    {
        var pool = new TalentPool(new TalentPoolOptions { Months = 24, Column = "consent" });

        Assert.True(pool.HasConsent(new ProfileColumns { Consent = true }, null));
        Assert.False(pool.HasConsent(new ProfileColumns(), Payload));
        Assert.False(pool.NeedsPayload);
    }

    [Theory]
    [InlineData("ja", true)]
    [InlineData("Yes.", true)]
    [InlineData("nein", false)]
    [InlineData("ja, aber nur bis Mai", false)]
    [InlineData(null, false)]
    public void Without_answers_of_its_own_a_yes_is_what_is_one_elsewhere(string? text, bool agrees) =>
        Assert.Equal(agrees, new TalentPool(new TalentPoolOptions { Months = 24, Column = "PreferredText" }).HasConsent(new ProfileColumns { PreferredText = text }, null));

    [Theory]
    [InlineData("evidenz", null, "ja, gerne", true)]
    [InlineData(null, "Q7", "ja, gerne", true)]
    [InlineData(null, "q7", "ja, gerne", false)]
    [InlineData("evidenz", null, "ja", false)]
    [InlineData("newsletter", null, "ja, gerne", false)]
    public void A_question_is_looked_for_in_the_record_as_it_was_received(string? question, string? externalId, string answer, bool agrees)
    {
        var pool = new TalentPool(new TalentPoolOptions { Months = 24, Question = question, ExternalId = externalId, Answers = { answer } });

        Assert.True(pool.NeedsPayload);
        Assert.Equal(agrees, pool.HasConsent(new ProfileColumns(), Payload));
    }

    [Fact]
    public void Where_the_record_is_not_kept_any_more_the_line_behind_the_question_says_it()
    {
        var pool = new TalentPool(new TalentPoolOptions { Months = 24, Question = "evidenz" });

        Assert.True(pool.HasConsent(new ProfileColumns { Comment = "Job number: 17\nDürfen wir Sie in Evidenz halten?: ja" }, null));
        Assert.False(pool.HasConsent(new ProfileColumns { Comment = "Job number: 17\nDürfen wir Sie in Evidenz halten?: nein" }, null));
        Assert.False(pool.HasConsent(new ProfileColumns { Comment = "Evidenz: vielleicht" }, "{}"));
    }
}

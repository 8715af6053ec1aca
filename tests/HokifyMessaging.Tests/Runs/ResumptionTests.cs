using HokifyMessaging.Runs;

namespace HokifyMessaging.Tests.Runs;

/// <summary>When a run that failed as a whole is resumed by itself.</summary>
public sealed class ResumptionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly RunFailure Away = new("hokify is away");

    [Fact]
    public void The_first_resume_comes_after_seconds_and_the_pauses_grow()
    {
        var options = new ImportOptions();
        var pauses = Enumerable.Range(0, options.FailedRunRetries).Select(before => (Resumption.After(Away, before, Now, options).ResumeAt - Now)?.TotalSeconds);

        Assert.Equal([5, 20, 80, 320, 1280], pauses);
        Assert.Equal(new Resumption(6, null), Resumption.After(Away, 5, Now, options));
    }

    [Theory]
    [InlineData("00:00:01", null, 1, "00:00:01")]
    [InlineData("00:00:05", null, 8, "01:00:00")]
    [InlineData("00:00:05", null, 100, "01:00:00")]
    [InlineData("01:00:00", null, 1, "01:00:00")]
    [InlineData("01:00:00", null, 2, "01:00:00")]
    [InlineData("00:00:05", "00:10:00", 4, "00:05:20")]
    [InlineData("00:00:05", "00:10:00", 5, "00:10:00")]
    [InlineData("01:00:00", "1.00:00:00", 3, "16:00:00")]
    [InlineData("01:00:00", "1.00:00:00", 4, "1.00:00:00")]
    [InlineData("01:00:00", "00:10:00", 1, "00:10:00")]
    public void A_pause_is_never_longer_than_an_hour_or_than_the_setting_says(string first, string? longest, int failures, string pause)
    {
        var options = new ImportOptions { FailedRunRetries = 100, FailedRunDelay = Duration(first) };
        if (longest is not null)
        {
            options.FailedRunLongestDelay = Duration(longest);
        }

        Assert.Equal(new Resumption(failures, Now + Duration(pause)), Resumption.After(Away, failures - 1, Now, options));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(300, 300)]
    [InlineData(7_200, 7_200)]
    [InlineData(86_400, 86_400)]
    [InlineData(900_000, 86_400)]
    public void A_source_that_only_asks_to_wait_is_asked_again_when_it_said_within_a_day_and_no_failure_is_counted(int asked, int pause) =>
        Assert.Equal(
            new Resumption(5, Now.AddSeconds(pause)),
            Resumption.After(Away with { AskAgainAt = Now.AddSeconds(asked), IsPostponement = true }, 5, Now, new ImportOptions()));

    [Theory]
    [InlineData(3, 5)]
    [InlineData(20, 20)]
    [InlineData(-20, 5)]
    public void A_source_that_stays_away_although_we_waited_is_not_asked_before_either_pause_is_over(int asked, int pause) =>
        Assert.Equal(new Resumption(1, Now.AddSeconds(pause)), Resumption.After(Away with { AskAgainAt = Now.AddSeconds(asked) }, 0, Now, new ImportOptions()));

    [Fact]
    public void A_wish_that_lies_in_the_past_counts_as_a_failure() =>
        Assert.Equal(new Resumption(1, Now.AddSeconds(5)), Resumption.After(Away with { AskAgainAt = Now, IsPostponement = true }, 0, Now, new ImportOptions()));

    [Fact]
    public void Nothing_is_resumed_where_the_setting_says_never() =>
        Assert.Null(Resumption.After(Away with { AskAgainAt = Now.AddSeconds(60), IsPostponement = true }, 0, Now, new ImportOptions { FailedRunRetries = 0 }).ResumeAt);

    private static TimeSpan Duration(string text) => TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

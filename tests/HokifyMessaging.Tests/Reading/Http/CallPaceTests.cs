using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading.Http;

public sealed class CallPaceTests
{
    [Fact]
    public void Nothing_waits_before_anything_was_refused()
    {
        var pace = default(CallPace).Answered(Second(0), Second(0.1), lately: 40).Sent(Second(0.1));

        Assert.True(pace.IsUnknown);
        Assert.Equal(TimeSpan.Zero, pace.NotBefore);
    }

    [Fact]
    public void A_refusal_where_nothing_was_answered_says_nothing_of_a_pace() =>
        Assert.True(default(CallPace).Refused(Second(0), Second(1), lately: 0).IsUnknown);

    [Fact]
    public void Behind_the_first_refusal_calls_go_out_a_little_slower_than_they_were_answered()
    {
        var pace = default(CallPace).Refused(Second(0), Second(1), lately: 20);

        Assert.Equal(17, pace.PerSecond(Second(1)), 3);
        Assert.Equal(0.7 / 17, (pace.NotBefore - Second(1)).TotalSeconds, 3);
        Assert.Equal(1.7 / 17, (pace.Sent(pace.NotBefore).NotBefore - Second(1)).TotalSeconds, 2);
    }

    [Fact]
    public void A_pace_that_is_not_refused_is_soon_what_it_was_and_then_grows_ever_faster()
    {
        var pace = default(CallPace).Refused(Second(0), Second(0), lately: 5);

        double[] grown = [.. new[] { 0.0, 4, 8, 12, 16 }.Select(later => pace.PerSecond(Second(later)))];

        Assert.Equal(5, grown[1], 3);
        Assert.Equal(grown.Order(), grown);
        Assert.InRange(grown[4], 100, double.MaxValue);
    }

    [Fact]
    public void Refusals_of_what_went_out_before_the_first_one_count_once()
    {
        var pace = default(CallPace).Refused(Second(1), Second(2), lately: 20);

        Assert.Equal(pace, pace.Refused(Second(1.9), Second(2.1), lately: 20));
    }

    [Fact]
    public void Refusals_in_a_row_are_followed_by_pauses_that_double_up_to_a_second()
    {
        var pace = default(CallPace).Refused(Second(0), Second(0), lately: 20);
        var pauses = new List<double>();
        for (var at = 1; at < 7; at++)
        {
            pace = pace.Refused(Second(at * 10), Second(at * 10), lately: 0);
            Assert.True(pace.IsInDoubt);
            pauses.Add((pace.NotBefore - Second(at * 10)).TotalSeconds);
        }

        Assert.Equal([0.1, 0.2, 0.4, 0.8, 1, 1], pauses.Select(pause => Math.Round(pause, 3)));
        Assert.False(pace.Answered(Second(61), Second(62), lately: 1).IsInDoubt);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    public void Of_a_limit_that_moves_between_5_and_50_calls_a_second_nine_tenths_are_used_and_two_calls_of_a_hundred_refused(double latency)
    {
        var (used, refused) = new LimitedSource(latency, seed: 1).ReadFor(seconds: 240);

        Assert.InRange(used, 0.9, 1);
        Assert.InRange(refused, 0, 0.02);
    }

    private static TimeSpan Second(double second) => TimeSpan.FromSeconds(second);
}

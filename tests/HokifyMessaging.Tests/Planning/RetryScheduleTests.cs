using System.Globalization;
using CsCheck;
using HokifyMessaging.Planning;

namespace HokifyMessaging.Tests.Planning;

/// <summary>When what failed is tried again: records, and runs as a whole, by one rule.</summary>
public sealed class RetryScheduleTests
{
    private static readonly RetrySchedule OfRecords = new(TimeSpan.FromMinutes(1), 2, TimeSpan.FromDays(1), 10);
    private static readonly RetrySchedule OfRuns = new(TimeSpan.FromSeconds(5), 4, TimeSpan.FromHours(1), 5);

    /// <summary>As wide as the settings' ranges, which are in seconds.</summary>
    private static readonly Gen<RetrySchedule> Schedules =
        from first in Gen.Int[0, 86_400]
        from growth in Gen.Int[2, 4]
        from longest in Gen.Int[0, 30 * 86_400]
        from most in Gen.Int[0, 1_000]
        select new RetrySchedule(TimeSpan.FromSeconds(first), growth, TimeSpan.FromSeconds(longest), most);

    [Fact]
    public void The_pauses_of_a_record_double_from_a_minute_until_it_is_parked() =>
        Assert.Equal(["1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "parked", "parked"], Decisions(OfRecords, TimeSpan.FromMinutes(1), 12));

    [Fact]
    public void The_pauses_of_a_run_grow_fourfold_from_five_seconds_until_it_waits_for_an_operator() =>
        Assert.Equal(["5", "20", "80", "320", "1280", "parked", "parked"], Decisions(OfRuns, TimeSpan.FromSeconds(1), 7));

    [Theory]
    [InlineData(10, 1_024)]
    [InlineData(11, 1_440)]
    [InlineData(30, 1_440)]
    [InlineData(999, 1_440)]
    public void The_pauses_of_a_record_end_at_the_longest(int failedRetries, int minutes) =>
        Assert.Equal(new RetryDecision.Retry(TimeSpan.FromMinutes(minutes)), (OfRecords with { MostRetries = 1_000 }).Decide(failedRetries));

    [Theory]
    [InlineData("00:00:00", "1.00:00:00", "00:00:00")]
    [InlineData("1.00:00:00", "00:00:00", "00:00:00")]
    [InlineData("1.00:00:00", "30.00:00:00", "30.00:00:00")]
    [InlineData("00:00:00.0000001", "30.00:00:00", "30.00:00:00")]
    public void No_setting_makes_a_pause_that_no_duration_can_be(string first, string longest, string pause)
    {
        foreach (var growth in new[] { 2, 4 })
        {
            var schedule = new RetrySchedule(Duration(first), growth, Duration(longest), int.MaxValue);

            Assert.Equal(new RetryDecision.Retry(Duration(pause)), schedule.Decide(int.MaxValue - 1));
        }
    }

    [Fact]
    public void No_pause_is_longer_than_the_longest_or_shorter_than_the_one_before_and_the_last_retry_ends_it() =>
        Schedules.Sample(schedule =>
        {
            var decisions = Enumerable.Range(0, schedule.MostRetries + 2).Select(schedule.Decide).ToList();
            var pauses = decisions.OfType<RetryDecision.Retry>().Select(retry => retry.Pause).ToList();

            return pauses.Count == schedule.MostRetries
                && decisions.Skip(schedule.MostRetries).All(decision => decision is RetryDecision.Park)
                && pauses.All(pause => pause >= TimeSpan.Zero && pause <= schedule.LongestPause)
                && pauses.Zip(pauses.Skip(1)).All(two => two.First <= two.Second)
                && (pauses.Count == 0 || pauses[0] == (schedule.FirstPause < schedule.LongestPause ? schedule.FirstPause : schedule.LongestPause));
        });

    private static IEnumerable<string> Decisions(RetrySchedule schedule, TimeSpan unit, int count) => Enumerable.Range(0, count).Select(failedRetries => schedule.Decide(failedRetries) switch
    {
        RetryDecision.Retry(var pause) => FormattableString.Invariant($"{pause / unit}"),
        _ => "parked",
    });

    private static TimeSpan Duration(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}

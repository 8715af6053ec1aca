using System.Globalization;
using HokifyMessaging.Schedules;

namespace HokifyMessaging.Tests.Schedules;

public sealed class ScheduleTimesTests
{
    private static readonly TimeZoneInfo Vienna = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");

    [Theory]
    [InlineData("30 2 * * *", "2026-02-15T00:00Z", "2026-02-15T01:30Z")]
    [InlineData("30 2 * * *", "2026-07-15T00:00Z", "2026-07-15T00:30Z")]
    [InlineData("*/15 * * * *", "2026-02-15T00:15Z", "2026-02-15T00:30Z")]
    [InlineData("0 6 * * MON-FRI", "2026-02-13T05:00Z", "2026-02-16T05:00Z")]
    [InlineData("@daily", "2026-02-15T00:00Z", "2026-02-15T23:00Z")]
    public void The_next_time_is_by_the_clock_of_the_zone(string cron, string behind, string expected) =>
        Assert.Equal(At(expected), Of(cron).Next(At(behind))!.Value);

    [Theory]
    [InlineData("30 2 * * *", "2026-02-14T01:30Z", "2026-02-15T01:29Z", null)]
    [InlineData("30 2 * * *", "2026-02-14T01:30Z", "2026-02-15T01:30Z", "2026-02-15T01:30Z")]
    [InlineData("30 2 * * *", "2016-01-01T00:00Z", "2026-02-15T08:00Z", "2026-02-15T01:30Z")]
    [InlineData("*/1 * * * *", "2000-01-01T00:00Z", "2026-02-15T08:00:59Z", "2026-02-15T08:00Z")]
    [InlineData("0 0 29 2 *", "2016-03-01T00:00Z", "2027-02-15T00:00Z", "2024-02-28T23:00Z")]
    public void The_last_time_that_has_passed_is_found_however_long_ago_the_one_before_was(string cron, string behind, string until, string? expected) =>
        Assert.Equal(expected is null ? null : At(expected), Of(cron).Last(At(behind), At(until)));

    [Fact]
    public void Times_at_which_the_clock_changes_have_a_word()
    {
        var spring = Of("30 2 * * *").Upcoming(At("2026-03-27T12:00Z"), 3);
        var autumn = Of("30 2 * * *").Upcoming(At("2026-10-23T12:00Z"), 3);
        var hourly = Of("30 * * * *").Upcoming(At("2026-10-24T23:45Z"), 3);

        Assert.Equal([(At("2026-03-28T01:30Z"), ClockChange.None), (At("2026-03-29T01:00Z"), ClockChange.Skipped), (At("2026-03-30T00:30Z"), ClockChange.None)], spring.Select(Pair));
        Assert.Equal([(At("2026-10-24T00:30Z"), ClockChange.None), (At("2026-10-25T00:30Z"), ClockChange.Twice), (At("2026-10-26T01:30Z"), ClockChange.None)], autumn.Select(Pair));
        Assert.Equal([(At("2026-10-25T00:30Z"), ClockChange.Twice), (At("2026-10-25T01:30Z"), ClockChange.Twice), (At("2026-10-25T02:30Z"), ClockChange.None)], hourly.Select(Pair));

        static (DateTimeOffset, ClockChange) Pair(ScheduledTime time) => (time.At, time.Change);
    }

    [Theory]
    [InlineData("0 0 * * *")]
    [InlineData("30 2 * * *")]
    [InlineData("0 3 * * *")]
    public void A_daily_time_comes_once_on_each_day_of_ten_years_in_Vienna(string cron)
    {
        var times = Of(cron);
        var (day, at) = (new DateOnly(2026, 1, 1), times.Next(At("2025-12-31T23:00Z").AddTicks(-1))!.Value);
        for (; day.Year < 2036; day = day.AddDays(1))
        {
            Assert.Equal(day, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, Vienna).DateTime));
            at = times.Next(at)!.Value;
        }
    }

    [Fact]
    public void An_hourly_time_comes_once_in_each_hour_of_ten_years_in_Vienna()
    {
        var (times, from) = (Of("0 * * * *"), At("2026-01-01T00:00Z"));

        for (var at = from; at.Year < 2036; at = at.AddHours(1))
        {
            Assert.Equal(at.AddHours(1), times.Next(at)!.Value);
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("nightly", false)]
    [InlineData("60 * * * *", false)]
    [InlineData("0 0 31 2 *", false)]
    [InlineData("0 0 0 * * *", false)]
    [InlineData("@hourly", true)]
    [InlineData("0 0 29 2 *", true)]
    [InlineData("*/5 6-20 * * MON-SAT", true)]
    public void What_is_no_cron_expression_or_never_comes_is_known(string cron, bool isGood) => Assert.Equal(isGood, ScheduleTimes.IsGood(cron));

    private static ScheduleTimes Of(string cron) => ScheduleTimes.Of(new ScheduleOptions { Cron = cron });

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);
}

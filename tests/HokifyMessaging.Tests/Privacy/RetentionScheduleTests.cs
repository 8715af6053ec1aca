using HokifyMessaging.Privacy;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>The daily job is done once for each day, whatever the clocks do.</summary>
public sealed class RetentionScheduleTests
{
    private static readonly TimeZoneInfo Vienna = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");

    [Theory]
    [InlineData("03:30:00")]
    [InlineData("02:30:00")] // Is not there on the last Sunday of March, and twice on that of October.
    [InlineData("00:00:00")]
    [InlineData("23:59:59")]
    public void Over_a_year_with_both_clock_changes_it_is_done_on_each_day_once(string at)
    {
        var schedule = new RetentionSchedule(TimeSpan.Parse(at, System.Globalization.CultureInfo.InvariantCulture), Vienna);
        var (now, done, days) = (At("2026-01-01T12:00:00Z"), (DateOnly?)null, new List<DateOnly>());
        while (now < At("2027-01-01T12:00:00Z"))
        {
            if (schedule.IsDue(done, now))
            {
                done = schedule.LastDay(now);
                days.Add(done.Value);
            }

            Assert.True(schedule.Next(now) > now);
            now = now.AddMinutes(10) < schedule.Next(now) ? now.AddMinutes(10) : schedule.Next(now);
        }

        Assert.Equal(days.Distinct().Count(), days.Count);
        Assert.Equal(Enumerable.Range(0, days.Count).Select(days[0].AddDays), days);
        Assert.InRange(days.Count, 365, 366);
    }

    [Theory]
    [InlineData("2026-03-29T00:59:59Z", "2026-03-28")] // At 02:00 the clocks are put forward to 03:00.
    [InlineData("2026-03-29T01:00:00Z", "2026-03-29")]
    [InlineData("2026-10-25T00:29:59Z", "2026-10-24")] // At 03:00 they are put back to 02:00.
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25")]
    [InlineData("2026-10-25T01:30:00Z", "2026-10-25")] // The second 02:30 of the day.
    public void A_time_that_is_not_there_is_the_first_behind_the_gap_and_of_two_the_first_counts(string now, string day) =>
        Assert.Equal(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), new RetentionSchedule(new TimeSpan(2, 30, 0), Vienna).LastDay(At(now)));

    [Fact]
    public void Whoever_was_down_at_the_time_does_it_at_once_and_only_for_the_last_day()
    {
        var schedule = new RetentionSchedule(new TimeSpan(3, 30, 0), Vienna);

        Assert.True(schedule.IsDue(null, At("2026-06-10T12:00:00Z")));
        Assert.True(schedule.IsDue(new DateOnly(2026, 6, 1), At("2026-06-10T12:00:00Z")));
        Assert.False(schedule.IsDue(new DateOnly(2026, 6, 10), At("2026-06-10T12:00:00Z")));
        Assert.Equal(At("2026-06-11T01:30:00Z"), schedule.Next(At("2026-06-10T12:00:00Z")));
        Assert.Equal(At("2026-06-10T01:30:00Z"), schedule.Next(At("2026-06-10T01:00:00Z")));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}

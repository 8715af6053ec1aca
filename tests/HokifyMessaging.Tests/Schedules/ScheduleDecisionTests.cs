using System.Globalization;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Tests.Schedules;

public sealed class ScheduleDecisionTests
{
    private static readonly DateTimeOffset Due = DateTimeOffset.Parse("2026-02-15T01:30Z", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("Skip", "Once", false, false, 0, nameof(ScheduleOutcome.Starting))]
    [InlineData("Skip", "Once", true, false, 0, nameof(ScheduleOutcome.Skipped))]
    [InlineData("Queue", "Once", true, false, 0, nameof(ScheduleOutcome.Starting))]
    [InlineData("Skip", "Once", false, false, 3600, nameof(ScheduleOutcome.Starting))]
    [InlineData("Skip", "None", false, false, 120, nameof(ScheduleOutcome.Starting))]
    [InlineData("Skip", "None", false, false, 121, nameof(ScheduleOutcome.Missed))]
    [InlineData("Queue", "Once", false, true, 0, nameof(ScheduleOutcome.Paused))]
    public void What_becomes_of_a_time_follows_from_the_settings_the_scope_and_the_clock(string overlap, string missed, bool isAtWork, bool isPaused, int late, string expected)
    {
        var schedule = new ScheduleOptions { Cron = "30 2 * * *", Overlap = Enum.Parse<ScheduleOverlap>(overlap), Missed = Enum.Parse<ScheduleMissed>(missed) };

        var decision = ScheduleDecision.Of(schedule, ScheduleTimes.Of(schedule), new ScheduleSituation(Due.AddDays(-1), isPaused, isAtWork), Due.AddSeconds(late));

        Assert.Equal((Due, Enum.Parse<ScheduleOutcome>(expected)), (decision!.Instant, decision.Outcome));
    }

    [Fact]
    public void Nothing_is_decided_before_a_time_and_nothing_twice()
    {
        var schedule = new ScheduleOptions { Cron = "30 2 * * *" };

        Assert.Null(ScheduleDecision.Of(schedule, ScheduleTimes.Of(schedule), new ScheduleSituation(Due.AddDays(-1), IsPaused: false, IsScopeAtWork: false), Due.AddSeconds(-1)));
        Assert.Null(ScheduleDecision.Of(schedule, ScheduleTimes.Of(schedule), new ScheduleSituation(Due, IsPaused: false, IsScopeAtWork: false), Due.AddHours(23)));
    }

    [Fact]
    public void One_import_stands_for_all_times_that_were_missed()
    {
        var schedule = new ScheduleOptions { Cron = "0 * * * *" };

        var decision = ScheduleDecision.Of(schedule, ScheduleTimes.Of(schedule), new ScheduleSituation(Due.AddDays(-9), IsPaused: false, IsScopeAtWork: false), Due.AddMinutes(29));

        Assert.Equal(new ScheduleDecision(Due.AddMinutes(-30), ScheduleOutcome.Starting), decision);
    }

    [Theory]
    [InlineData(0, 30, false)]
    [InlineData(0, 62, false)]
    [InlineData(0, 123, true)]
    [InlineData(60, 123, false)]
    public void A_schedule_is_overdue_when_two_of_its_times_have_passed_without_success(int lastSuccess, int now, bool expected)
    {
        var times = ScheduleTimes.Of(new ScheduleOptions { Cron = "0 * * * *" });
        var since = Due.AddMinutes(-30);

        Assert.Equal(expected, ScheduleQueries.IsOverdue(times, since, lastSuccess == 0 ? null : since.AddMinutes(lastSuccess), since.AddMinutes(now)));
    }

    [Fact]
    public void The_key_is_made_of_the_schedule_and_the_time() =>
        Assert.Equal("schedule:nightly:2026-02-15T01:30:00Z", ScheduleKey.Of("nightly", Due.ToOffset(TimeSpan.FromHours(1))));
}

using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>When a record has waited for long enough.</summary>
public sealed class AgedEntryTests
{
    private static readonly DateTimeOffset Before = new(2026, 10, 1, 3, 30, 0, TimeSpan.Zero);
    private static readonly Guid Run = Guid.NewGuid();

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void One_that_is_parked_counts_from_its_last_try(int days, bool isDue) =>
        Assert.Equal(isDue, Parked(failed: -400, tried: days).IsDue(Before, new HashSet<Guid>()));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void One_that_is_tried_again_and_again_counts_from_its_first_failure(int days, bool isDue) =>
        Assert.Equal(isDue, Open(failed: days, tried: 29, interval: TimeSpan.FromDays(1)).IsDue(Before, new HashSet<Guid>()));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void One_that_somebody_has_asked_for_counts_from_then_on(int days, bool isDue) =>
        Assert.Equal(isDue, (Open(failed: -400, tried: -300, TimeSpan.Zero) with { DueAt = Before.AddDays(days) }).IsDue(Before, new HashSet<Guid>()));

    [Fact]
    public void One_that_is_tried_again_without_a_pause_was_not_asked_for() =>
        Assert.True(Open(failed: -1, tried: 20, TimeSpan.Zero).IsDue(Before, new HashSet<Guid>()));

    [Fact]
    public void What_a_run_has_in_hand_stays_until_that_has_ended()
    {
        Assert.False(Parked(failed: -400, tried: -300).IsDue(Before, new HashSet<Guid> { Run }));
        Assert.True(Parked(failed: -400, tried: -300).IsDue(Before, new HashSet<Guid> { Guid.NewGuid() }));
    }

    private static AgedEntry Parked(int failed, int tried) =>
        new(1, "a1", "p1", ActivityStatus.Parked, Before.AddDays(failed), Before.AddDays(tried), 60, null, Run);

    private static AgedEntry Open(int failed, int tried, TimeSpan interval) =>
        new(1, "a1", "p1", ActivityStatus.Open, Before.AddDays(failed), Before.AddDays(tried), (int)interval.TotalSeconds, Before.AddDays(tried) + interval, Run);
}

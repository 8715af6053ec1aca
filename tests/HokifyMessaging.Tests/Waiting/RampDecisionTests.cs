using CsCheck;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;

namespace HokifyMessaging.Tests.Waiting;

/// <summary>How a ramp goes on, for all that may become of its records.</summary>
public sealed class RampDecisionTests
{
    [Fact]
    public void Steps_grow_until_one_transaction_can_take_no_more() =>
        Assert.Equal([1, 2, 5, 20, 50, 100, 200, 500, 1_000, 1_000, 1_000], Enumerable.Range(1, 11).Select(RampDecision.SizeOf));

    [Fact]
    public void Ten_thousand_that_are_all_right_go_through() => Assert.Equal((10_000, 0, RampEnd.Through), Climb(10_000, _ => true));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10_000)]
    public void A_remedy_that_remedies_nothing_is_found_out_by_the_third_record(int size)
    {
        var (done, failed, end) = Climb(size, _ => false);

        Assert.Equal((0, Math.Min(size, 3), RampEnd.CauseIsThere), (done, failed, end));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5_000)]
    [InlineData(9_999)]
    public void One_straggler_stops_nothing_wherever_it_comes(int straggler) =>
        Assert.Equal((9_999, 1, RampEnd.Through), Climb(10_000, record => record != straggler));

    [Fact]
    public void One_straggler_in_fifty_stops_nothing() => Assert.Equal((9_800, 200, RampEnd.Through), Climb(10_000, record => record % 50 != 7));

    [Fact]
    public void A_remedy_for_the_old_ones_alone_stops_at_the_step_that_shows_it()
    {
        var (done, failed, end) = Climb(10_000, record => record < 2_000);

        Assert.Equal((2_000, RampEnd.CauseIsThere), (done, end));
        Assert.InRange(failed, 1, 1_000);
    }

    [Fact]
    public void What_was_not_tried_ends_it_and_so_does_that_nothing_is_left()
    {
        Assert.Equal(new RampDecision.Stop(RampEnd.NotTried), RampDecision.Of(3, new RampTries(2, 0), new RampTries(5, 0), notTried: 3, left: 100));
        Assert.Equal(new RampDecision.Stop(RampEnd.Through), RampDecision.Of(3, new RampTries(5, 0), new RampTries(8, 0), notTried: 0, left: 0));
        Assert.Equal(new RampDecision.Stop(RampEnd.Through), RampDecision.Of(0, default, default, notTried: 0, left: 0));
        Assert.Equal(new RampDecision.Climb(20), RampDecision.Of(3, new RampTries(5, 0), new RampTries(8, 0), notTried: 0, left: 30));
        Assert.Equal(new RampDecision.Climb(7), RampDecision.Of(3, new RampTries(5, 0), new RampTries(8, 0), notTried: 0, left: 7));
    }

    [Fact]
    public void Where_a_fifth_or_more_fail_at_random_at_most_three_in_a_hundred_of_ten_thousand_are_touched() =>
        Gen.Select(Gen.Int[20, 100], Gen.Int).Sample(
            (share, seed) =>
            {
                var random = new Random(seed);
                var (done, failed, end) = Climb(10_000, _ => random.Next(100) >= share);
                return end == RampEnd.CauseIsThere && done + failed <= 300;
            },
            iter: 2_000);

    [Fact]
    public void However_records_fail_all_of_them_are_accounted_for() =>
        Gen.Bool.Array[0, 2_000].Sample(good =>
        {
            var (done, failed, end) = Climb(good.Length, record => good[record]);
            return done + failed <= good.Length && (end != RampEnd.Through || done + failed == good.Length);
        });

    private static (int Done, int Failed, RampEnd End) Climb(int size, Func<int, bool> isGood)
    {
        var (all, last, step, next) = (default(RampTries), default(RampTries), 0, 0);
        while (true)
        {
            switch (RampDecision.Of(step, last, all, notTried: 0, size - next))
            {
                case RampDecision.Stop(var end):
                    return (all.Done, all.Failed, end);
                case RampDecision.Climb(var count):
                    var done = Enumerable.Range(next, count).Count(isGood);
                    last = new RampTries(done, count - done);
                    (all, step, next) = (all + last, step + 1, next + count);
                    break;
            }
        }
    }
}

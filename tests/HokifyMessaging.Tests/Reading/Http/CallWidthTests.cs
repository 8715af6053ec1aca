using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading.Http;

public sealed class CallWidthTests
{
    private const int Most = 8;

    [Fact]
    public void It_begins_with_one_call_and_doubles_with_each_round_up_to_what_is_allowed()
    {
        var width = CallWidth.Start;
        var rounds = new List<int>();
        for (var round = 0; round < 5; round++)
        {
            rounds.Add((int)width.Calls);
            width = Round(width, round, took: 0.2);
        }

        Assert.Equal([1, 2, 4, 8, 8], rounds);
    }

    [Fact]
    public void A_refusal_halves_it_once_for_all_that_was_under_way_and_from_then_on_a_round_brings_one_more()
    {
        var wide = Enumerable.Range(0, 4).Aggregate(CallWidth.Start, (width, round) => Round(width, round, took: 0.2));

        var halved = wide.Refused(Second(4), Second(5)).Refused(Second(4.9), Second(5.1));

        Assert.Equal(4, halved.Calls);
        Assert.Equal(5, (int)(Round(halved, 6, took: 0.2).Calls + 0.2));
    }

    [Fact]
    public void It_never_falls_below_one() =>
        Assert.Equal(1, Enumerable.Range(1, 9).Aggregate(CallWidth.Start, (width, at) => width.Refused(Second(at), Second(at))).Calls);

    [Fact]
    public void Answers_that_take_more_than_twice_as_long_halve_it()
    {
        var wide = Enumerable.Range(0, 8).Aggregate(CallWidth.Start, (width, round) => Round(width, round, took: 0.2));

        Assert.InRange(Round(wide, 8, took: 0.9).Calls, 4, 6);
    }

    [Fact]
    public void Quick_answers_that_are_a_little_later_by_chance_do_not()
    {
        var width = CallWidth.Start;
        for (var at = 0; at < 200; at++)
        {
            width = width.Answered(Second(at), Second(at + (at % 2 == 0 ? 0.002 : 0.04)), Most);
        }

        Assert.Equal(Most, width.Calls);
    }

    [Fact]
    public void A_source_that_is_slower_for_good_is_read_wide_again()
    {
        var width = Enumerable.Range(0, 8).Aggregate(CallWidth.Start, (width, round) => Round(width, round, took: 0.1));

        width = Enumerable.Range(8, 100).Aggregate(width, (width, round) => Round(width, round, took: 0.6));

        Assert.Equal(Most, (int)width.Calls);
    }

    private static CallWidth Round(CallWidth width, int round, double took) =>
        Enumerable.Range(0, (int)width.Calls).Aggregate(width, (grown, _) => grown.Answered(Second(round), Second(round + took), Most));

    private static TimeSpan Second(double second) => TimeSpan.FromSeconds(second);
}

using HokifyMessaging.Privacy;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Since when an application is known to have been rejected.</summary>
public sealed class RejectionStartTests
{
    private static readonly HashSet<string> Rejections = new(StringComparer.OrdinalIgnoreCase) { "rejected", "declined" };

    private static readonly DateTimeOffset Created = Day(1);
    private static readonly DateTimeOffset Changed = Day(20);

    [Theory]
    [InlineData("contacted", null, null)]
    [InlineData(null, null, null)]
    [InlineData("rejected", null, 1)] // So it came.
    [InlineData("Rejected", "5:newapplicant", 5)]
    [InlineData("rejected", "5:newapplicant 9:declined", 5)] // Two stages that both mean it.
    [InlineData("rejected", "5:newapplicant 9:rejected 12:offer", 12)] // It had been taken back.
    [InlineData("rejected", "25:newapplicant", 20)] // The import that told of it came later than the change.
    public void It_is_the_earliest_instant_that_what_is_stored_tells_of(string? stage, string? changes, int? day) =>
        Assert.Equal(day is { } expected ? Day(expected) : null, RejectionStart.Of(stage, History(changes), Created, Changed, Rejections));

    [Fact]
    public void A_history_that_has_lost_its_beginning_says_nothing_of_the_time_before()
    {
        var others = string.Join(',', Enumerable.Range(0, 19).Select(_ => $$"""{"time":"{{Day(7):O}}","field":"Name","old":"x","new":"y"}"""));
        var full = $$"""[{"time":"{{Day(6):O}}","field":"Status","old":"declined","new":"rejected"},{{others}}]""";
        var without = $$"""[{"time":"{{Day(6):O}}","field":"Name","old":"declined","new":"rejected"},{{others}}]""";

        Assert.Equal(Day(6), RejectionStart.Of("rejected", full, Created, Changed, Rejections));
        Assert.Equal(Changed, RejectionStart.Of("rejected", without, Created, Changed, Rejections));
    }

    private static string? History(string? changes) => changes is null ? null : "[" + string.Join(',', changes.Split(' ').Select(change => change.Split(':')).Select(change =>
        $$"""{"time":"{{Day(int.Parse(change[0], System.Globalization.CultureInfo.InvariantCulture)):O}}","run":"00000000-0000-0000-0000-000000000000","field":"Status","old":"{{change[1]}}","new":null}""")) + "]";

    private static DateTimeOffset Day(int day) => new(2026, 3, day, 8, 0, 0, TimeSpan.Zero);
}

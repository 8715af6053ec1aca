using HokifyMessaging.Service.Import;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Service.Import;

public sealed class ImportPaceTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void The_first_look_knows_no_pace()
    {
        Assert.Equal("0 of about 2,000", At((0, 0)).Text(2_000));
        Assert.Equal("1,500 records", At((0, 1_500)).Text(null));
    }

    [Theory]
    [InlineData(20_000, "2,000 of about 20,000, 1,000/s, about 18 s left")]
    [InlineData(602_000, "2,000 of about 602,000, 1,000/s, about 10 min 00 s left")]
    [InlineData(2_000, "2,000 of about 2,000, 1,000/s")]
    [InlineData(1_999, "2,000 records, 1,000/s")]
    [InlineData(null, "2,000 records, 1,000/s")]
    public void The_pace_is_told_and_how_long_the_rest_takes_where_it_is_known_how_much_that_is(int? total, string text) => Assert.Equal(text, At((0, 0), (2, 2_000)).Text(total));

    [Fact]
    public void Only_the_last_seconds_count() => Assert.Equal("10,100 records, 20/s", At((0, 0), (1, 10_000), (20, 10_000), (25, 10_100)).Text(null));

    [Fact]
    public void While_nothing_comes_no_pace_is_told() => Assert.Equal("500 of about 1,000", At((0, 500), (3, 500)).Text(1_000));

    private ImportPace At(params (int Second, int Records)[] looks)
    {
        var (pace, now) = (new ImportPace(_clock), 0);
        foreach (var (second, records) in looks)
        {
            _clock.Advance(TimeSpan.FromSeconds(second - now));
            now = second;
            pace.Note(records);
        }

        return pace;
    }
}

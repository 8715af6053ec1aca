using HokifyMessaging.Reading.AtsApi;

namespace HokifyMessaging.Tests.Reading.AtsApi;

public sealed class PageForecastTests
{
    [Fact]
    public void Behind_a_full_page_others_follow_each_with_the_last_records_of_the_one_before() =>
        Assert.Equal([190, 285, 380], PageForecast.After(Page(100, askedFor: 100), before: 0, mostAnchors: 5).Behind(95).Take(3));

    [Fact]
    public void Two_pages_of_the_same_length_show_where_a_server_caps_what_is_asked_for()
    {
        Assert.Equal([60], PageForecast.After(Page(60, askedFor: 100), before: 0, mostAnchors: 5).Behind(55));
        Assert.Equal([165, 220], PageForecast.After(Page(60, askedFor: 100), before: 60, mostAnchors: 5).Behind(110).Take(2));
    }

    [Fact]
    public void Behind_a_shorter_page_the_end_is_looked_for_and_nothing_else() =>
        Assert.Equal([132], PageForecast.After(Page(37, askedFor: 100), before: 100, mostAnchors: 5).Behind(127));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Behind_a_page_without_room_for_known_records_nothing_is_expected(int count) =>
        Assert.Empty(PageForecast.After(Page(count, askedFor: 1), before: 0, mostAnchors: 5).Behind(1));

    private static OffsetPage Page(int count, int askedFor)
    {
        var page = new OffsetPage { AskedFor = askedFor };
        for (var unit = 1; unit <= count; unit++)
        {
            page.AddCountingGroups([], (ulong)unit, 0);
        }

        return page;
    }
}

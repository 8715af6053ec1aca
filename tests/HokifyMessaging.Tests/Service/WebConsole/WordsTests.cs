using System.Text.Encodings.Web;
using HokifyMessaging.Service.WebConsole;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>Numbers, times and durations, as one writes them.</summary>
public sealed class WordsTests
{
    private static readonly TimeZoneInfo Vienna = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna");
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 10, 25, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("de", "2026-10-25T00:30:00Z", "25.10.2026 02:30:00 +02:00", "vor 11 h 30 min")]
    [InlineData("de", "2026-10-25T01:30:00Z", "25.10.2026 02:30:00 +01:00", "vor 10 h 30 min")]
    [InlineData("en", "2026-10-25T01:30:00Z", "25 Oct 2026 02:30:00 +01:00", "10 h 30 min ago")]
    [InlineData("en", "2026-10-28T12:00:00Z", "28 Oct 2026 13:00:00 +01:00", "in 3 d")]
    public void A_time_is_shown_exactly_with_its_zone_and_as_a_distance(string language, string instant, string exact, string relative)
    {
        var words = new Words(language, Vienna, Clock);
        var at = DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);
        using var html = new StringWriter();
        words.Time(at).WriteTo(html, HtmlEncoder.Default);
        Assert.Equal($"<time datetime=\"{instant}\">{exact} <small>{relative}</small></time>", System.Net.WebUtility.HtmlDecode(html.ToString()));
    }

    [Theory]
    [InlineData(0.2, "less than 1 s", "weniger als 1 s")]
    [InlineData(42, "42 s", "42 s")]
    [InlineData(90, "1 min 30 s", "1 min 30 s")]
    [InlineData(1500, "25 min", "25 min")]
    [InlineData(12_000, "3 h 20 min", "3 h 20 min")]
    [InlineData(100_000, "1 d 3 h", "1 T 3 h")]
    [InlineData(864_000_000, "10,000 d", "10.000 T")]
    public void A_duration_has_the_two_units_that_matter(double seconds, string english, string german)
    {
        Assert.Equal(english, new Words("en", Vienna, Clock).Duration(TimeSpan.FromSeconds(seconds)));
        Assert.Equal(german, new Words("de", Vienna, Clock).Duration(TimeSpan.FromSeconds(seconds)).Replace('\u00A0', '.'));
    }

    [Fact]
    public void Numbers_are_written_as_in_the_language() =>
        Assert.Equal(("1,234,567", "1.234.567"), (new Words("en", Vienna, Clock).Number(1_234_567), new Words("de", Vienna, Clock).Number(1_234_567).Replace('\u00A0', '.')));
}

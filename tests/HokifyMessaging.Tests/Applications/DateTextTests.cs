using System.Globalization;
using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public sealed class DateTextTests
{
    private static readonly string[] Forms =
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'+00:00'"];

    [Fact]
    public void What_hokify_writes_is_read_to_the_last_digit() =>
        Gen.Select(Gen.Long[new DateTime(1900, 1, 1).Ticks, new DateTime(2200, 12, 31).Ticks], Gen.OneOfConst(Forms)).Sample((ticks, form) =>
        {
            var text = new DateTimeOffset(ticks, TimeSpan.Zero).ToString(form, CultureInfo.InvariantCulture);
            var written = DateTimeOffset.ParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

            Assert.True(DateText.TryInstant(text, out var read));
            Assert.Equal(written, read);
            Assert.Equal(TimeSpan.Zero, read.Offset);
        });

    [Theory]
    [InlineData("2026-02-30T10:00:00.000Z")]
    [InlineData("2026-01-01T24:00:00Z")]
    [InlineData("1899-12-31T23:59:59.999Z")]
    [InlineData("2201-01-01T00:00:00Z")]
    [InlineData("2026-01-01T10:00:00.0000000000Z")]
    [InlineData("T2026-01-01Z")]
    [InlineData("Z")]
    [InlineData("")]
    public void What_is_no_instant_of_an_application_is_none(string text) => Assert.False(DateText.TryInstant(text, out _));

    [Fact]
    public void No_text_makes_it_fail() =>
        Gen.String[Gen.Char["0123456789-:.TZ\"\\\n\u0000ä"], 0, 32].Sample(text =>
        {
            _ = DateText.TryInstant(text, out _);
            _ = DateText.TryInstant(text + "Z", out _);
            _ = DateText.TryDay(text, out _);
        });
}

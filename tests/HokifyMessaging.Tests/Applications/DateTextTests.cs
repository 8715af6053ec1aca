using System.Globalization;
using CsCheck;
using HokifyMessaging.Applications;
using Microsoft.Extensions.Time.Testing;

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

    [Theory]
    [InlineData("2026-03-01T08:30:00.1234567Z")]
    [InlineData("2026-03-01T08:30:00.12345678Z")]
    [InlineData("2026-03-01T08:30:00.123456789Z")]
    [InlineData("2026-03-01T08:30:00.123456789z")]
    [InlineData("2026-03-01T08:30:00.123456789 Z")]
    [InlineData("2026-03-01T09:30:00.123456799+01")]
    [InlineData("2026-03-01T09:30:00.1234567+0100")]
    [InlineData("2026-03-01T09:30:00.1234567+01:00")]
    [InlineData("2026-03-01 09:30:00.1234567 +01")]
    [InlineData("2026-03-01 09:30:00.1234567 +0100")]
    [InlineData("2026-03-01 09:30:00,1234567 +01:00")]
    [InlineData("2026-03-01t04:00:00.1234567-0430")]
    [InlineData("1.3.2026 08:30:00.1234567")]
    [InlineData("01.03.2026, 8:30:00.123456789")]
    [InlineData("01.03.2026  09:30:00.1234567 +01")]
    [InlineData("\u200E1.3.2026, 08:30:00.1234567\u00A0")]
    [InlineData("1772353800.12345678")]
    public void An_instant_has_up_to_nine_fractional_digits_and_its_offset_any_form(string text)
    {
        Assert.True(DateText.TryInstant(text, out var instant));

        // 2026-03-01T08:30:00 and 1,234,567 ticks.
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 8, 30, 0, TimeSpan.Zero).AddTicks(1_234_567), instant);
    }

    [Theory]
    [InlineData("2026-03-01T08:30:00+1")]
    [InlineData("2026-03-01T08:30:00+01:")]
    [InlineData("2026-03-01T08:30:00+010")]
    [InlineData("2026-03-01T08:30:00+15:00")]
    [InlineData("2026-03-01T08:30:00+01:60")]
    [InlineData("2026-03-01T08:30:00.Z")]
    [InlineData("2026-03-01T08:30:60Z")]
    [InlineData("2026-03-01T8Z")]
    [InlineData("2026-3-1")]
    [InlineData("2026-03-01Z")]
    [InlineData("2026-03-01T08:30:00Z Z")]
    [InlineData("01.03.26")]
    [InlineData("2026")]
    [InlineData("20260301")]
    [InlineData("45000")]
    [InlineData("45000.5")]
    [InlineData("0")]
    [InlineData("1556872200500000")]
    public void A_slip_is_no_instant(string text) => Assert.False(DateText.TryInstant(text, out _));

    [Theory]
    [InlineData(1_771_077_762, "2026-02-14T14:02:42Z")]
    [InlineData(1_771_077_762.5, "2026-02-14T14:02:42.5Z")]
    [InlineData(1_771_077_762_500, "2026-02-14T14:02:42.5Z")]
    [InlineData(1_728_000_000, "2024-10-04T00:00:00Z")]
    [InlineData(946_684_800, "2000-01-01T00:00:00Z")]
    [InlineData(946_684_800_000, "2000-01-01T00:00:00Z")]
    [InlineData(7_289_654_399, "2200-12-31T23:59:59Z")]
    [InlineData(7_289_654_400_000 - 1, "2200-12-31T23:59:59.999Z")]
    [InlineData(-2_208_988_800, "1900-01-01T00:00:00Z")]
    [InlineData(-2_208_988_800_000, "1900-01-01T00:00:00Z")]
    public void A_number_is_seconds_or_milliseconds_by_its_size(double number, string expected)
    {
        var written = DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture);

        Assert.True(DateText.TryInstant((decimal)number, out var instant));
        Assert.Equal(written, instant);
        Assert.True(DateText.TryInstant(((decimal)number).ToString(CultureInfo.InvariantCulture), out instant));
        Assert.Equal(written, instant);
    }

    [Theory]
    [InlineData(638_841_600, "1990-03-31")]
    [InlineData(638_841_600_000, "1990-03-31")]
    [InlineData(638_834_400, "1990-03-31")]
    [InlineData(-86_400, "1969-12-31")]
    [InlineData(-86_400_000, "1969-12-31")]
    [InlineData(-315_619_200, "1960-01-01")]
    [InlineData(-315_619_200_000, "1960-01-01")]
    [InlineData(-1_578_009_600, "1919-12-31")]
    [InlineData(1_209_600_000, "1970-01-15")]
    [InlineData(34_560_000, "1971-02-05")]
    [InlineData(86_400_000, "1970-01-02")]
    public void A_birthday_is_seconds_unless_it_is_a_whole_hour_in_milliseconds(long number, string expected)
    {
        Assert.True(DateText.TryDay(number, out var day));
        Assert.Equal(expected, day.ToString("O", CultureInfo.InvariantCulture));
        Assert.True(DateText.TryDay(number.ToString(CultureInfo.InvariantCulture), out day));
        Assert.Equal(expected, day.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(19_900_331)]
    [InlineData(31_031_990)]
    [InlineData(1990)]
    [InlineData(45_000)]
    [InlineData(-5)]
    [InlineData(9_000_000_000_000)]
    public void A_number_that_is_neither_is_no_birthday(long number)
    {
        Assert.False(DateText.TryDay(number, out _));
        Assert.False(DateText.TryDay(number.ToString(CultureInfo.InvariantCulture), out _));
    }

    [Fact]
    public void A_CV_may_have_a_year_as_a_number()
    {
        Assert.True(DateText.TryCvInstant(2015, out var instant));
        Assert.Equal(new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero), instant);
        Assert.True(DateText.TryCvInstant("2015", out instant));
        Assert.Equal(new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero), instant);
    }

    [Theory]
    [InlineData("lastupdate", "1999-12-31T23:59:59Z")]
    [InlineData("lastupdate", "1970-01-01")]
    [InlineData("lastUpdate", "2026-10-02T09:00:01Z")]
    [InlineData("updatedAt", "2150-01-01T00:00:00Z")]
    [InlineData("lastupdate", "1790931600001")]
    public void A_change_before_2000_or_more_than_a_day_ahead_is_none(string field, string date)
    {
        var match = Records.Match();
        match.Remove("lastupdate");
        match[field] = date;

        var rejection = At("2026-10-01T09:00:00Z").Map(Records.Understood(match), "here").Rejected();

        Assert.Equal($"here, application {Records.ApplicationId}: {field} is no date of a change; expected is one from the year 2000 on and at most a day ahead of this machine's clock.", rejection.Message);
        Assert.Equal((ElementNames.CandidateProfile, new PersonId(Records.PersonId)), (rejection.Element, rejection.Person));
    }

    [Theory]
    [InlineData("2000-01-01T00:00:00Z")]
    [InlineData("2026-10-02T09:00:00Z")]
    [InlineData("2026-10-02T11:00:00+02")]
    [InlineData("1790931600")]
    public void A_change_from_2000_on_and_up_to_a_day_ahead_is_one(string date)
    {
        var match = Records.Match();
        match["lastupdate"] = date;
        match["datematch"] = "1950-01-01T00:00:00Z";
        match["dateuseraction"] = "2150-01-01T00:00:00Z";

        At("2026-10-01T09:00:00Z").Map(Records.Understood(match), "here").Understood();
    }

    private static ApplicationMapping At(string now) =>
        new(new MappingOptions(), new FakeTimeProvider(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)));

    [Fact]
    public void No_text_makes_it_fail() =>
        Gen.String[Gen.Char["0123456789-:.TZ\"\\\n\u0000ä"], 0, 32].Sample(text =>
        {
            _ = DateText.TryInstant(text, out _);
            _ = DateText.TryInstant(text + "Z", out _);
            _ = DateText.TryDay(text, out _);
        });
}

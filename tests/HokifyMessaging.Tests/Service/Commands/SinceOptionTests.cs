using System.Globalization;
using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Tests.Service.Commands;

public sealed class SinceOptionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 10, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("90s", "2026-11-26T10:28:30Z")]
    [InlineData("30m", "2026-11-26T10:00:00Z")]
    [InlineData("30min", "2026-11-26T10:00:00Z")]
    [InlineData("2h", "2026-11-26T08:30:00Z")]
    [InlineData("2H", "2026-11-26T08:30:00Z")]
    [InlineData("3d", "2026-11-23T10:30:00Z")]
    [InlineData("2w", "2026-11-12T10:30:00Z")]
    [InlineData("999999999w", "1970-01-01T00:00:00Z")]
    [InlineData("2026-11-25", "2026-11-25T00:00:00Z")]
    [InlineData("2026-11-25T08:00", "2026-11-25T08:00:00Z")]
    [InlineData("2026-11-25T08:00Z", "2026-11-25T08:00:00Z")]
    [InlineData("2026-11-25T08:00+01:00", "2026-11-25T07:00:00Z")]
    [InlineData("2026-11-25T08:00:30.5Z", "2026-11-25T08:00:30.5Z")]
    [InlineData("2026-11-25 08:00:30", "2026-11-25T08:00:30Z")]
    [InlineData("2026-11-25 08:00:30Z", "2026-11-25T08:00:30Z")]
    public void It_is_an_age_or_a_time(string text, string instant) =>
        Assert.Equal(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture), SinceOption.Read(text, Now));

    [Theory]
    [InlineData("gestern")]
    [InlineData("2")]
    [InlineData("-2h")]
    [InlineData("2 h")]
    [InlineData("2x")]
    [InlineData("25.11.2026")]
    [InlineData("2026-13-25")]
    [InlineData("2026-11-25T25:00Z")]
    [InlineData("")]
    public void What_is_neither_is_refused_with_what_would_be_right(string text)
    {
        Assert.Null(SinceOption.Read(text, Now));
        Assert.Equal(
            $"--since is '{text}'; it must be an age such as 30m, 2h or 3d, or a time such as 2026-11-25 or 2026-11-25T08:00Z (UTC unless it says otherwise).",
            Assert.Single(HokifyCommand.Create().Parse(["runs", "--since", text]).Errors).Message);
    }

    [Fact]
    public void A_time_to_come_is_refused() => Assert.StartsWith(
        "--since is '2199-01-01', which is still to come; it must be an age",
        Assert.Single(HokifyCommand.Create().Parse(["runs", "--since", "2199-01-01"]).Errors).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Failed_and_state_exclude_each_other() =>
        Assert.Equal("--failed means --state Failed; give one of them.", Assert.Single(HokifyCommand.Create().Parse(["runs", "--failed", "--state", "Queued"]).Errors).Message);
}

using HokifyMessaging.Machine;

namespace HokifyMessaging.Tests.Machine;

/// <summary>What is told of a time zone that cannot be used: the setting's fault, or the machine's.</summary>
public sealed class KnownTimeZoneTests
{
    private const string Setting = "Hokify:Csv:TimeZone";

    private static readonly Func<string, string?> NoEnvironment = _ => null;

    [Theory]
    [InlineData("Europe/Vienna")]
    [InlineData("UTC")]
    [InlineData("America/Argentina/Buenos_Aires")]
    public void A_zone_that_the_machine_knows_is_right(string id) => Assert.Null(KnownTimeZone.Problem(id, _ => true, NoEnvironment, Setting));

    [Theory]
    [InlineData("Europe/Wien")]
    [InlineData("Vienna")]
    [InlineData("+01:00")]
    public void A_zone_that_is_none_is_the_settings_fault(string id) => Assert.Equal(
        $"Hokify:Csv:TimeZone is '{id}', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.",
        KnownTimeZone.Problem(id, zone => zone != id, NoEnvironment, Setting));

    [Theory]
    [InlineData(null, null, "install the package tzdata")]
    [InlineData("TZDIR", "/nowhere", "TZDIR names the folder /nowhere, which holds none: unset it, or have it name the folder of the package tzdata")]
    [InlineData("DOTNET_SYSTEM_TIMEZONE_INVARIANT", "1", "DOTNET_SYSTEM_TIMEZONE_INVARIANT keeps the program from reading any: unset it")]
    [InlineData("DOTNET_SYSTEM_TIMEZONE_INVARIANT", "0", "install the package tzdata")]
    public void A_machine_without_time_zone_data_is_told_as_that_and_what_helps(string? variable, string? value, string remedy) => Assert.Equal(
        $"Hokify:Csv:TimeZone is 'Europe/Vienna', but this machine has no time zone data; {remedy}, or set Hokify:Csv:TimeZone to UTC.",
        KnownTimeZone.Problem("Europe/Vienna", zone => zone == "UTC", name => name == variable ? value : null, Setting));

    [Fact]
    public void UTC_needs_no_data() => Assert.Null(KnownTimeZone.Problem("UTC", zone => zone == "UTC", NoEnvironment, Setting));
}

using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The service on a machine that has no time zones.</summary>
public sealed class TimeZoneDataTests
{
    [Theory]
    [InlineData("TZDIR", "/nowhere", "TZDIR names the folder /nowhere")]
    [InlineData("DOTNET_SYSTEM_TIMEZONE_INVARIANT", "1", "DOTNET_SYSTEM_TIMEZONE_INVARIANT keeps the program")]
    public async Task The_service_says_in_one_sentence_that_they_are_missing_and_does_not_start(string variable, string value, string remedy)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows brings its time zones with it.");
        using var folder = new OwnFolder();

        var outcome = await HokifyProcess.RunAsync(folder.Path, new Dictionary<string, string> { [variable] = value, ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" }, "serve");

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"Hokify:Csv:TimeZone is 'Europe/Vienna', but this machine has no time zone data; {remedy}", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Error);
    }
}

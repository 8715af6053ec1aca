using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify scopes</c> and <c>hokify audit</c>, as operators use them.</summary>
public sealed class ScopesVerbTests : IDisposable
{
    private static readonly Dictionary<string, string> Settings = new(ServeTests.Scope);

    private readonly OwnFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_watermark_is_set_when_somebody_is_sure_and_the_audit_log_tells_who_was()
    {
        Assert.Equal(0, (await RunAsync("migrate")).ExitCode);

        var told = await RunAsync("scopes", "set-watermark", "1", "2026-01-02T03:04Z");
        Assert.Equal((0, ""), (told.ExitCode, told.Error));
        Assert.Contains("the watermark is none and --yes would set it to 2026-01-02 03:04:00Z.", told.Output, StringComparison.Ordinal);
        Assert.Equal("Nothing was done by hand.", (await RunAsync("audit", "--scope", "1")).Output);

        var done = await RunAsync("scopes", "set-watermark", "1", "2026-01-02T03:04Z", "--yes", "--json");
        Assert.True(done.Json.GetProperty("done").GetBoolean());

        var scope = (await RunAsync("scopes", "--json")).Json[0];
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero), scope.GetProperty("watermark").GetDateTimeOffset());
        var entry = (await RunAsync("audit", "--scope", "1", "--json")).Json[0];
        Assert.Equal(
            ("SetWatermark", "From none to 2026-01-02 03:04:00Z.", Environment.UserName),
            (entry.GetProperty("action").GetString(), entry.GetProperty("detail").GetString(), entry.GetProperty("who").GetString()));
    }

    [Theory]
    [InlineData("1 yesterday", "The time is 'yesterday'; it must be an age such as 30m, 2h or 3d, or a time such as 2026-11-25")]
    [LongFormData("1 2199-01-01", "The time is '2199-01-01', which is still to come: what changes until then would never be read.")]
    [InlineData("7 none", "Scope 7 is not known: Hokify:Scopes has 1, and")]
    [LongFormData("one none", "The scope is 'one'; it must be a whole number.")]
    public async Task What_makes_no_sense_is_refused_with_one_sentence_and_nothing_is_set(string arguments, string sentence)
    {
        Assert.Equal(0, (await RunAsync("migrate")).ExitCode);

        var refused = await RunAsync(["scopes", "set-watermark", .. arguments.Split(' '), "--yes"]);

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith(sentence, refused.Error, StringComparison.Ordinal);
        Assert.Equal("Nothing was done by hand.", (await RunAsync("audit", "--scope", "1")).Output);
    }

    private Task<HokifyOutcome> RunAsync(params string[] arguments) => HokifyProcess.RunAsync(_folder.Path, Settings, arguments);
}

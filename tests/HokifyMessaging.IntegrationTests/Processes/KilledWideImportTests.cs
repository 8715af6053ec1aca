using System.Globalization;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>
/// Imports that ask for several pages at once, and processes that are killed whenever it happens. <c>HOKIFY_TEST_WIDE_KILLS</c> says how often,
/// <c>HOKIFY_TEST_WIDE_SEED</c> when.
/// </summary>
public sealed class KilledWideImportTests(ITestOutputHelper output)
{
    private const int FewKills = 3;

    /// <summary>An import that nobody disturbs is over after about three seconds.</summary>
    private const int ApplicationsForEachKill = 120;

    private const string Key = "nightly";

    [Fact]
    public async Task Whenever_its_process_is_killed_a_wide_import_leaves_the_rows_of_one_that_nobody_disturbed()
    {
        var kills = Number("HOKIFY_TEST_WIDE_KILLS") ?? FewKills;
        var seed = Number("HOKIFY_TEST_WIDE_SEED") ?? (kills == FewKills ? 1 : Random.Shared.Next(1_000_000));
        output.WriteLine($"HOKIFY_TEST_WIDE_KILLS={kills} HOKIFY_TEST_WIDE_SEED={seed} repeats it.");
        var random = new Random(seed);
        var applications = kills * ApplicationsForEachKill;
        await using var undisturbed = await Installation.StartAsync(applications);
        await undisturbed.CompleteAsync(Key);

        await using var site = await Installation.StartAsync(applications);
        site.LeaseFor(Installation.Short);
        site.Settings["Hokify:Scopes:1:AtsApi:PagesAtOnce"] = "8";
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Disordered) { Delay = TimeSpan.FromMilliseconds(400), Times = null });
        await site.Database.QueueFullAsync(Key);
        var killedMidway = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            var asked = site.PageRequests().Count;
            var worker = await site.ServeAsync();
            await worker.UntilAsync(
                async () => site.PageRequests().Count > asked || await site.Database.IsAnnouncedAsync(Key), "it asks for pages, or there are none left to ask for");
            await Task.Delay(random.Next(2_000), TestContext.Current.CancellationToken);
            await worker.KillAsync();
            killedMidway += await site.Database.IsAnnouncedAsync(Key) ? 0 : 1;
        }

        site.Sandbox.Faults.Clear();
        var last = await site.ServeAsync();
        await last.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the run is completed and announced");

        output.WriteLine($"{killedMidway} of {kills} found it at work.");
        Assert.InRange(killedMidway, kills / 2, kills);
        Assert.Equal(await undisturbed.Database.OutcomeAsync(Key), await site.Database.OutcomeAsync(Key));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

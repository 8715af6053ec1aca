using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Every page as people see it: by day and by night, on a telephone, in German. The pictures lie in <c>.artifacts/screenshots</c>, for whoever wants to look at them.</summary>
[Collection(ConsoleTests.Name)]
public sealed class ScreenshotTests(ConsoleBrowser browser, SharedBroker shared)
{
    private static readonly (string Name, ConsoleLook Look)[] Looks =
    [
        ("light", new ConsoleLook()),
        ("dark", new ConsoleLook { IsDark = true }),
        ("narrow", ConsoleLook.Narrow),
        ("german", new ConsoleLook { Language = "de-AT" }),
    ];

    [Fact]
    public async Task Every_page_fits_its_window_and_is_accessible_by_day_by_night_on_a_telephone_and_in_German()
    {
        await using var broker = await shared.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var site = await Installation.StartAsync(applications: 60);
        site.Use(broker);
        foreach (var (key, value) in Service.AtBroker.Asking(broker))
        {
            site.Settings[key] = value;
        }

        site.Settings["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste";
        site.Settings["Hokify:Import:FailedRunDelay"] = "01:00:00";
        var service = await site.ServeAsync();
        await service.UntilStartedAsync();
        await FillAsync(site, service);

        await using var first = await ConsoleVisit.ByLinkAsync(browser, service);
        var key1 = await File.ReadAllTextAsync($"{site.Database.File}.local-token", TestContext.Current.CancellationToken);
        foreach (var (name, look) in Looks)
        {
            await using var visit = await ConsoleVisit.WithKeyAsync(browser, first.Address, key1, look);
            foreach (var (page, address) in await PagesAsync(site))
            {
                await visit.GoAsync(address);
                await visit.CheckAsync();
                await visit.KeepAsync($"{page}-{name}");
            }

            visit.Complaints.Clear();
        }
    }

    private static async Task FillAsync(Installation site, HokifyProcess service)
    {
        await site.Database.QueueFullAsync("nightly/2026-11-26T02:30");
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync("nightly/2026-11-26T02:30"), "the first run is announced");
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Times = 20 });
        await site.Database.QueueFullAsync("nightly/2026-11-27T02:30");
        await service.UntilAsync(async () => (await site.Database.RunAsync("nightly/2026-11-27T02:30")).State == Storage.RunState.Failed, "the second run fails");
        site.Sandbox.Faults.Clear();
        site.SlowDown(milliseconds: 5_000);
        await site.Database.QueueFullAsync("by-hand");
    }

    private static async Task<IReadOnlyList<(string Name, string Address)>> PagesAsync(Installation site)
    {
        var done = await site.Database.RunAsync("nightly/2026-11-26T02:30");
        var failed = await site.Database.RunAsync("nightly/2026-11-27T02:30");
        var moving = await site.Database.RunAsync("by-hand");
        return
        [
            ("runs", "/console/runs"),
            ("runs-none", "/console/runs?state=Cancelled"),
            ("run", $"/console/runs/{done.Id}"),
            ("run-failed", $"/console/runs/{failed.Id}"),
            ("run-moving", $"/console/runs/{moving.Id}"),
            ("queues", "/console/queues"),
            ("audit", "/console/audit"),
            ("people", "/console/people"),
            ("retention", "/console/retention"),
        ];
    }
}

using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The console without a mouse, and for whoever hears it instead of seeing it.</summary>
[Collection(ConsoleTests.Name)]
public sealed class KeyboardTests(ConsoleBrowser browser, FilledConsole console)
{
    /// <summary>Every text that a region has which tells what changes in it.</summary>
    private const string Listen = """
        () => {
          window.told = [];
          const note = () => document.querySelectorAll('[role=status], [role=alert], [aria-live]').forEach((one) => {
            const text = one.textContent.trim().replace(/\s+/g, ' ');
            if (window.told.at(-1) !== text) {
              window.told.push(text);
            }
          });
          note();
          new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_the_work_is_done_with_keys_alone_from_signing_in_to_signing_out()
    {
        await using var site = await Installation.StartAsync(applications: 30);
        await site.CompleteAsync("before");
        await WaitingRecords.LayOutAsync(site, 3, _ => WaitingRecords.NoDate);
        site.Sandbox.Advance(@new: 2);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.BeginAsync(browser, await service.AddressAsync());
        var keys = new KeyboardUser(visit.Page);

        // Where there is one field, one is in it.
        await visit.GoAsync("/console");
        await visit.UntilAsync("#key:focus");
        await keys.TypeAsync((await File.ReadAllTextAsync($"{site.Database.File}.local-token", Cancel)).Trim());
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#runs .rows");

        // The first stop leads past what stands on every page.
        await keys.PressAsync("Tab");
        Assert.True(await keys.IsAtAsync("a.skip"));
        await keys.PressAsync("Enter");
        await keys.PressAsync("Tab");
        Assert.True(await keys.IsAtAsync("main input[name=q]"));

        // A dry run, asked for, looked at, and applied.
        await keys.ToAsync("nav a[href$=scopes]", backwards: true);
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#scopes table");
        await keys.ToAsync("#scopes a[href$='scopes/1']");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#test");
        await keys.ToAsync("select[name=mode]");
        await keys.PressAsync("ArrowDown");
        await keys.ToAsync("input[name=dryRun]");
        await keys.PressAsync("Space");
        await keys.PressAsync("Tab");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#announce");
        Assert.True(await site.Database.QueryAsync(db => db.ImportRuns.AnyAsync(run => run.DryRun && run.ImportMode == Contracts.ImportMode.Full, Cancel)));
        await keys.ToAsync("#plan");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#apply");
        await keys.ToAsync("#apply");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("text=Exactly this is applied");
        await visit.UntilAsync("#announce");

        // What waits: one is ticked, and dropped with a reason.
        await keys.ToAsync("nav a[href$=waiting]");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#by-cause");
        await keys.ToAsync("#groups th a");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("text=3 records that match");
        await keys.ToAsync("input[name=pick]");
        await keys.PressAsync("Space");
        await keys.ToAsync("input[name=reason]");
        await keys.TypeAsync("no date, and none to be had");
        await keys.PressAsync("Tab");
        Assert.True(await keys.IsAtAsync("#drop"));
        await keys.PressAsync("Enter");
        await visit.UntilAsync("text=1 was dropped.");
        Assert.StartsWith("1 was dropped.", await visit.Page.TitleAsync(), StringComparison.Ordinal);

        // All that are left, by the arrows of a choice.
        await keys.ToAsync("input[name=which]");
        await keys.PressAsync("ArrowDown");
        await keys.ToAsync("#park");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("text=2 wait for somebody from now on.");
        Assert.Equal((1, 2), await site.Database.QueryAsync(async db =>
            (await db.ActivityLogs.CountAsync(log => log.Status == ActivityStatus.Dropped, Cancel), await db.ActivityLogs.CountAsync(log => log.Status == ActivityStatus.Parked, Cancel))));

        await keys.ToAsync("form[action$=sign-out] button");
        await keys.PressAsync("Enter");
        await visit.UntilAsync("#key:focus");
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(320)]
    public async Task On_every_page_Tab_comes_to_everything_in_its_order_shows_where_it_is_and_leads_out_again(int width)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { Width = width });
        var keys = new KeyboardUser(visit.Page);
        foreach (var address in new[]
        {
            "/console/runs", await console.RunAsync(FilledConsole.Done), $"{await console.RunAsync(FilledConsole.Plan)}/plan", "/console/explain", "/console/waiting", "/console/scopes", "/console/scopes/1",
            "/console/schedules", "/console/queues", "/console/people", "/console/retention", "/console/audit", "/console/nowhere",
        })
        {
            await visit.GoAsync(address);
            var walked = await keys.WalkAsync();
            var all = await visit.Page.EvaluateAsync<int[]>("""
                () => {
                  const all = [...document.querySelectorAll('*')];
                  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
                    .filter((one) => one.checkVisibility() && one.type !== 'hidden' && !(one.type === 'radio' && !one.checked));
                  return stops.map((one) => all.indexOf(one));
                }
                """);
            Assert.Equal(all, walked);
        }
    }

    [Fact]
    public async Task Whoever_stands_in_a_part_that_is_made_anew_keeps_their_place_and_hears_what_changed_and_no_more()
    {
        await using var site = await Installation.StartAsync(applications: 60);
        await site.CompleteAsync("before");
        site.SlowDown(milliseconds: 500);
        await site.Database.QueueFullAsync("moving");
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service);
        var keys = new KeyboardUser(visit.Page);

        // In the list: another run comes before the one at which somebody stands.
        await visit.UntilAsync("#runs .rows");
        await keys.ToAsync("#runs summary");
        await keys.PressAsync("Enter");
        await keys.ToAsync($"#runs a[href$='{(await site.Database.RunAsync("before")).Id}']");
        await site.Database.QueueFullAsync("newest");
        await visit.UntilAsync("text=newest");
        Assert.True(await keys.IsAtAsync($"a[href$='{(await site.Database.RunAsync("before")).Id}']"));
        Assert.NotNull(await visit.Page.Locator("#days").GetAttributeAsync("open"));

        // On its page: the button that somebody stands at goes with the end of the run.
        await visit.GoAsync($"/console/runs/{(await site.Database.RunAsync("moving")).Id}");
        await visit.Page.EvaluateAsync(Listen);
        await keys.ToAsync("#cancel");
        await visit.UntilAsync("#progress + strong");
        site.SpeedUp();
        await visit.UntilAsync("#announce");
        Assert.True(await keys.IsAtAsync("#stand"), "The focus is lost.");
        await keys.PressAsync("Tab");
        Assert.True(await keys.IsAtAsync("#stand *"), "The focus went elsewhere.");
        var told = await visit.Page.EvaluateAsync<string[]>("window.told");
        Assert.Contains("completed", told[^1], StringComparison.Ordinal);
        Assert.InRange(told.Length, 2, Enum.GetValues<RunPhase>().Length + Enum.GetValues<RunState>().Length);
        Assert.Equal(told.Distinct(), told);
    }
}

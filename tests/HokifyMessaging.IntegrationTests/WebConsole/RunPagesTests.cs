using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The list of runs and the page of one, against a service that imports from a hokify.</summary>
[Collection(ConsoleTests.Name)]
public sealed class RunPagesTests(ConsoleBrowser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_is_found_cancelled_and_has_gone_on_to_its_end(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 60);
        // The page is to be checked while it waits for the checkpoint at which it stops.
        site.SlowDown(milliseconds: 12_000);
        await site.Database.QueueFullAsync("first");
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "first" }).ClickAsync();
        await visit.CheckAsync();
        await visit.Page.Locator("#cancel").ClickAsync();
        await visit.Page.Locator(".notice[role=status]").First.WaitForAsync();
        await visit.CheckAsync();
        await visit.UntilAsync("#resume");
        site.SpeedUp();
        await visit.CheckAsync();
        await visit.Page.Locator("#resume").ClickAsync();
        await visit.UntilAsync("#announce");

        await visit.Page.Locator("#announce").ClickAsync();
        await visit.Page.GetByText("Its event was published again.").WaitForAsync();
        await visit.CheckAsync();
        await visit.GoAsync("/console/audit");
        await visit.CheckAsync();
        await visit.Page.GetByRole(AriaRole.Cell, new() { Name = "had an import go on" }).WaitForAsync();
    }

    [Fact]
    public async Task An_import_moves_from_its_beginning_to_its_end_on_a_page_that_is_not_loaded_again()
    {
        await using var site = await Installation.StartAsync(applications: 100);
        await site.CompleteAsync("before");
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenLastUpdate) { Times = 3 });
        site.SlowDown(milliseconds: 1_000);
        await site.Database.QueueFullAsync("moving");
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "moving" }).ClickAsync();
        await visit.Page.EvaluateAsync("window.mark = 'the same page'");

        var shares = new HashSet<string>();
        var isChecked = false;
        await service.UntilAsync(
            async () =>
            {
                if (await visit.Page.Locator("#progress + strong").AllTextContentsAsync() is [var share])
                {
                    shares.Add(share);
                }

                if (shares.Count > 0 && !isChecked)
                {
                    isChecked = true;
                    await visit.CheckAsync();
                }

                // It has been seen to move; the rest need not take its time.
                if (shares.Count == 3)
                {
                    site.SpeedUp();
                }

                return await visit.Page.Locator("#announce").CountAsync() == 1;
            },
            "the page shows the end of the run");

        Assert.True(shares.Count >= 3, $"The page showed {string.Join(", ", shares)}.");
        await visit.SeesAsync("#rows button[name=asked]");
        await visit.SeesAsync("#course > ul.groups");
        await visit.SeesAsync("#course #event");
        Assert.Equal("the same page", await visit.Page.EvaluateAsync<string>("window.mark"));
        await visit.CheckAsync();
    }
}

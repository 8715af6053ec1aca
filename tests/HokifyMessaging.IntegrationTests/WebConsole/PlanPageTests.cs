using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The page of a plan: what would be done, the button that has it done, and why it was not.</summary>
[Collection(ConsoleTests.Name)]
public sealed class PlanPageTests(ConsoleBrowser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_is_looked_at_and_applied(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 30);
        await DryRunAsync(site, "look");
        var service = await site.ServeAsync();
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync("look"), "the dry run is completed");
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "look" }).ClickAsync();
        await visit.CheckAsync();
        await visit.Page.Locator("#plan").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "What an import would do" }).WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync("plan");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Further on in the plan" }).ClickAsync();
        await visit.CheckAsync();
        await visit.GoAsync($"{new Uri(visit.Page.Url).AbsolutePath}?change=Deleted");
        await visit.Page.GetByText("Nothing matches.").WaitForAsync();
        await visit.CheckAsync();
        await visit.Page.Locator("#apply").ClickAsync();
        await visit.Page.GetByText("Exactly this is applied as soon as it is its turn").WaitForAsync();
        await visit.UntilAsync("#announce");
        await visit.CheckAsync();

        await visit.Page.Locator("#plan").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "What was planned anew to apply a plan" }).WaitForAsync();
        await visit.CheckAsync();
        await visit.CheckBoxAsync("differences");
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("main > .empty");
        await visit.GoAsync("/console/audit");
        await visit.Page.GetByRole(AriaRole.Cell, new() { Name = "looked at a plan" }).First.WaitForAsync();
        Assert.Equal(30, await site.Database.QueryAsync(db => db.CandidateProfiles.CountAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_is_refused_because_hokify_moved_and_the_page_says_in_what(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 12);
        await site.CompleteAsync("before");
        site.Sandbox.Advance(changed: 2);
        await DryRunAsync(site, "look");
        var service = await site.ServeAsync();
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync("look"), "the dry run is completed");
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, ConsoleLook.Narrow with { HasScript = hasScript, IsDark = true, Language = "de-AT" });
        var moved = site.Sandbox.Advance(@new: 1).New.Single();

        await visit.GoAsync($"/console/runs/{(await site.Database.RunAsync("look")).Id}/plan");
        await visit.CheckAsync();
        await visit.KeepAsync("plan-narrow");
        await visit.Page.Locator("#apply").ClickAsync();
        await visit.UntilAsync("#resume");
        await visit.CheckAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Unterschiede" }).ClickAsync();
        await visit.Page.GetByText("Der Plan, der ausgeführt werden sollte, hat das nicht.").First.WaitForAsync();
        await visit.Page.GetByText(moved).First.WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync("plan-refused");
    }

    private static Task DryRunAsync(Installation site, string key) => site.Database.QueueAsync(new ImportRequest(key, 1, ImportMode.Full, null, true, null));
}

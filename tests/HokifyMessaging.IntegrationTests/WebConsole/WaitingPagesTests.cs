using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The pages of what waits: seen in groups, decided on, and tried step by step.</summary>
[Collection(ConsoleTests.Name)]
public sealed class WaitingPagesTests(ConsoleBrowser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Records_are_parked_tried_and_dropped_and_the_second_who_does_it_is_told(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 3);
        await LayOutAsync(site, 30, _ => WaitingRecords.NoDate);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        await visit.GoAsync("/console/waiting");
        await visit.CheckAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "a date that is none" }).ClickAsync();
        await visit.Page.GetByText("30 records that match").WaitForAsync();
        await visit.CheckAsync();
        await PressAsync(visit, "#park");
        await ToldAsync(visit, "no record was ticked");

        await visit.Page.Locator("input[name=pick]").First.CheckAsync();
        await PressAsync(visit, "#drop");
        await ToldAsync(visit, "Nothing was dropped: the reason is missing");
        Assert.Equal((true, 1), (await visit.Page.Locator("input[name=pick]").First.IsCheckedAsync(), await visit.Page.Locator("input[name=pick]:checked").CountAsync()));
        await visit.CheckAsync();
        await PressAsync(visit, "#park");
        await ToldAsync(visit, "1 waits for somebody from now on.");
        await using var other = await ConsoleVisit.WithKeyAsync(browser, visit.Address, await TokenAsync(site));
        await other.GoAsync(new Uri(visit.Page.Url).PathAndQuery);
        await other.Page.Locator("input[name=pick]").First.CheckAsync();
        await PressAsync(other, "#park");
        await ToldAsync(other, "1 waits for somebody from now on.");
        if (hasScript)
        {
            // Something has moved, the page has been refreshed, and says in its title what was done here all the same.
            await visit.Page.Locator("#groups td", new() { HasTextRegex = new Regex("^28$") }).WaitForAsync();
            await Assertions.Expect(visit.Page).ToHaveTitleAsync(new Regex("^1 waits for somebody from now on\\. – Waiting"));
        }

        await PressAllAsync(visit, "#drop");
        await ToldAsync(visit, "Nothing was dropped: the reason is missing");
        await visit.Page.Locator("input[name=reason]").FillAsync("<script>alert(1)</script> old ones");
        await PressAllAsync(visit, "#drop");
        await ToldAsync(visit, "28 were dropped.");
        await visit.CheckAsync();

        await visit.GoAsync("/console/waiting?state=Parked");
        await other.GoAsync("/console/waiting?state=Parked");
        await PressAllAsync(visit, "#drop", "same");
        await ToldAsync(visit, "2 were dropped.");
        await PressAllAsync(other, "#drop", "same");
        await ToldAsync(other, "Nothing was done, because local did the same at");

        await visit.GoAsync("/console/waiting");
        await visit.Page.GetByText("Nothing waits:").WaitForAsync();
        await visit.CheckAsync();
        Assert.Equal(30, await site.Database.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Dropped && l.ResultData!.StartsWith("Dropped by "), Cancel)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ramp_goes_through_on_its_page(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 3);
        await LayOutAsync(site, 30, _ => WaitingRecords.GoodDate);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        await visit.GoAsync("/console/waiting?cause=BadDate");
        await PressAsync(visit, "#ramp");
        await visit.SeesAsync("#done");
        Assert.Matches(new Regex("/console/waiting/ramps/[0-9]+$"), visit.Page.Url);
        await visit.CheckAsync();
        await visit.UntilAsync("#stand .tag.good");

        Assert.Equal(("30", "0", "0"), (await TextAsync(visit, "#done"), await TextAsync(visit, "#failed"), await TextAsync(visit, "#left")));
        await visit.CheckAsync();
        await visit.GoAsync("/console/waiting");
        await visit.Page.GetByText("30 of 30 stored").WaitForAsync();
        await visit.CheckAsync();
    }

    [Fact]
    public async Task A_ramp_over_ten_thousand_stops_where_the_cause_is_still_there_and_says_so()
    {
        await using var site = await Installation.StartAsync(applications: 3);
        await LayOutAsync(site, 10_000, _ => WaitingRecords.NoDate);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service);

        await visit.GoAsync("/console/waiting?cause=BadDate&field=datematch");
        await visit.CheckAsync();
        await PressAsync(visit, "#ramp");
        await visit.UntilAsync("#stand .tag.bad");

        await visit.Page.GetByText("were not touched and wait as they did before").WaitForAsync();
        Assert.Equal(("0", "3", "9,997"), (await TextAsync(visit, "#done"), await TextAsync(visit, "#failed"), await TextAsync(visit, "#left")));
        await visit.CheckAsync();
        await visit.KeepAsync("ramp-stopped");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_second_who_starts_or_stops_a_ramp_is_told_who_did_it(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 3);
        site.SlowDown(milliseconds: 1000);
        await LayOutAsync(site, 60, _ => WaitingRecords.GoodDate);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await using var other = await ConsoleVisit.WithKeyAsync(browser, visit.Address, await TokenAsync(site), new ConsoleLook { HasScript = hasScript });

        await visit.GoAsync("/console/waiting?cause=BadDate");
        await other.GoAsync("/console/waiting?cause=BadDate");
        await PressAsync(visit, "#ramp");
        await ToldAsync(visit, "The ramp has begun.");
        await visit.CheckAsync();
        await PressAsync(other, "#ramp");
        await ToldAsync(other, "has started a ramp of these records at");
        await visit.Page.Locator("#stop").ClickAsync();
        await ToldAsync(visit, "The ramp was stopped");
        await other.UntilAsync("#stand .tag.off");
        await visit.CheckAsync();
        await site.UntilAsync(() => site.Database.QueryAsync(db => db.ActivityLogs.AllAsync(l => l.RampId == null, Cancel)), "the ramp has given its records back");
    }

    [Fact]
    public async Task The_pages_are_in_German_by_night_and_fit_a_telephone()
    {
        await using var site = await Installation.StartAsync(applications: 3);
        await LayOutAsync(site, 3, i => i == 0 ? WaitingRecords.NoDate : WaitingRecords.GoodDate, "<script>alert(1)</script>=HYPERLINK(\"x\")");
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, ConsoleLook.Narrow with { IsDark = true, Language = "de-AT" });

        await visit.GoAsync("/console/waiting?cause=BadDate");
        await visit.Page.GetByText("3 Datensätze, die passen").WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync("waiting-narrow-dark-german");
        await PressAsync(visit, "#ramp");
        await visit.UntilAsync("#stand .tag.warn, #stand .tag.bad, #stand .tag.good");
        await visit.CheckAsync();
        await visit.KeepAsync("ramp-narrow-dark-german");

        foreach (var (path, sentence) in new[]
        {
            ("/console/waiting?cause=Weather", "Weather"),
            ("/console/waiting?colour=red", "colour"),
            ("/console/waiting?after=x", "after ist 'x'"),
            ("/console/waiting?runId=x", "runId"),
            ("/console/waiting/ramps/99", "Diese Rampe gibt es nicht"),
        })
        {
            visit.Complaints.Clear();
            await visit.GoAsync(path);
            await visit.Page.GetByText(sentence).First.WaitForAsync();
        }
    }

    private static Task PressAsync(ConsoleVisit visit, string button) => visit.Page.Locator(button).ClickAsync();

    private static async Task PressAllAsync(ConsoleVisit visit, string button, string? reason = null)
    {
        await visit.Page.Locator("input[name=which][value=all]").CheckAsync();
        if (reason is not null)
        {
            await visit.Page.Locator("input[name=reason]").FillAsync(reason);
        }

        await PressAsync(visit, button);
    }

    private static Task ToldAsync(ConsoleVisit visit, string sentence) => visit.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = sentence }).WaitForAsync();

    private static async Task<string> TextAsync(ConsoleVisit visit, string selector) => (await visit.Page.Locator(selector).TextContentAsync())!.Trim();

    private static async Task<string> TokenAsync(Installation site) => (await File.ReadAllTextAsync($"{site.Database.File}.local-token", Cancel)).Trim();

    private static async Task LayOutAsync(Installation site, int count, Func<int, string> date, string name = "Mizzi Muster")
    {
        await site.CompleteAsync("before");
        await WaitingRecords.LayOutAsync(site, count, date, name);
    }
}

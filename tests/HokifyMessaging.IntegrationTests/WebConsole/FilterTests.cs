using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>What lists can be narrowed by, how one turns their pages, and what is said where nothing is left or a filter is odd.</summary>
[Collection(ConsoleTests.Name)]
public sealed class FilterTests(ConsoleBrowser browser, FilledConsole console)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Runs_are_searched_filtered_and_paged(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console");
        await visit.CheckAsync();
        await visit.ClickAsync("a.next");
        await visit.SeesAsync("text=older/25");
        await visit.CheckAsync();

        await visit.GoAsync("/console/runs");
        await visit.ClickAsync("#filters summary");
        await visit.ClickAsync("#days summary");
        await visit.CheckAsync();
        var day = await visit.Page.Locator("#days tbody th").CountAsync();
        Assert.True(day > 20, $"The table has {day} days.");
        await visit.FillAsync(("q", "older/0"), ("from", "2020-01-01"), ("to", "2090-01-01"));
        await visit.ChooseAsync(("scopeId", "1"), ("state", "Completed"), ("mode", "Full"));
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("text=9 runs");
        await visit.CheckAsync();
        await visit.ClickAsync("text=Show all");
        await visit.SeesAsync("text=by-hand");
        await visit.GoAsync("/console/runs?state=Cancelled");
        await visit.SeesAsync("text=No run matches.");
        await visit.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_records_of_a_run_are_filtered_paged_and_explained_and_its_files_and_its_event_are_handed_out(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        var run = await console.RunAsync(FilledConsole.Done);
        await visit.GoAsync(run);
        await visit.ClickAsync("#event summary");
        await visit.CheckAsync();
        if (hasScript)
        {
            await visit.Page.Context.GrantPermissionsAsync(["clipboard-write"]);
            await visit.ClickAsync("[data-copy]");
            await visit.SeesAsync("text=Copied");
            await visit.CheckAsync();
        }

        foreach (var format in new[] { "csv", "csv-excel", "xlsx" })
        {
            Assert.NotEqual(0, new FileInfo(await visit.DownloadAsync($"a[href$='format={format}']")).Length);
        }

        await visit.ClickAsync("a[href$='handler=event']");
        await visit.SeesAsync("text=idempotencyKey");

        await visit.GoAsync(run);
        await visit.ClickAsync("a.next");
        await visit.CheckAsync();
        var done = (await console.Site.Database.RunAsync(FilledConsole.Done)).Id;
        var id = await console.Site.Database.QueryAsync(db => db.ActivityLogs
            .Where(l => l.RunId == done && l.Name == ActivityName.Created && l.ElementName == ElementNames.CandidateProfile).OrderBy(l => l.Id).Select(l => l.ReferenceId).LastAsync(Cancel));
        await visit.FillAsync(("referenceId", id));
        await visit.ChooseAsync(("outcome", "Created"));
        await visit.ClickAsync("form.filter button");
        await visit.CheckAsync();
        await visit.ClickAsync($"button[name=asked]:has-text('{id}')");
        await visit.SeesAsync("section .timeline");
        Assert.EndsWith("/console/explain", visit.Page.Url, StringComparison.Ordinal);
        await visit.ClickAsync("dd button[name=asked]");
        await visit.SeesAsync("section .timeline");
        await visit.CheckAsync();

        await visit.GoAsync($"{run}?outcome=Deleted");
        await visit.SeesAsync("text=None matches.");
        await visit.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_is_filtered_paged_and_tried_now(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console/waiting");
        await visit.CheckAsync();
        await visit.ClickAsync("a.next");
        await visit.SeesAsync("input[name=pick]");
        await visit.CheckAsync();

        var run = (await console.Site.Database.RunAsync(FilledConsole.Done)).Id;
        await visit.GoAsync($"/console/waiting?runId={run}");
        await visit.CheckAsync();
        await visit.FillAsync(("q", "not a date"), ("id", hasScript ? "000000010000000000abcdef" : "000000020000000000abcdef"), ("field", "datematch"), ("runId", $"{run}"));
        await visit.ChooseAsync(("scopeId", "1"), ("state", "Open"), ("cause", nameof(FailureCause.BadDate)));
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("text=1 record that matches");
        await visit.CheckAsync();
        await visit.CheckBoxAsync("pick");
        await visit.ClickAsync("#try");
        await visit.SeesAsync("text=1 is tried by an import that is asked for now.");
        await visit.CheckBoxAsync("pick");
        await visit.ClickAsync("#park");
        await visit.SeesAsync("text=1 waits for somebody from now on.");
        await visit.GoAsync(await console.RunAsync(FilledConsole.Done));
        await visit.CheckAsync();
        await visit.ClickAsync("#retry");
        await visit.SeesAsync("text=1 is tried by an import that is asked for now.");
        await visit.GoAsync($"/console/waiting?runId={run}");
        await visit.ClickAsync("text=Show all");
        await visit.SeesAsync("text=30 records that match");
        await visit.GoAsync("/console/waiting?q=nothing+says+this");
        await visit.SeesAsync("text=No record matches.");
        await visit.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_audit_log_is_filtered_by_scope_deed_and_days_and_paged(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console/audit");
        await visit.CheckAsync();
        await visit.ClickAsync("a.next");
        await visit.SeesAsync("text=Run nightly/60.");
        await visit.CheckAsync();
        await visit.FillAsync(("scopeId", "1"), ("from", "2020-01-01"), ("to", "2090-01-01"));
        await visit.ChooseAsync(("action", "RequestImport"));
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("text=Run nightly/1.");
        Assert.Equal(["asked for an import"], (await visit.Page.Locator("tbody td:nth-child(4)").AllInnerTextsAsync()).Distinct());
        Assert.Equal("RequestImport", await visit.Page.Locator("select[name=action]").InputValueAsync());
        await visit.FillAsync(("from", "2089-01-01"));
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("text=No entry matches.");
        await visit.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_is_filtered_and_paged_and_what_a_key_may_not_see_is_not_there(bool hasScript)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync(await console.RunAsync(FilledConsole.Plan));
        await visit.ClickAsync("#plan");
        await visit.CheckAsync();
        await visit.ClickAsync("a.next");
        await visit.CheckAsync();
        await visit.ChooseAsync(("change", "Updated"));
        await visit.ClickAsync("form.filter button");
        await visit.SeesAsync("ol.groups del");
        await visit.CheckAsync();
        foreach (var other in new[] { "/console/retention", "/console/scopes/2", await console.RunAsync(FilledConsole.Moving) })
        {
            await visit.GoAsync(other);
            await visit.CheckAsync();
        }

        await using var stranger = await console.VisitAsync(browser, new ConsoleLook { HasScript = hasScript }, seesNothing: true);
        await stranger.GoAsync("/console/scopes");
        await stranger.SeesAsync("#scopes > .empty");
        await stranger.CheckAsync();
        foreach (var (address, status) in new[] { ("/console/audit", 403), (await console.RunAsync(FilledConsole.Done), 404), ("/console/runs?colour=red", 400), ("/console/nowhere", 404) })
        {
            Assert.Equal(status, (await stranger.GoAsync(address))!.Status);
            stranger.Complaints.Clear();
            await stranger.CheckAsync();
        }
    }
}

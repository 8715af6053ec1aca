using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Scopes, their holes and their schedules, against a service that imports from a hokify.</summary>
[Collection(ConsoleTests.Name)]
public sealed class ScopePagesTests(ConsoleBrowser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hole_is_shown_with_its_reason_and_read_again_by_a_button(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 5);
        await site.CompleteAsync("before");
        await LeaveOutAsync(site);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Scopes" }).ClickAsync();
        await visit.CheckAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "demo" }).ClickAsync();
        await visit.Page.GetByText("somebody has moved the watermark past it").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await visit.ClickAsync("#spans summary");
        await visit.CheckAsync();

        await visit.Page.Locator("#again-0").ClickAsync();
        await visit.Page.GetByText("The import is asked for. This is its page.").WaitForAsync();
        await visit.UntilAsync("#announce");
        await visit.GoAsync("/console/scopes/1");

        await visit.Page.GetByText("Which spans of time were read to the end: there is no hole.").WaitForAsync();
        Assert.Equal(0, await visit.Page.Locator("#again-0").CountAsync());
        Assert.Null(await site.Database.QueryAsync(db => db.Scopes.Select(s => s.SkippedTo).SingleAsync(Cancel)));
        await visit.CheckAsync();
    }

    [Fact]
    public async Task Two_who_have_the_same_hole_read_again_get_one_import()
    {
        await using var site = await Installation.StartAsync(applications: 5);
        await site.CompleteAsync("before");
        await LeaveOutAsync(site);
        var service = await site.ServeAsync();
        await using var first = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = false });
        await using var second = await ConsoleVisit.WithKeyAsync(browser, first.Address, await File.ReadAllTextAsync($"{site.Database.File}.local-token", Cancel), new ConsoleLook { HasScript = false, Language = "de-AT" });
        foreach (var visit in new[] { first, second })
        {
            await visit.GoAsync("/console/scopes/1");
        }

        await first.Page.Locator("#again-0").ClickAsync();
        await first.Page.GetByText("The import is asked for. This is its page.").WaitForAsync();
        await second.Page.Locator("#again-0").ClickAsync();
        await second.Page.GetByText("Es wurde nichts getan: Dasselbe war schon angefragt").WaitForAsync();

        Assert.Equal(2, await site.Database.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_import_is_asked_for_and_the_credentials_are_tested(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 5);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console/scopes/1");
        await visit.CheckAsync();

        await visit.Page.Locator("#test").ClickAsync();

        // This hokify's clock stands still, which is worth a word.
        await visit.Page.GetByText("demo: the clock of AtsApi is").WaitForAsync();
        await visit.CheckAsync();
        await visit.FillAsync(("from", "2026-03-29T02:30"));
        await visit.ClickAsync("form[action$=request] button");
        await visit.SeesAsync("text=a time that the clock skips is none");
        Assert.Equal("2026-03-29T02:30", await visit.Page.Locator("input[name=from]").InputValueAsync());
        await visit.CheckAsync();
        await visit.FillAsync(("from", "2026-03-29T03:30"));
        await visit.ClickAsync("form[action$=request] button");
        await visit.UntilAsync("#announce");

        // What lies before that beginning is a hole, until somebody has it read.
        await visit.GoAsync("/console/scopes/1");
        await visit.ClickAsync("#again-0");
        await visit.UntilAsync("#announce");
        await visit.GoAsync("/console/scopes/1");
        await visit.CheckAsync();
        await visit.ClickAsync("#closed summary");
        await visit.CheckAsync();
        await visit.Page.GetByLabel("Mode").SelectOptionAsync("Full");
        await visit.Page.GetByLabel("Dry run").CheckAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await visit.UntilAsync("#announce");

        Assert.Equal((true, "local"), await site.Database.QueryAsync(db => db.ImportRuns.Where(r => r.DryRun).Select(r => new ValueTuple<bool, string?>(r.DryRun, r.RequestedBy)).SingleAsync(Cancel)));
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds(), await site.Database.QueryAsync(db => db.ImportRuns.Where(r => r.UnixSecondsFrom != null).Select(r => r.UnixSecondsFrom).SingleAsync(Cancel)));
    }

    [Theory]
    [InlineData(true, 1280, "en-GB")]
    [InlineData(false, 1280, "en-GB")]
    [InlineData(true, 360, "de-AT")]
    public async Task A_schedule_is_added_paused_with_a_reason_resumed_changed_and_removed(bool hasScript, int width, string language)
    {
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Hokify:Scopes:1:Schedules:nightly:Cron"] = "30 2 * * *";
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript, Width = width, Language = language });
        await visit.GoAsync("/console/schedules");
        await visit.CheckAsync();

        await FillAsync("every night");
        Assert.StartsWith("The cron expression is 'every night'; it must be a cron expression of five fields", await visit.Page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("every night", await visit.Page.Locator("input[name=cron]").InputValueAsync());
        await visit.CheckAsync();
        await FillAsync("*/15 6-20 * * MON-SAT");
        await visit.Page.GetByRole(AriaRole.Status).WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync($"schedules-{width}-{language}");

        await visit.Page.Locator("input[name=reason]").FillAsync("hokify moves");
        await visit.Page.Locator("button[value='1/often']").First.ClickAsync();
        await visit.Page.GetByText("hokify moves").WaitForAsync();
        await visit.CheckAsync();
        Assert.Equal(("local", "hokify moves"), await site.Database.QueryAsync(db => db.Schedules.Where(s => s.Name == "often").Select(s => new ValueTuple<string?, string?>(s.PausedBy, s.PauseReason)).SingleAsync(Cancel)));
        await visit.Page.Locator("button[value='1/often']").First.ClickAsync();
        await visit.Page.GetByText("hokify moves").WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await visit.Page.Locator("a[href*='change=']").ClickAsync();
        await visit.CheckAsync();
        await visit.Page.Locator("input[name=cron]").FillAsync("0 5 * * *");
        await visit.Page.Locator("form.filter button").ClickAsync();
        await visit.Page.GetByText("0 5 * * *").First.WaitForAsync();
        await visit.Page.Locator("button.danger").ClickAsync();
        await visit.Page.GetByRole(AriaRole.Status).WaitForAsync();

        Assert.Equal(0, await site.Database.QueryAsync(db => db.Schedules.CountAsync(s => s.Name == "often", Cancel)));
        Assert.Equal(5, await site.Database.QueryAsync(db => db.Audit.CountAsync(a => a.Who == "local", Cancel)));

        async Task FillAsync(string cron)
        {
            await visit.Page.Locator("input[name=name]").FillAsync("often");
            await visit.Page.Locator("input[name=cron]").FillAsync(cron);
            await visit.Page.Locator("form.filter button").ClickAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_is_explained_without_its_id_in_any_address_and_the_look_is_noted(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 5);
        await site.CompleteAsync("first");
        var (id, mail) = await site.Database.QueryAsync(db => db.CandidateProfiles.Where(p => p.Candidate!.Columns.Email != null).Select(p => new ValueTuple<string, string>(p.ReferenceId, p.Candidate!.Columns.Email!)).FirstAsync(Cancel));
        var run = (await site.Database.RunAsync("first")).Id;
        var history = $$"""[{"time":"2026-01-01T00:00:00+00:00","run":"{{run}}","field":"PreferredText","old":"<script>alert(1)</script>=HYPERLINK(\"x\")","new":null}]""";
        await site.Database.QueryAsync(db => db.CandidateProfiles.Where(p => p.ReferenceId == id).ExecuteUpdateAsync(set => set.SetProperty(p => p.History, history), Cancel));
        await site.Database.QueryAsync(db => db.ActivityLogs.Where(l => l.ReferenceId == id).ExecuteUpdateAsync(set => set.SetProperty(l => l.Name, ActivityName.Updated), Cancel));
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await visit.GoAsync("/console/explain");
        await visit.CheckAsync();

        await AskAsync(id);
        await visit.Page.GetByText("First stored").First.WaitForAsync();
        await visit.Page.GetByText("<script>alert(1)</script>=HYPERLINK").WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync(hasScript ? "explain" : "explain-no-script");
        Assert.Equal(1, await site.Database.QueryAsync(db => db.Audit.CountAsync(a => a.Action == AuditAction.LookAtPerson && !a.Detail.Contains(id), Cancel)));

        await AskAsync(mail.ToUpperInvariant());
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = id }).WaitForAsync();
        await visit.CheckAsync();
        await AskAsync("5,07E+23");
        await visit.Page.GetByRole(AriaRole.Alert).WaitForAsync();
        await visit.CheckAsync();
        await AskAsync("nobody-1");
        await visit.Page.GetByText("No run has met it.").WaitForAsync();
        await visit.CheckAsync();
        Assert.EndsWith("/console/explain", visit.Page.Url, StringComparison.Ordinal);

        async Task AskAsync(string asked)
        {
            await visit.Page.Locator("input[name=asked]").FillAsync(asked);
            await visit.Page.Locator("form.filter button").ClickAsync();
        }
    }

    private static Task<int> LeaveOutAsync(Installation site) => site.Database.QueryAsync(async db =>
    {
        // As if somebody had moved the watermark ahead before the import, which has read from there on.
        var (scope, run) = (await db.Scopes.SingleAsync(Cancel), await db.ImportRuns.SingleAsync(Cancel));
        (scope.SkippedFrom, scope.SkippedTo) = (scope.Watermark!.Value.AddDays(-10), scope.Watermark.Value.AddDays(-1));
        run.WindowFrom = scope.SkippedTo;
        return await db.SaveChangesAsync(Cancel);
    });
}

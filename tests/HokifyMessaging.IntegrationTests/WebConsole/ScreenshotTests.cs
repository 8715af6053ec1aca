using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Every page as people see it: by day and by night, on a telephone, in German. The pictures lie in <c>.artifacts/screenshots</c>, for whoever wants to look at them.</summary>
[Collection(ConsoleTests.Name)]
public sealed class ScreenshotTests(ConsoleBrowser browser, FilledConsole console)
{
    public static TheoryData<string, bool, int, string> Looks => new()
    {
        { "light", false, 1280, "en-GB" },
        { "dark", true, 1280, "en-GB" },
        { "narrow", false, 360, "en-GB" },
        { "german", false, 1280, "de-AT" },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Every_page_fits_its_window_and_is_accessible(string name, bool isDark, int width, string language)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { IsDark = isDark, Width = width, Language = language });
        foreach (var (page, address) in await PagesAsync())
        {
            await visit.GoAsync(address);
            await visit.CheckAsync();
            await visit.KeepAsync($"{page}-{name}");
        }

        await visit.GoAsync("/console/explain");
        await visit.Page.Locator("input[name=asked]").FillAsync(await console.Site.Database.QueryAsync(db => db.CandidateProfiles.Select(profile => profile.ReferenceId).FirstAsync(TestContext.Current.CancellationToken)));
        await visit.Page.Locator("form.filter button").ClickAsync();
        await visit.Page.Locator(".timeline").First.WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync($"explain-{name}");

        await visit.GoAsync("/console/nowhere");
        visit.Complaints.Clear();
        await visit.CheckAsync();
        await visit.KeepAsync($"not-found-{name}");

        await visit.Page.Locator("form[action$=sign-out] button").ClickAsync();
        await visit.Page.Locator("#key").WaitForAsync();
        await visit.CheckAsync();
        await visit.KeepAsync($"sign-in-{name}");
    }

    private async Task<IReadOnlyList<(string Name, string Address)>> PagesAsync() =>
    [
        ("runs", "/console/runs"),
        ("runs-none", "/console/runs?state=Cancelled"),
        ("run", await console.RunAsync(FilledConsole.Done)),
        ("run-failed", await console.RunAsync(FilledConsole.Failed)),
        ("run-moving", await console.RunAsync(FilledConsole.Moving)),
        ("plan", $"{await console.RunAsync(FilledConsole.Plan)}/plan"),
        ("waiting", "/console/waiting"),
        ("scopes", "/console/scopes"),
        ("scope", "/console/scopes/1"),
        ("schedules", "/console/schedules"),
        ("queues", "/console/queues"),
        ("people", "/console/people"),
        ("retention", "/console/retention"),
        ("audit", "/console/audit"),
    ];
}

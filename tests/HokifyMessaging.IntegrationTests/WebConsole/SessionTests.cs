using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>How one gets in and out, in which language, and what a page does whose key or whose database has gone.</summary>
[Collection(ConsoleTests.Name)]
public sealed class SessionTests(ConsoleBrowser browser)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_printed_link_opens_once_a_key_opens_always_and_one_leaves_by_a_button(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 0);
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await visit.SeesAsync("#runs > .empty");
        await visit.CheckAsync();
        foreach (var address in new[] { "/console/waiting", "/console/schedules", "/console/audit", "/console/explain", "/console/queues", "/console/people", "/console/scopes/1" })
        {
            await visit.GoAsync(address);
            await visit.CheckAsync();
        }

        await visit.ClickAsync("form[action$=language] button");
        await visit.SeesAsync("html[lang=de]");
        Assert.EndsWith("/console/scopes/1", visit.Page.Url, StringComparison.Ordinal);
        await visit.CheckAsync();
        foreach (var leading in new[] { "/console/language", "/console/sign-out", "/console" })
        {
            await visit.GoAsync(leading);
            Assert.EndsWith("/console/runs", visit.Page.Url, StringComparison.Ordinal);
        }

        await visit.ClickAsync("form[action$=sign-out] button");
        await visit.SeesAsync("#key");
        await visit.CheckAsync();
        await visit.GoAsync("/console/audit");
        await visit.FillAsync(("key", "guessed"));
        await visit.ClickAsync("form.stack button");
        await visit.SeesAsync("#problem");
        visit.Complaints.Clear();
        await visit.CheckAsync();
        await visit.FillAsync(("key", await File.ReadAllTextAsync($"{site.Database.File}.local-token", Cancel)));
        await visit.ClickAsync("form.stack button");
        await visit.SeesAsync("html[lang=de] main > .empty");
        Assert.EndsWith("/console/audit", visit.Page.Url, StringComparison.Ordinal);

        await using var second = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await second.SeesAsync("text=This link was used before");
        await second.CheckAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_whose_key_expires_leads_to_the_sign_in_and_says_since_when_it_is_refused(bool hasScript)
    {
        var key = ApiKey.Create();
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Http:Keys:night:Hash"] = KeyHash.Of(key).ToString();
        site.Settings["Http:Keys:night:Scopes"] = "all";
        site.Settings["Http:Keys:night:Rights"] = "read,import,operate";
        var service = await site.ServeAsync();
        var address = await service.AddressAsync();
        await using var visit = await ConsoleVisit.WithKeyAsync(browser, address, key, new ConsoleLook { HasScript = hasScript });
        await visit.SeesAsync("#runs > .empty");

        // The same service, at the same address, some time later.
        Assert.Equal(0, await service.TerminateAsync());
        site.Settings["ASPNETCORE_URLS"] = address.ToString();
        site.Settings["Http:Keys:night:ExpiresAt"] = "2026-01-01T00:00:00Z";
        await (await site.ServeAsync()).UntilStartedAsync();

        await visit.UntilAsync("#key");
        Assert.Contains("to=%2Fconsole%2Fruns", visit.Page.Url, StringComparison.Ordinal);
        visit.Complaints.Clear();
        await visit.FillAsync(("key", key));
        await visit.ClickAsync("form.stack button");
        await visit.SeesAsync("text=This API key expired at 1 Jan 2026");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_says_that_the_database_is_away_and_is_there_by_itself_when_it_is_back(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Database:CommandTimeout"] = "00:00:05";

        // Whoever keeps the file open keeps others from having it to themselves.
        site.Settings["Database:ConnectionString"] += ";Pooling=False";
        var service = await site.ServeAsync();
        await using var visit = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await visit.SeesAsync("#runs > .empty");
        await using (var somebody = new SqliteConnection($"{site.Database.ConnectionString};Pooling=False"))
        {
            await somebody.OpenAsync(Cancel);
            foreach (var statement in new[] { "PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE" })
            {
                await using var command = somebody.CreateCommand();
                command.CommandText = statement;
                await command.ExecuteNonQueryAsync(Cancel);
            }

            // The page asks for itself every few seconds: it stands still until it has been looked at.
            var (asked, looked) = (0, new TaskCompletionSource());
            await visit.Page.RouteAsync("**/console/scopes", async route =>
            {
                await (Interlocked.Increment(ref asked) == 1 ? Task.CompletedTask : looked.Task);
                await route.ContinueAsync();
            });
            Assert.Equal(503, (await visit.GoAsync("/console/scopes"))!.Status);
            await visit.Page.GetByText("the database file is locked by another process").WaitForAsync();
            visit.Complaints.Clear();
            await visit.CheckAsync();
            looked.SetResult();
        }

        // Nobody does anything: neither a click nor a reload.
        await visit.Page.Locator("#scopes table").WaitForAsync();
        visit.Complaints.Clear();
        await visit.CheckAsync();
    }
}

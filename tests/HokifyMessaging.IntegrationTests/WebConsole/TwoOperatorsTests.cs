using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Two people have the same page open.</summary>
[Collection(ConsoleTests.Name)]
public sealed class TwoOperatorsTests(ConsoleBrowser browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_second_who_presses_a_button_is_told_who_was_faster(bool hasScript)
    {
        await using var site = await Installation.StartAsync(applications: 5);
        await site.CompleteAsync("done");
        var service = await site.ServeAsync();
        await using var first = await ConsoleVisit.ByLinkAsync(browser, service, new ConsoleLook { HasScript = hasScript });
        await using var second = await ConsoleVisit.WithKeyAsync(browser, first.Address, await File.ReadAllTextAsync($"{site.Database.File}.local-token", TestContext.Current.CancellationToken), new ConsoleLook { HasScript = hasScript, Language = "de-AT" });
        foreach (var visit in new[] { first, second })
        {
            await visit.Page.GetByText("done").ClickAsync();
        }

        await first.Page.Locator("#announce").ClickAsync();
        await first.Page.GetByText("Its event was published again.").WaitForAsync();
        await second.Page.Locator("#announce").ClickAsync();
        await second.Page.GetByText("Es wurde nichts getan: Dasselbe hat local um").WaitForAsync();
    }
}

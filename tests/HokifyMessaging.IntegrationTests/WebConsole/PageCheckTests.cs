namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>A check that finds nothing proves something only where it finds what is there.</summary>
[Collection(ConsoleTests.Name)]
public sealed class PageCheckTests(ConsoleBrowser browser, FilledConsole console)
{
    [Theory]
    [InlineData("document.documentElement.removeAttribute('lang')", "html-has-lang: ")]
    [InlineData("document.querySelector('h1').style.color = '#bbb'", "color-contrast: ")]
    [InlineData("document.querySelector('main').insertAdjacentHTML('beforeend', '<button>a</button><button>b</button>'); document.querySelectorAll('main > button').forEach((one) => one.style.cssText = 'all: unset; font-size: 4px')", "target-size: ")]
    [InlineData("document.querySelector('h1').style.width = '1000px'", "the page is ")]
    [InlineData("document.querySelector('h1').style.cssText = 'width: 1em; overflow: hidden; white-space: nowrap'", "cut off: ")]
    public async Task A_page_that_somebody_cannot_read_or_use_is_found(string change, string fault)
    {
        await using var visit = await console.VisitAsync(browser, new ConsoleLook { Width = 360 });
        await visit.GoAsync("/console/scopes");
        await PageCheck.HoldsAsync(visit.Page, hasScript: true);

        await visit.Page.EvaluateAsync($"() => {{ {change} }}");

        var found = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => PageCheck.HoldsAsync(visit.Page, hasScript: true));
        Assert.Contains(fault, found.Message, StringComparison.Ordinal);
    }
}

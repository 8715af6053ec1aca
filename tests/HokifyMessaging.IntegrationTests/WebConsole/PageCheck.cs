using System.Text;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>What every page must be, in every state.</summary>
internal static class PageCheck
{
    private const int MostOfPage = 30 * 1024;

    /// <summary>1280 pixels at 400 %, which is what nobody may need to scroll sideways at.</summary>
    private const int Reflowed = 320;

    /// <summary>Off unless it is asked for, and yet of the level that the console promises.</summary>
    private static readonly AxeRunOptions Rules = new() { Rules = new Dictionary<string, RuleOptions> { ["target-size"] = new() { Enabled = true } } };

    /// <summary>The spacing of text that a reader may set without losing anything. A sheet of the page's own kind, because its policy forbids others.</summary>
    private const string SpaceOut = """
        () => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }');
          document.adoptedStyleSheets = [sheet];
        }
        """;

    /// <summary>What is wider than the window, and what hides a part of its text.</summary>
    private const string Misfits = """
        () => {
          const all = [...document.querySelectorAll('body *')];
          const is = document.documentElement.scrollWidth > window.innerWidth;
          const beyond = is ? all.filter((one) => !one.closest('.scroll *') && one.getBoundingClientRect().right > window.innerWidth) : [];
          const wide = is ? [`the page is ${document.documentElement.scrollWidth} wide: ${beyond.slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(' | ')}`] : [];
          const cut = all.filter((one) => !one.matches('input, select, textarea')).filter((one) => ['hidden', 'clip'].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1);
          return [...wide, ...cut.map((one) => `cut off: ${one.outerHTML.slice(0, 80)}`)].join('; ');
        }
        """;

    public static async Task HoldsAsync(IPage page, bool hasScript)
    {
        if (hasScript)
        {
            var found = await page.RunAxe(Rules);
            Assert.True(found.Violations.Length == 0, $"{page.Url}\n{string.Join("\n", found.Violations.Select(one => $"{one.Id}: {one.Help}: {string.Join(" | ", one.Nodes.Take(3).Select(node => node.Html))}"))}");
            await FitsAsync(page);
        }

        var size = Encoding.UTF8.GetByteCount(await page.ContentAsync());
        Assert.True(size <= MostOfPage, $"{page.Url} has {size} bytes.");
    }

    private static async Task FitsAsync(IPage page)
    {
        await NothingMisfitsAsync(page);
        var before = page.ViewportSize!;
        await page.SetViewportSizeAsync(Reflowed, before.Height);
        await NothingMisfitsAsync(page);
        await page.EvaluateAsync(SpaceOut);
        await NothingMisfitsAsync(page);
        await page.EvaluateAsync("document.adoptedStyleSheets = []");
        await page.SetViewportSizeAsync(before.Width, before.Height);
    }

    private static async Task NothingMisfitsAsync(IPage page)
    {
        var misfits = await page.EvaluateAsync<string>(Misfits);
        Assert.True(misfits.Length == 0, $"{page.Url} in a window of {page.ViewportSize!.Width}: {misfits}");
    }
}

using System.Text;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>What every page must be, in every state.</summary>
internal static class PageCheck
{
    private const int MostOfPage = 30 * 1024;

    /// <summary>1280 pixels at 400 %, which is what nobody may need to scroll sideways at.</summary>
    private const int Reflowed = 320;

    /// <summary>Deque's own way of running it opens an empty page each time, for what frames say; the console has no frames, and each page costs a process.</summary>
    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>The size of targets is off unless it is asked for, and yet of the level that the console promises.</summary>
    private const string Violations = """
        async () => {
          const { violations } = await axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });
          return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`).join('\n');
        }
        """;

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
            await page.EvaluateAsync(Axe);
            var violations = await page.EvaluateAsync<string>(Violations);
            Assert.True(violations.Length == 0, $"{page.Url}\n{violations}");
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

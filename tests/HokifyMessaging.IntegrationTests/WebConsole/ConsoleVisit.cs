using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>Somebody who looks at the console in a browser: with or without script, by day or night, on a desk or a telephone.</summary>
internal sealed class ConsoleVisit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConsoleLook _look;
    private readonly ConsoleLedger _ledger;

    private ConsoleVisit(IBrowserContext context, IPage page, ConsoleLook look, ConsoleLedger ledger, Uri address)
    {
        (_context, Page, _look, _ledger, Address) = (context, page, look, ledger, address);
        context.Response += (_, answer) => ledger.NoteAnswer(look.HasScript, answer);
        page.Console += (_, message) =>
        {
            // What is no page has no icon, and the browser looks for one.
            if (message.Type == "error" && !message.Location.Contains("/favicon.ico", StringComparison.Ordinal))
            {
                Complaints.Add($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => Complaints.Add(error);
    }

    public IPage Page { get; }

    public Uri Address { get; }

    /// <summary>What the browser did not like, such as something that the content policy forbids.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Opens a browser's window on a service that has no API keys, by the link that its start prints.</summary>
    public static async Task<ConsoleVisit> ByLinkAsync(ConsoleBrowser browser, HokifyProcess service, ConsoleLook? look = null)
    {
        var line = await service.UntilLineAsync("Console: ");
        var link = Regex.Match(line, @"http://\S+").Value;
        var visit = await BeginAsync(browser, new Uri(link), look);
        await visit.Page.GotoAsync(link);
        return visit;
    }

    /// <summary>The same with the key that a file or a person has.</summary>
    public static async Task<ConsoleVisit> WithKeyAsync(ConsoleBrowser browser, Uri address, string key, ConsoleLook? look = null)
    {
        var visit = await BeginAsync(browser, address, look);
        await visit.Page.GotoAsync(new Uri(address, "/console").ToString());
        await visit.Page.Locator("#key").FillAsync(key);
        await visit.Page.Locator("form.stack button").ClickAsync();
        return visit;
    }

    public static async Task<ConsoleVisit> BeginAsync(ConsoleBrowser browser, Uri address, ConsoleLook? look = null)
    {
        look ??= new ConsoleLook();
        var context = await browser.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            JavaScriptEnabled = look.HasScript,
            Locale = look.Language,
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = look.Width, Height = 900 },
        });
        context.SetDefaultTimeout((float)HokifyProcess.Patience.TotalMilliseconds);
        browser.Ledger.NoteDriver();
        return new ConsoleVisit(context, await context.NewPageAsync(), look, browser.Ledger, address);
    }

    public Task<IResponse?> GoAsync(string path) => Page.GotoAsync(new Uri(Address, path).ToString());

    /// <summary>Waits for the page that follows, where a link or a button leads to it at once.</summary>
    public async Task SeesAsync(string selector)
    {
        try
        {
            await Page.Locator(selector).First.WaitForAsync();
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{Page.Url} did not show {selector}:\n{await Page.Locator("body").InnerTextAsync()}");
        }
    }

    /// <summary>Waits until the page shows something: by itself with script, where the page is one that moves, and when it is asked for again otherwise.</summary>
    public async Task UntilAsync(string selector, bool isMoving = true)
    {
        if (_look.HasScript && isMoving)
        {
            await Page.Locator(selector).First.WaitForAsync();
            return;
        }

        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (await Page.Locator(selector).CountAsync() == 0)
        {
            Assert.True(waited.Elapsed < HokifyProcess.Patience, $"{Page.Url} did not show {selector}:\n{await Page.ContentAsync()}");
            await Page.ReloadAsync();
        }
    }

    /// <summary>Sees that the page is what every page must be, in the state in which it is, and notes what it offers.</summary>
    public async Task CheckAsync()
    {
        await PageCheck.HoldsAsync(Page, _look.HasScript);
        await _ledger.NotePageAsync(Page, _look);
        await _ledger.NoteCheckedAsync(Page, _look);
        Assert.True(Complaints.Count == 0, $"{Page.Url}: {string.Join("; ", Complaints)}");
    }

    public Task ClickAsync(string selector) => Page.Locator(selector).First.ClickAsync();

    public async Task FillAsync(params (string Name, string Value)[] fields)
    {
        foreach (var (name, value) in fields)
        {
            await Page.Locator($"input[name={name}]:not([type=hidden])").First.FillAsync(value);
        }
    }

    public async Task ChooseAsync(params (string Name, string Value)[] fields)
    {
        foreach (var (name, value) in fields)
        {
            await Page.Locator($"select[name={name}]").First.SelectOptionAsync(value);
        }
    }

    public Task CheckBoxAsync(string name) => Page.Locator($"input[type=checkbox][name={name}]").First.CheckAsync();

    /// <returns>Where the file lies that a link or a button hands out.</returns>
    public async Task<string> DownloadAsync(string selector)
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => ClickAsync(selector));
        return await download.PathAsync();
    }

    /// <summary>Keeps a picture of the page, for whoever wants to look at it.</summary>
    public async Task KeepAsync(string name)
    {
        var folder = Path.Combine(Tests.Deployment.Checkout.Folder, ".artifacts", "screenshots");
        Directory.CreateDirectory(folder);
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}

/// <summary>How somebody looks at the console.</summary>
internal sealed record ConsoleLook
{
    public bool HasScript { get; init; } = true;

    public bool IsDark { get; init; }

    public int Width { get; init; } = 1280;

    public string Language { get; init; } = "en-GB";

    /// <summary>A telephone of the smallest size that the console promises to fit.</summary>
    public static ConsoleLook Narrow { get; } = new() { Width = 360 };
}

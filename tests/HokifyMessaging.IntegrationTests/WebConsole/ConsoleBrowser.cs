using HokifyMessaging.IntegrationTests.Foreign;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The machine's Chromium, started once for all tests of the console; each test has a profile of its own in it.</summary>
public sealed class ConsoleBrowser(ConsoleLedger ledger) : IAsyncLifetime
{
    // The list under the browser's field for addresses is a page with a process of its own, started for each window, and nobody types there. Of what Playwright switches
    // off this keeps what these pages could notice: the last list counts.
    private const string Unwanted = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,Translate,PaintHolding,HttpsUpgrades,DestroyProfileOnBrowserClose,"
        + "AvoidUnnecessaryBeforeUnloadCheckSync,OptimizationHints,MediaRouter,DialMediaRouteProvider,GlobalMediaControls,LensOverlay";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal IBrowser Browser => _browser!;

    internal ConsoleLedger Ledger => ledger;

    public async ValueTask InitializeAsync()
    {
        var program = ForeignPlatforms.RequireBrowserProgram();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", Unwanted],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class ConsoleTests : ICollectionFixture<ConsoleBrowser>, ICollectionFixture<FilledConsole>
{
    public const string Name = "console";
}

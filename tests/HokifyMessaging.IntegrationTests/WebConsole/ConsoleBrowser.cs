using HokifyMessaging.IntegrationTests.Foreign;
using Microsoft.Playwright;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>The machine's Chromium, started once for all tests of the console; each test has a profile of its own in it.</summary>
public sealed class ConsoleBrowser(ConsoleLedger ledger) : IAsyncLifetime
{
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
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
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

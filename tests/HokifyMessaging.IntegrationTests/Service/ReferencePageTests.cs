using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The page that shows the API's description, in a real browser.</summary>
public sealed class ReferencePageTests
{
    [Fact]
    public async Task The_reference_page_shows_the_API_without_anything_from_another_machine()
    {
        var folder = Directory.CreateTempSubdirectory("hokify-browser-");
        try
        {
            var browser = ForeignPlatforms.RequireBrowser(folder);
            await using var site = await Installation.StartAsync(applications: 1);
            var service = await site.ServeAsync();
            var address = await service.AddressAsync();

            var (exitCode, page, errors) = await ForeignProgram.RunAsync(browser, "--virtual-time-budget=20000", "--dump-dom", new Uri(address, "reference/").ToString());

            Assert.True(exitCode == 0, errors);

            // The page draws what is further down only when somebody scrolls there.
            Assert.All(
                new[] { "HokifyMessaging", "ExportImport", "Imports, and answers the result", "/api/ExportImport/HokifyImport", "Downloads" },
                text => Assert.Contains(text, System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

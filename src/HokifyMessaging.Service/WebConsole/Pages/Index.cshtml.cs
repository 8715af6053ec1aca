using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

internal sealed class IndexModel : ConsolePage
{
    public IActionResult OnGet() => LocalRedirect(WebConsolePath.Runs);
}

using HokifyMessaging.Service.WebConsole.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>The button that ends the session.</summary>
internal sealed class SignOutModel : ConsolePage
{
    public IActionResult OnGet() => LocalRedirect(WebConsolePath.Root);

    public async Task<IActionResult> OnPostAsync()
    {
        await ConsoleSessions.EndAsync(HttpContext);
        return LocalRedirect(WebConsolePath.SignIn);
    }
}

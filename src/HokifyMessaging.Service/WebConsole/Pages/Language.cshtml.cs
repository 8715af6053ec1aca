using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>The button that changes the language.</summary>
internal sealed class LanguageModel : ConsolePage
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public IActionResult OnGet() => LocalRedirect(WebConsolePath.Root);

    public IActionResult OnPost(string? to, string? back)
    {
        if (to is not null && Words.Languages.ContainsKey(to))
        {
            Response.Cookies.Append(Words.Cookie, to, new CookieOptions
            {
                Path = WebConsolePath.Root,
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = Request.IsHttps,
                MaxAge = Kept,
                IsEssential = true,
            });
        }

        return LocalRedirect(Url.IsLocalUrl(back) ? back : WebConsolePath.Root);
    }
}

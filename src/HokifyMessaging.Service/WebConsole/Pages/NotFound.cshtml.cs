using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>Whatever is at no other address.</summary>
internal sealed class NotFoundModel : ConsolePage
{
    public IActionResult OnGet() => NotThere("There is no page at this address.", "Unter dieser Adresse ist keine Seite.");
}

using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.WebConsole.SignIn;
using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Pages;

/// <summary>Where an API key becomes a session, and where it ends.</summary>
internal sealed partial class SignInModel(ApiKeys keys, LocalToken local, LocalLink link, TimeProvider clock, ILogger<SignInModel> logger) : ConsolePage
{
    public string? Problem { get; private set; }

    public string To { get; private set; } = WebConsolePath.Root;

    public string Hint => keys.AreLocal
        ? T[
            $"No API key is configured, so what the file {VisibleText.Of(local.Path)} holds opens the console on this machine.",
            $"Es ist kein API-Schlüssel eingerichtet; auf dieser Maschine öffnet die Konsole, was in der Datei {VisibleText.Of(local.Path)} steht."]
        : T[
            "One that was made with 'hokify keys new'. You see its scopes and may do what it may.",
            "Einer, der mit 'hokify keys new' gemacht wurde. Sie sehen seine Mandanten und dürfen, was er darf."];

    public async Task<IActionResult> OnGetAsync(string? to, string? code)
    {
        if (Elsewhere() is { } refused)
        {
            return refused;
        }

        To = Target(to);
        if (code is null)
        {
            return Page();
        }

        if (link.Use(code) is { } key)
        {
            return await EnterAsync(key);
        }

        Problem = T["This link was used before, or is too old; each start of the service prints another.", "Dieser Link wurde schon verwendet oder ist zu alt; jeder Start des Dienstes nennt einen neuen."];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? key, string? to)
    {
        if (Elsewhere() is { } refused)
        {
            return refused;
        }

        To = Target(to);
        var known = key?.Trim() is { } text && ApiKey.HasForm(text) ? keys.Find(text) : null;
        if (known is null || known.ExpiresAt <= clock.GetUtcNow())
        {
            LogRefused(logger, HttpContext.Connection.RemoteIpAddress?.ToString() ?? "local");
            Problem = known is null
                ? T["This API key is not valid.", "Dieser API-Schlüssel gilt nicht."]
                : T[$"This API key expired at {T.Exact(known.ExpiresAt!.Value)}.", $"Dieser API-Schlüssel galt bis {T.Exact(known.ExpiresAt!.Value)}."];
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Page();
        }

        return await EnterAsync(known);
    }

    private async Task<IActionResult> EnterAsync(KnownKey key)
    {
        await ConsoleSessions.BeginAsync(HttpContext, key);
        return LocalRedirect(To);
    }

    private IActionResult? Elsewhere() => keys.AreLocal && LocalCaller.WhyNot(Request) is { } why ? Refused(why, why) : null;

    private string Target(string? to) => Url.IsLocalUrl(to) && to.StartsWith(WebConsolePath.Root, StringComparison.Ordinal) ? to : WebConsolePath.Root;

    [LoggerMessage(LogLevel.Warning, "Somebody at {Address} tried to sign in to the console with an API key that is not valid")]
    private static partial void LogRefused(ILogger logger, string address);
}

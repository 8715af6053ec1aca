using System.Security.Claims;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.WebConsole.Errors;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace HokifyMessaging.Service.WebConsole.SignIn;

/// <summary>
/// Who has signed in with an API key, remembered in a cookie that names the key and holds neither the key nor its rights: these are looked up with each request, so
/// that a session may what its key may, and ends with it. That somebody has ended a session stands in the database, and so every copy of its cookie has ended.
/// </summary>
internal static class ConsoleSessions
{
    public const string SchemeName = "Console";

    /// <summary>A working day, from the last request on.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(10);

    private const string Chosen = "Chosen";
    private const string MarkClaim = "mark";

    /// <summary>Under which name the cookie has the id of its session.</summary>
    private const string SessionItem = "session";

    public static void AddConsoleSessions(this IServiceCollection services)
    {
        services.AddAuthentication(Chosen)
            .AddPolicyScheme(Chosen, null, chosen => chosen.ForwardDefaultSelector = context => WebConsolePath.Is(context) ? SchemeName : ApiKeyHandler.SchemeName)
            .AddCookie(SchemeName, cookie =>
            {
                cookie.Cookie.Name = "hokify-session";
                cookie.Cookie.Path = WebConsolePath.Root;
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.LoginPath = WebConsolePath.SignIn;
                cookie.ReturnUrlParameter = "to";
                cookie.ExpireTimeSpan = Lifetime;
                cookie.SlidingExpiration = true;
                cookie.Events.OnValidatePrincipal = LookUpAsync;
                cookie.Events.OnRedirectToLogin = AskAsync;
                cookie.Events.OnRedirectToAccessDenied = RefuseAsync;
            });
        services.AddOptions<CookieAuthenticationOptions>(SchemeName).Configure<TimeProvider>((cookie, clock) => cookie.TimeProvider = clock);
    }

    public static Task BeginAsync(HttpContext context, KnownKey key) => context.SignInAsync(
        SchemeName,
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, key.Holder.KeyName()), new Claim(MarkClaim, key.Mark)], SchemeName)),
        new AuthenticationProperties { Items = { [SessionItem] = $"{Guid.NewGuid()}" } });

    /// <summary>Ends the session for whoever has its cookie, not only for who asks: they may have gone to another machine, or have been robbed.</summary>
    public static async Task EndAsync(HttpContext context)
    {
        if ((await context.AuthenticateAsync(SchemeName)).Properties is { } session && IdOf(session) is { } id)
        {
            // Also for whoever closes the window at once.
            await context.RequestServices.GetRequiredService<EndedSessions>().AddAsync(id, Lifetime, CancellationToken.None);
        }

        await context.SignOutAsync(SchemeName);
    }

    /// <summary>What is open to all is open to whoever had a session, too, and comes without the database: the style sheet of the page that says that it is away.</summary>
    private static async Task<bool> HasEndedAsync(CookieValidatePrincipalContext session) =>
        session.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null
        && (IdOf(session.Properties) is not { } id || await session.HttpContext.RequestServices.GetRequiredService<EndedSessions>().HasAsync(id, session.HttpContext.RequestAborted));

    private static Guid? IdOf(AuthenticationProperties session) => session.Items.TryGetValue(SessionItem, out var text) && Guid.TryParse(text, out var id) ? id : null;

    private static async Task LookUpAsync(CookieValidatePrincipalContext session)
    {
        var services = session.HttpContext.RequestServices;
        var keys = services.GetRequiredService<ApiKeys>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (keys.AreLocal && LocalCaller.WhyNot(session.Request) is { } elsewhere)
        {
            session.HttpContext.Features.Set(new RefusedCaller(StatusCodes.Status403Forbidden, elsewhere));
            session.RejectPrincipal();
        }
        else if (session.Principal?.Identity?.Name is { } name && keys.Named(name) is { } key && key.Mark == session.Principal.FindFirstValue(MarkClaim) && !(key.ExpiresAt <= now)
            && !await HasEndedAsync(session))
        {
            session.ReplacePrincipal(key.Holder);
            session.Properties.ExpiresUtc = key.ExpiresAt < session.Properties.ExpiresUtc ? key.ExpiresAt : session.Properties.ExpiresUtc;
        }
        else
        {
            session.RejectPrincipal();
            await session.HttpContext.SignOutAsync(SchemeName);
        }
    }

    /// <summary>Whoever must sign in first comes back to the page that was asked for; what a form would have done is not done by that.</summary>
    private static Task AskAsync(RedirectContext<CookieAuthenticationOptions> asked)
    {
        if (asked.HttpContext.Features.Get<RefusedCaller>() is { Status: StatusCodes.Status403Forbidden } refused)
        {
            return ErrorPages.WriteAsync(asked.HttpContext, refused.Status, refused.Reason);
        }

        if (asked.Request.Path.StartsWithSegments(Live.LiveEndpoint.Path, StringComparison.OrdinalIgnoreCase))
        {
            asked.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        asked.Response.Redirect(asked.RedirectUri);
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(RedirectContext<CookieAuthenticationOptions> refused)
    {
        var context = refused.HttpContext;
        var words = context.RequestServices.GetRequiredService<Words>();
        return ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, words[
            $"The API key '{context.User.Identity?.Name}' may not see this page.",
            $"Der API-Schlüssel '{context.User.Identity?.Name}' darf diese Seite nicht sehen."]);
    }
}

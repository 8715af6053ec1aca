using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.WebConsole.Assets;
using HokifyMessaging.Service.WebConsole.Errors;
using HokifyMessaging.Service.WebConsole.Live;
using HokifyMessaging.Service.WebConsole.SignIn;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;

namespace HokifyMessaging.Service.WebConsole;

/// <summary>The console at <c>/console</c>: what it needs, and where it is.</summary>
internal static class WebConsoleServices
{
    public static void AddWebConsole(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddScoped<Words>();
        services.AddSingleton<FasterHands>();
        services.AddSingleton<LocalLink>();
        services.AddSingleton<LiveFeed>();

        // Before the writer of problem details: the first that can is asked.
        services.AddSingleton<IProblemDetailsWriter, ErrorPages>();
        services.AddConsoleSessions();
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "hokify-forms";
            forms.Cookie.Path = WebConsolePath.Root;
            forms.Cookie.HttpOnly = true;
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = "form";

            // The content policy of every answer says who may frame us: nobody.
            forms.SuppressXFrameOptionsHeader = true;
        });
        services.Configure<CookieTempDataProviderOptions>(notices =>
        {
            notices.Cookie.Name = "hokify-notice";
            notices.Cookie.Path = WebConsolePath.Root;
            notices.Cookie.SameSite = SameSiteMode.Strict;
            notices.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorPages(pages =>
        {
            pages.RootDirectory = "/WebConsole/Pages";
            pages.Conventions.ConfigureFilter(new KnownHandlers());
            pages.Conventions.AuthorizeFolder("/", Rights.Read);
            pages.Conventions.AllowAnonymousToPage("/SignIn");
            pages.Conventions.AllowAnonymousToPage("/SignOut");
            pages.Conventions.AllowAnonymousToPage("/Language");
            pages.Conventions.AuthorizePage("/Audit", Rights.Operate);
            pages.Conventions.AuthorizePage("/People", Rights.Operate);
            pages.Conventions.AuthorizePage("/Queues", Rights.Operate);
            pages.Conventions.AuthorizePage("/Queues", KeyServices.EveryScope);
        }).ConfigureApplicationPartManager(AddPages);
    }

    /// <summary>The pages are found in the program that was started; where that is another one, such as one that tests this, they are named.</summary>
    private static void AddPages(ApplicationPartManager parts)
    {
        var program = typeof(WebConsoleServices).Assembly;
        foreach (var part in CompiledRazorAssemblyApplicationPartFactory.GetDefaultApplicationParts(program).Where(part => parts.ApplicationParts.All(known => known.GetType() != part.GetType() || known.Name != part.Name)))
        {
            parts.ApplicationParts.Add(part);
        }
    }

    public static void MapWebConsole(this WebApplication application)
    {
        application.MapGet("/", () => TypedResults.Redirect(WebConsolePath.Runs)).AllowAnonymous().ExcludeFromDescription();
        application.MapAssets();
        application.MapLive();
        application.MapRazorPages();
    }
}

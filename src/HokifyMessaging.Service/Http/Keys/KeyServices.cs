using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>Registers who may use the HTTP side.</summary>
internal static class KeyServices
{
    /// <summary>The policy of what is about all scopes at once.</summary>
    public const string EveryScope = "every scope";

    /// <summary>
    /// Adds the section <c>Http</c>, authentication by API key, and the policies of <see cref="Rights"/>. An endpoint that
    /// names none of them, and is not open to all by <c>AllowAnonymous</c>, is open to nobody.
    /// </summary>
    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpOptions();
        services.AddSingleton<LocalToken>();
        services.AddSingleton<ApiKeys>();

        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);

        // The framework tells of every request that it lets nobody in by; the handler itself tells of those that were refused.
        services.AddLogging(logging => logging.AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning));

        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(Nobody())
            .SetDefaultPolicy(Nobody());
        foreach (var right in Rights.All)
        {
            authorization.AddPolicy(right, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.Has(right)));
        }

        authorization.AddPolicy(EveryScope, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.VisibleScopes() is null));
        return services;
    }

    /// <summary>Adds the section <c>Http</c> alone: for programs that look at it and do not listen.</summary>
    public static IServiceCollection AddHttpOptions(this IServiceCollection services)
    {
        services.AddOptions<HttpOptions>().BindKnown(HttpOptions.Section);
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddSingleton<IValidateOptions<HttpOptions>, LoopbackRule>();
        return services;
    }

    /// <summary>
    /// Lets nobody use an endpoint. What is no endpoint of ours is told to those who have a key (404, 405, 415); to others
    /// it looks like all the rest.
    /// </summary>
    private static AuthorizationPolicy Nobody() => new AuthorizationPolicyBuilder()
        .RequireAuthenticatedUser()
        .RequireAssertion(context => context.Resource is HttpContext request && request.GetEndpoint() is not RouteEndpoint)
        .Build();
}

using System.Text.Encodings.Web;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// Who calls, by the key in <c>X-Api-Key</c> or <c>Authorization: Bearer</c>. Where none is configured the local token is
/// the key, and counts on this machine only.
/// </summary>
internal sealed partial class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys, LocalToken local, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    /// <summary>Where a key is sent.</summary>
    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";

    /// <summary>What to send, for whoever sent nothing or something else.</summary>
    private string WhatToSend => keys.AreLocal
        ? $"no API key is configured, so send what the file {VisibleText.Of(local.Path)} holds, in the header {Header}, or as Authorization: Bearer"
        : $"send it in the header {Header}, or as Authorization: Bearer";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(keys.AreLocal && LocalCaller.WhyNot(Request) is { } elsewhere ? Refuse(StatusCodes.Status403Forbidden, elsewhere) : ByKey());

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<RefusedCaller>();
        if (refusal is not null)
        {
            LogRefused(Logger, refusal.Reason);
        }

        if (refusal is { Status: StatusCodes.Status403Forbidden })
        {
            // No key would help.
            await Problem(refusal.Status, refusal.Reason);
            return;
        }

        Response.Headers.WWWAuthenticate = refusal is null ? "Bearer realm=\"hokify\"" : "Bearer realm=\"hokify\", error=\"invalid_token\"";
        await Problem(StatusCodes.Status401Unauthorized, refusal?.Reason ?? $"The request has no API key; {WhatToSend}.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var policies = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(wanted => wanted.Policy) ?? [];
        var missing = policies.FirstOrDefault(policy => policy is not null and not KeyServices.EveryScope && !Context.User.Has(policy));
        return Problem(StatusCodes.Status403Forbidden, missing switch
        {
            not null => $"The API key '{Context.User.Identity?.Name}' lacks the right '{missing}'.",
            _ when policies.Contains(KeyServices.EveryScope) => $"The API key '{Context.User.Identity?.Name}' sees some scopes only, and this is about all of them.",
            _ => "This address does not say who may use it, so nobody may.",
        });
    }

    private AuthenticateResult ByKey()
    {
        // The same key twice is one key.
        var offered = Request.Headers[Header].Concat(Request.Headers.Authorization.Where(IsBearer).Select(value => value![Bearer.Length..].Trim())).Distinct().ToList();
        switch (offered)
        {
            case []:
                return AuthenticateResult.NoResult();
            case [{ } key] when ApiKey.HasForm(key) && keys.Find(key) is { } known:
                return known.ExpiresAt <= clock.GetUtcNow()
                    ? Refuse($"The API key expired at {known.ExpiresAt:yyyy-MM-dd HH:mm:ss zzz}.")
                    : Succeed(known.Holder, known.ExpiresAt);
            case [_]:
                return Refuse(keys.AreLocal ? $"The API key is not valid; {WhatToSend}." : "The API key is not valid.");
            default:
                return Refuse("The request has more than one API key; send one.");
        }
    }

    private static bool IsBearer(string? authorization) => authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="caller">Who calls.</param>
    /// <param name="until">When that is over; what is answered for longer must end then.</param>
    private static AuthenticateResult Succeed(System.Security.Claims.ClaimsPrincipal caller, DateTimeOffset? until = null) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller, new AuthenticationProperties { ExpiresUtc = until }, SchemeName));

    private AuthenticateResult Refuse(string reason) => Refuse(StatusCodes.Status401Unauthorized, reason);

    private AuthenticateResult Refuse(int status, string reason)
    {
        // Also for the rate limits, which count these by themselves.
        Context.Features.Set(new RefusedCaller(status, reason));
        return AuthenticateResult.Fail(reason);
    }

    private Task Problem(int status, string? detail) => TypedResults.Problem(detail, statusCode: status).ExecuteAsync(Context);

    [LoggerMessage(LogLevel.Warning, "A caller was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}

/// <summary>The request said who calls, or from where, and that was not accepted.</summary>
/// <param name="Status">401, or 403 where no key would help.</param>
/// <param name="Reason">A sentence for the caller; never the key.</param>
internal sealed record RefusedCaller(int Status, string Reason);

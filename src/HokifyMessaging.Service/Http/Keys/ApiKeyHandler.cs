using System.Text.Encodings.Web;
using HokifyMessaging.Service.Http.Protection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// Who calls, by the key in <c>X-Api-Key</c> or <c>Authorization: Bearer</c>. Where no key is configured the caller is
/// the operator of this machine, or nobody.
/// </summary>
internal sealed partial class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";

    /// <summary>Where a key is sent.</summary>
    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(keys.AreNone ? OfThisMachine() : ByKey());

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<RefusedCaller>();
        if (refusal is not null)
        {
            LogRefused(Logger, refusal.Reason);
        }

        if (keys.AreNone)
        {
            // There is no key to ask for.
            await Problem(StatusCodes.Status403Forbidden, refusal?.Reason);
            return;
        }

        Response.Headers.WWWAuthenticate = refusal is null ? "Bearer realm=\"hokify\"" : "Bearer realm=\"hokify\", error=\"invalid_token\"";
        await Problem(StatusCodes.Status401Unauthorized, refusal?.Reason ?? $"The request has no API key; send it in the header {Header}, or as Authorization: Bearer.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var policies = Context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(wanted => wanted.Policy) ?? [];
        var missing = policies.FirstOrDefault(policy => policy is not null && !Context.User.Has(policy));
        return Problem(
            StatusCodes.Status403Forbidden,
            missing is null
                ? "This address does not say who may use it, so nobody may."
                : $"The API key '{Context.User.Identity?.Name}' lacks the right '{missing}'.");
    }

    private AuthenticateResult OfThisMachine() =>
        LocalCaller.WhyNot(Request) is { } reason ? Refuse(reason) : Succeed(Caller.Create("local", [Caller.AllScopes], Rights.All));

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
                return Refuse("The API key is not valid.");
            default:
                return Refuse("The request has more than one API key; send one.");
        }
    }

    private static bool IsBearer(string? authorization) => authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true;

    /// <param name="caller">Who calls.</param>
    /// <param name="until">When that is over; what is answered for longer must end then.</param>
    private static AuthenticateResult Succeed(System.Security.Claims.ClaimsPrincipal caller, DateTimeOffset? until = null) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller, new AuthenticationProperties { ExpiresUtc = until }, SchemeName));

    private AuthenticateResult Refuse(string reason)
    {
        // Also for the rate limits, which count these by themselves.
        Context.Features.Set(new RefusedCaller(reason));
        return AuthenticateResult.Fail(reason);
    }

    private Task Problem(int status, string? detail) => TypedResults.Problem(detail, statusCode: status).ExecuteAsync(Context);

    [LoggerMessage(LogLevel.Warning, "A caller was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}

/// <summary>The request said who calls, and that was not accepted.</summary>
/// <param name="Reason">A sentence for the caller; never the key.</param>
internal sealed record RefusedCaller(string Reason);

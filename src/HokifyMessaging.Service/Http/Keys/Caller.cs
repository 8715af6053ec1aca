using System.Security.Claims;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// Who calls: a name, one claim for each right, one for each scope. What a caller may not see is answered like what is
/// not there.
/// </summary>
internal static class Caller
{
    /// <summary>The value of the one scope claim of a caller who sees every scope.</summary>
    public const string AllScopes = "*";

    private const string ScopeClaim = "scope";

    private const string RightClaim = "right";

    /// <summary>How many imports may wait when this caller asks for one more.</summary>
    public static QueuePlace PlaceOf(this LimitOptions limits, ClaimsPrincipal caller) =>
        new(caller.KeyName(), limits.QueuedImportsPerKey, limits.QueuedImportsPerScope);

    public static bool Has(this ClaimsPrincipal caller, string right) => caller.HasClaim(RightClaim, right);

    /// <summary>What the caller may see of people in a run's files, the settings say.</summary>
    public static FileReader AsFileReader(this ClaimsPrincipal caller) => caller.Has(Rights.Personal) ? FileReader.KeyWithRight : FileReader.Key;

    /// <summary>The name of the caller's key; whoever has passed the policies has one.</summary>
    public static string KeyName(this ClaimsPrincipal caller) => caller.Identity?.Name ?? throw new InvalidOperationException("A caller without a name has passed the policies.");

    /// <summary>The caller as the audit log names it.</summary>
    public static Actor AsActor(this ClaimsPrincipal caller) => Actor.OfKey(caller.KeyName());

    /// <summary>Which scope a parameter names; null for none.</summary>
    /// <exception cref="ParameterException">It is no whole number.</exception>
    /// <exception cref="UnseenScopeException">The caller may not see it.</exception>
    public static int? ScopeNamedBy(this ClaimsPrincipal caller, string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var scopeId = QueryText.WholeNumber(parameter, text, 1);
        caller.RequireScope(parameter, scopeId);
        return scopeId;
    }

    /// <exception cref="UnseenScopeException">The caller may not see it.</exception>
    public static void RequireScope(this ClaimsPrincipal caller, string parameter, int scopeId)
    {
        if (!caller.MaySee(scopeId))
        {
            throw new UnseenScopeException(parameter, scopeId);
        }
    }

    public static bool MaySee(this ClaimsPrincipal caller, int scopeId) =>
        caller.HasClaim(ScopeClaim, AllScopes) || caller.HasClaim(ScopeClaim, scopeId.ToString(CultureInfo.InvariantCulture));

    /// <returns>The scopes that the caller sees; null for all of them.</returns>
    public static IReadOnlyCollection<int>? VisibleScopes(this ClaimsPrincipal caller) => caller.HasClaim(ScopeClaim, AllScopes)
        ? null
        : [.. caller.FindAll(ScopeClaim).Select(claim => int.Parse(claim.Value, CultureInfo.InvariantCulture))];

    /// <param name="name">The key's name.</param>
    /// <param name="scopes">Scope ids, or <see cref="AllScopes"/> alone.</param>
    /// <param name="rights">Some of <see cref="Rights"/>.</param>
    public static ClaimsPrincipal Create(string name, IEnumerable<string> scopes, IEnumerable<string> rights) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, name),
            .. scopes.Select(scope => new Claim(ScopeClaim, scope)),
            .. rights.Select(right => new Claim(RightClaim, right)),
        ],
        authenticationType: ApiKeyHandler.SchemeName));
}

/// <summary>A scope that the caller may not see, be it there or not.</summary>
/// <param name="parameter">What names it.</param>
/// <param name="scopeId">The scope.</param>
internal sealed class UnseenScopeException(string parameter, int scopeId) : Exception(FormattableString.Invariant($"{parameter} is {scopeId}, which is not among the scopes of the API key."))
{
    public string Parameter { get; } = parameter;
}

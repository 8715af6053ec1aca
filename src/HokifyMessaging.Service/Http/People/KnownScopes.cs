using HokifyMessaging.Runs.Queries;

namespace HokifyMessaging.Service.Http.People;

/// <summary>A scope that a body names: one that nobody knows is more likely a slip.</summary>
internal sealed class KnownScopes(RunQueries runs, IOptions<HokifyOptions> options)
{
    /// <exception cref="ParameterException">It is not configured, and nothing was ever imported into it.</exception>
    public async Task RequireAsync(int scopeId, CancellationToken cancellationToken)
    {
        if (!options.Value.Scopes.ContainsKey(scopeId) && (await runs.ListAsync(new RunFilter { ScopeId = scopeId, Limit = 1 }, cancellationToken)).Count == 0)
        {
            throw new ParameterException("scopeId", string.Create(CultureInfo.InvariantCulture, $"scopeId is {scopeId}, which is not configured, and nothing was ever imported into it."));
        }
    }
}

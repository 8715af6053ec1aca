using HokifyMessaging.Runs.Queries;

namespace HokifyMessaging.Service.Commands;

/// <summary>A scope that somebody asks about by its number: one that nobody knows has nothing to show, and is more likely a slip.</summary>
internal static class KnownScope
{
    /// <summary>The numbers of the scopes that are configured, whether well or not.</summary>
    public static IReadOnlyList<string> Configured(IConfiguration configuration) =>
        [.. configuration.GetSection($"{HokifyOptions.Section}:{nameof(HokifyOptions.Scopes)}").GetChildren().Select(scope => scope.Key)];

    /// <exception cref="VerbException">The scope is not configured, and the database has no run of it.</exception>
    public static async Task RequireAsync(IHost host, int scopeId, CancellationToken cancellationToken)
    {
        var configuration = host.Services.GetRequiredService<IConfiguration>();
        var configured = Configured(configuration);
        if (configured.Contains(scopeId.ToString(CultureInfo.InvariantCulture))
            || (await host.Services.GetRequiredService<RunQueries>().ListAsync(new RunFilter { ScopeId = scopeId, Limit = 1 }, cancellationToken)).Count > 0)
        {
            return;
        }

        throw new VerbException(
            $"Scope {scopeId} is not known: {HokifyOptions.Section}:{nameof(HokifyOptions.Scopes)} has {(configured.Count == 0 ? "none" : string.Join(", ", configured))}, "
            + $"and {DatabasePlace.Of(host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value)} has no run of it; {SettingFiles.WereRead(configuration)}.");
    }
}

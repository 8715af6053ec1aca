using HokifyMessaging.Runs.Queries;

namespace HokifyMessaging.Service.Commands;

/// <summary>What an operator calls a run: by its id, or by its key, which other scopes may have as well.</summary>
/// <param name="IdOrKey">Where a text is both, the id counts.</param>
/// <param name="ScopeId">The scope that was named; null where none was.</param>
internal sealed record RunName(string IdOrKey, int? ScopeId)
{
    public static RunName Of(ParseResult parsed) => new(parsed.GetValue(RunsCommand.IdOrKey)!, parsed.GetValue(RunsCommand.ScopeOfKey));

    /// <exception cref="VerbException">There is no such run, or there are several.</exception>
    public async Task<RunDetails> FindAsync(IHost database, CancellationToken cancellationToken)
    {
        await database.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var runs = database.Services.GetRequiredService<RunQueries>();
        if (Guid.TryParse(IdOrKey, out var id) && await runs.FindAsync(id, cancellationToken) is { } byId && IsIn(byId.Summary.ScopeId))
        {
            return byId;
        }

        return (await runs.OfKeyAsync(IdOrKey, cancellationToken)).Where(run => IsIn(run.ScopeId)).ToList() switch
        {
            [var (_, runId)] => (await runs.FindAsync(runId, cancellationToken))!,
            [] => throw new VerbException($"No run{(ScopeId is { } scope ? $" of scope {scope}" : "")} has the id or key '{Shown()}'; 'hokify runs' lists those there are."),
            var several => throw new VerbException($"The scopes {string.Join(", ", several.Select(run => run.ScopeId))} have each a run with the key '{Shown()}'; say which one with --scope."),
        };
    }

    private bool IsIn(int scopeId) => ScopeId is null || scopeId == ScopeId;

    private string Shown() => string.Concat(IdOrKey.Where(c => !char.IsControl(c)));
}

using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>How a scope stands with what it keeps.</summary>
/// <param name="ScopeId">The scope; null for what belongs to none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rule">For how long applications are kept, in words.</param>
/// <param name="Counts">What is due now and soon.</param>
/// <param name="LastEndedAt">When the job last ended there; null where it never did.</param>
/// <param name="LastWasDry">Whether it only counted then.</param>
/// <param name="LastCounts">What it counted then.</param>
internal sealed record RetentionStanding(
    int? ScopeId, string? Name, string? Rule, IReadOnlyList<RetentionCount> Counts, DateTimeOffset? LastEndedAt, bool LastWasDry, IReadOnlyList<RetentionCount> LastCounts);

/// <summary>Tells what retention has done, and what it would do now. Changes nothing.</summary>
internal sealed class RetentionQueries(
    IDbContextFactory<HokifyDbContext> contexts, RetentionRules rules, IEnumerable<IRetentionPart> parts, IOptions<HokifyOptions> options, TimeProvider clock)
{
    /// <param name="scopeId">This scope alone; null for all, and what belongs to none.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<RetentionStanding>> ListAsync(int? scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var states = await db.Retention.AsNoTracking().ToDictionaryAsync(s => s.ScopeId, cancellationToken);
        var stored = await db.Scopes.Select(s => s.ScopeId).ToListAsync(cancellationToken);
        var standings = new List<RetentionStanding>();
        foreach (var id in scopeId is { } one ? [one] : options.Value.Scopes.Keys.Union(stored).Order().Append(RetentionRound.OfInstallation))
        {
            var counts = new List<RetentionCount>();
            var round = new RetentionRound(id, clock.GetUtcNow(), IsDry: true, _ => throw new InvalidOperationException("Something was to be changed where nothing may be."));
            foreach (var part in parts.Where(part => part.Concerns(id)))
            {
                counts.AddRange(await part.RunAsync(round, cancellationToken));
            }

            var isScope = id != RetentionRound.OfInstallation;
            if (isScope || counts.Count > 0)
            {
                var state = states.GetValueOrDefault(id);
                standings.Add(new RetentionStanding(
                    isScope ? id : null, isScope ? options.Value.NameOf(id) : null, isScope ? RetentionWords.Of(rules.Of(id)) : null, counts, state?.EndedAt, state is { WasDry: true }, CountsIn(state)));
            }
        }

        return standings;
    }

    /// <summary>When the job last ended well, and what it left undone then, by scope.</summary>
    public async Task<IReadOnlyList<(int ScopeId, DateTimeOffset EndedAt, IReadOnlyList<RetentionCount> Counts)>> LastAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var states = await db.Retention.AsNoTracking().Where(s => s.EndedAt != null).ToListAsync(cancellationToken);
        return [.. states.Select(state => (state.ScopeId, state.EndedAt!.Value, CountsIn(state)))];
    }

    /// <summary>What a scope's last turn of the job counted.</summary>
    public static IReadOnlyList<RetentionCount> CountsIn(RetentionState? state) => state is null ? [] : JsonSerializer.Deserialize<List<RetentionCount>>(state.Counts) ?? [];
}

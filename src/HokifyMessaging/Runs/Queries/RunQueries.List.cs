using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <content>The list of runs.</content>
internal sealed partial class RunQueries
{
    /// <summary>Runs, newest first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="UnknownPositionException">There is no run that the list could go on behind.</exception>
    public async Task<IReadOnlyList<RunSummary>> ListAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var newest = await (await BehindAsync(db, filter, cancellationToken))
            .OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id)
            .Skip(filter.Offset).Take(filter.Limit).ToListAsync(cancellationToken);
        var unattended = await UnattendedAsync(db, newest, cancellationToken);
        return [.. newest.Select(run => Summary(run, ResultOf(run), unattended))];
    }

    /// <summary>How many runs match, whatever the filter's place and limit.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<int> CountAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Matching(db, filter).CountAsync(cancellationToken);
    }

    /// <summary>Those requests whose run is completed: by their scopes and keys, and only where the run was made for the same request.</summary>
    internal async Task<IReadOnlySet<ImportRequest>> CompletedAsync(IReadOnlyCollection<ImportRequest> requests, CancellationToken cancellationToken)
    {
        const int AtATime = 500;
        var completed = new HashSet<ImportRequest>();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var some in requests.Chunk(AtATime))
        {
            string[] keys = [.. some.Select(request => request.IdempotencyKey).Distinct()];
            var runs = await db.ImportRuns.AsNoTracking()
                .Where(r => r.State == RunState.Completed && EF.Parameter(keys).Contains(r.IdempotencyKey))
                .ToListAsync(cancellationToken);
            var byKey = runs.ToLookup(run => (run.ScopeId, run.IdempotencyKey));
            completed.UnionWith(some.Where(request => byKey[(request.ScopeId, request.IdempotencyKey)].Any(run => request.DifferencesFrom(run).Count == 0)));
        }

        return completed;
    }

    /// <summary>The database finds the place by its index; an offset has it walk there from the newest run.</summary>
    private static async Task<IQueryable<ImportRun>> BehindAsync(HokifyDbContext db, RunFilter filter, CancellationToken cancellationToken)
    {
        if (filter.After is not { } after)
        {
            return Matching(db, filter);
        }

        // Whether there is such a run in another scope is not told.
        var createdAt = await Matching(db, new RunFilter { ScopeIds = filter.ScopeIds })
            .Where(r => r.Id == after).Select(r => (DateTimeOffset?)r.CreatedAt).SingleOrDefaultAsync(cancellationToken)
            ?? throw new UnknownPositionException(after);
        return Matching(db, filter).Where(r => r.CreatedAt <= createdAt && (r.CreatedAt < createdAt || r.Id.CompareTo(after) < 0));
    }

    /// <summary>By run, since when nobody works on those that are running and have lost their worker.</summary>
    private async Task<IReadOnlyDictionary<Guid, DateTimeOffset>> UnattendedAsync(HokifyDbContext db, IEnumerable<ImportRun> runs, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var scopes = await Lookups.ListAsync(
            runs.Where(run => run.State == RunState.Running).Select(run => run.ScopeId),
            some => db.Scopes.Where(s => some.Contains(s.ScopeId) && s.LeaseRunId != null && s.LeaseExpiresAt < now).Select(s => new { s.LeaseRunId, s.LeaseExpiresAt }),
            cancellationToken);
        return scopes.ToDictionary(scope => scope.LeaseRunId!.Value, scope => scope.LeaseExpiresAt!.Value);
    }

    private static IQueryable<ImportRun> Matching(HokifyDbContext db, RunFilter filter)
    {
        var runs = db.ImportRuns.AsNoTracking();
        if (filter.ScopeId is { } scopeId)
        {
            runs = runs.Where(r => r.ScopeId == scopeId);
        }

        if (filter.ScopeIds is { } scopeIds)
        {
            runs = runs.Where(r => EF.Parameter(scopeIds).Contains(r.ScopeId));
        }

        if (filter.State is { } state)
        {
            runs = runs.Where(r => r.State == state);
        }

        if (filter.Mode is { } mode)
        {
            runs = runs.Where(r => r.ImportMode == mode);
        }

        if (filter.RunIds is { } runIds)
        {
            runs = runs.Where(r => EF.Parameter(runIds).Contains(r.Id));
        }

        if (filter.From is { } from)
        {
            runs = runs.Where(r => r.CreatedAt >= from);
        }

        if (filter.StoppedFrom is { } stopped)
        {
            runs = runs.Where(r => (r.NudgedAt ?? r.CreatedAt) >= stopped);
        }

        if (filter.To is { } to)
        {
            runs = runs.Where(r => r.CreatedAt < to);
        }

        return runs;
    }
}

/// <summary>Which runs to list.</summary>
internal sealed record RunFilter
{
    /// <summary>Only runs of this scope. Default: null, all scopes.</summary>
    public int? ScopeId { get; init; }

    /// <summary>Only runs of these scopes. Default: null, all scopes.</summary>
    public IReadOnlyCollection<int>? ScopeIds { get; init; }

    /// <summary>Only runs in this state. Default: null, all states.</summary>
    public RunState? State { get; init; }

    /// <summary>Only runs of this mode. Default: null, both.</summary>
    public ImportMode? Mode { get; init; }

    /// <summary>Only these, such as <see cref="RunSearch"/> has found. Default: null, all.</summary>
    public IReadOnlyCollection<Guid>? RunIds { get; init; }

    /// <summary>Only runs whose request first arrived at this instant or later. Default: null.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only runs whose request first arrived before this instant. Default: null.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only runs that last stopped at this instant or later; looked for among those of a state. Default: null.</summary>
    public DateTimeOffset? StoppedFrom { get; init; }

    /// <summary>Only runs behind this one: the last of the page before, which need not match. Default: null, from the newest on.</summary>
    public Guid? After { get; init; }

    /// <summary>How many of the newest to pass over. Default: 0.</summary>
    public int Offset { get; init; }

    /// <summary>The most to list. Default: 20.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>A list cannot go on where it was asked to; the message is one sentence.</summary>
/// <param name="after">The run that is not there.</param>
internal sealed class UnknownPositionException(Guid after) : Exception($"There is no run {after} to go on behind; 'after' must be the id of a listed run.");

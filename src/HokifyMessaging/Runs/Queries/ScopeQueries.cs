using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>Who works on a scope.</summary>
/// <param name="RunId">On which run.</param>
/// <param name="Worker">Which process, where.</param>
/// <param name="Until">Until when, unless it renews that.</param>
/// <param name="IsSilent">Whether that is over, so that nobody may be at work any more.</param>
internal sealed record ScopeWork(Guid? RunId, string Worker, DateTimeOffset Until, bool IsSilent);

/// <summary>How far a scope has been read, and what is under way.</summary>
internal sealed record ScopeStanding
{
    public required int ScopeId { get; init; }

    /// <summary>As it is configured; null where it is not.</summary>
    public required string? Name { get; init; }

    /// <summary>What it was read from the last time; null before.</summary>
    public required string? Source { get; init; }

    /// <summary>Up to when it has been read to the end; null makes the next import read everything.</summary>
    public required DateTimeOffset? Watermark { get; init; }

    /// <summary>How long ago that is, in seconds.</summary>
    public required long? LagSeconds { get; init; }

    /// <summary>When the run ended that read it to there; null where no run did.</summary>
    public required DateTimeOffset? LastCompleteRead { get; init; }
    public required ScopeWork? Work { get; init; }

    /// <summary>Runs that wait for their turn, those between two slices and those of workers that have died among them.</summary>
    public required int WaitingRuns { get; init; }

    /// <summary>Runs that failed and are resumed by themselves.</summary>
    public required int ResumingRuns { get; init; }

    /// <summary>Records that a later run tries again.</summary>
    public required int WaitingRecords { get; init; }

    /// <summary>Records that wait for an operator.</summary>
    public required int ParkedRecords { get; init; }

    /// <summary>Since when it may have applications that only its source of before brought.</summary>
    public required DateTimeOffset? SourceChangedAt { get; init; }
}

/// <summary>How scopes stand.</summary>
internal sealed class ScopeQueries(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options, TimeProvider clock)
{
    /// <summary>So many of the last complete imports are gone through for the one that has read to the watermark; where somebody has moved that, none may have.</summary>
    private const int Looked = 1_000;

    /// <summary>All that are configured, and all that have been imported, by name; where one has none, its number is its name.</summary>
    public async Task<IReadOnlyList<(int Id, string Name)>> NamesAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var stored = await db.Scopes.Select(s => s.ScopeId).ToListAsync(cancellationToken);
        return [.. stored.Union(options.Value.Scopes.Keys).Order().Select(id => (id, options.Value.Scopes.GetValueOrDefault(id)?.Name ?? id.ToString(CultureInfo.InvariantCulture)))];
    }

    /// <summary>All that are configured, and all that have been imported.</summary>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <param name="only">Those of these alone; null for all.</param>
    public async Task<IReadOnlyList<ScopeStanding>> ListAsync(CancellationToken cancellationToken, IReadOnlyCollection<int>? only = null)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.AsNoTracking().ToDictionaryAsync(s => s.ScopeId, cancellationToken);
        var runs = await db.ImportRuns.AsNoTracking()
            .Where(r => r.State == RunState.Queued || r.State == RunState.Interrupted || r.State == RunState.Running || (r.State == RunState.Failed && r.ResumeAt != null))
            .GroupBy(r => new { r.ScopeId, r.State })
            .Select(group => new { group.Key.ScopeId, group.Key.State, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var records = await db.ActivityLogs.AsNoTracking()
            .Where(l => l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked)
            .GroupBy(l => new { l.ScopeId, l.Status })
            .Select(group => new { group.Key.ScopeId, group.Key.Status, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var standings = new List<ScopeStanding>();
        foreach (var scopeId in scopes.Keys.Union(options.Value.Scopes.Keys).Where(id => only?.Contains(id) != false).Order())
        {
            var scope = scopes.GetValueOrDefault(scopeId) ?? new ScopeState { ScopeId = scopeId };
            var work = WorkOn(scope, now);
            standings.Add(new ScopeStanding
            {
                ScopeId = scopeId,
                Name = options.Value.Scopes.GetValueOrDefault(scopeId)?.Name,
                Source = scope.Source is { } source ? ScopeSource.KindOf(source) : null,
                Watermark = scope.Watermark,
                LagSeconds = scope.Watermark is { } watermark ? (long)(now - watermark).TotalSeconds : null,
                LastCompleteRead = await LastReadAsync(db, scope, cancellationToken),
                Work = work,
                WaitingRuns = runs.Where(r => r.ScopeId == scopeId && r.State != RunState.Failed).Sum(r => r.Count) - (work is { IsSilent: false, RunId: not null } ? 1 : 0),
                ResumingRuns = runs.Where(r => r.ScopeId == scopeId && r.State == RunState.Failed).Sum(r => r.Count),
                WaitingRecords = records.Where(r => r.ScopeId == scopeId && r.Status == ActivityStatus.Open).Sum(r => r.Count),
                ParkedRecords = records.Where(r => r.ScopeId == scopeId && r.Status == ActivityStatus.Parked).Sum(r => r.Count),
                SourceChangedAt = scope.SourceChangedAt,
            });
        }

        return standings;
    }

    private static ScopeWork? WorkOn(ScopeState scope, DateTimeOffset now) => scope is { LeaseOwner: { } owner, LeaseExpiresAt: { } until }
        ? new ScopeWork(scope.LeaseRunId, WorkerName.Parse(owner).ToString(), until, scope.IsFree(now))
        : null;

    /// <summary>The watermark stands where the window of the last run ended that read to the end.</summary>
    private static async Task<DateTimeOffset?> LastReadAsync(HokifyDbContext db, ScopeState scope, CancellationToken cancellationToken) => scope.Watermark is null
        ? null
        : await db.ImportRuns.AsNoTracking()
            .Where(r => r.ScopeId == scope.ScopeId && r.State == RunState.Completed)
            .OrderByDescending(r => r.CreatedAt)
            .Take(Looked)
            .Where(r => !r.DryRun && r.WindowTo == scope.Watermark)
            .OrderByDescending(r => r.CreatedAt)
            .Select(r => r.CompletedAt)
            .FirstOrDefaultAsync(cancellationToken);
}

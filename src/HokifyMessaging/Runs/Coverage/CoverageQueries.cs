using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Coverage;

/// <summary>Which spans of time of a scope have been read, as its last runs and its own row tell. Changes nothing.</summary>
internal sealed class CoverageQueries(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options, TimeProvider clock)
{
    /// <summary>So many of the last runs are looked at, however many there are: what lies before them the watermark tells.</summary>
    public const int Looked = 500;

    /// <param name="scopeId">The scope; one that was never imported has not been read.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<ScopeCoverage> OfAsync(int scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scope = await db.Scopes.AsNoTracking().SingleOrDefaultAsync(s => s.ScopeId == scopeId, cancellationToken) ?? new ScopeState { ScopeId = scopeId };
        var runs = await Windows(db, scopeId).ToListAsync(cancellationToken);
        return Covering.Of(
            runs.Select(run => new RunWindow(
                run.Id,
                run.WindowFrom > ImportRequest.Earliest ? run.WindowFrom : null,
                run.WindowTo,
                run.UnixSecondsFrom is not null && run.ImportMode == ImportMode.Incremental,
                EndOf(run),
                run.StartedAt ?? run.CreatedAt,
                run.CompletedAt ?? run.NudgedAt ?? run.CreatedAt)),
            new ReadSoFar(scope.Watermark, SkippedSpan.Of(scope), scope.SourceChangedAt),
            clock.GetUtcNow());
    }

    /// <summary>The request that has a hole read again, and all behind it: an import reads up to now.</summary>
    /// <param name="scopeId">The scope.</param>
    /// <param name="from">Where the hole begins; null for the beginning of all.</param>
    /// <param name="watermark">Where the scope's watermark stands: where there is none, an import that is asked for no beginning reads everything.</param>
    public HokifyImportRequested RequestFor(int scopeId, DateTimeOffset? from, DateTimeOffset? watermark)
    {
        // As each import overlaps with the one before: nobody says whether hokify filters by creation or by change.
        var begin = from - options.Value.Import.Overlap is { } since && since > ImportRequest.Earliest ? since : ImportRequest.Earliest;
        return new HokifyImportRequested
        {
            ScopeId = scopeId,
            ImportMode = ImportMode.Incremental,
            UnixSecondsFrom = from is null && watermark is null ? null : (decimal)(begin - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond,
        };
    }

    /// <summary>The newest, by an index that has them in this order.</summary>
    internal static IQueryable<StoredWindow> Windows(HokifyDbContext db, int scopeId) => db.ImportRuns
        .Where(r => r.ScopeId == scopeId && r.WindowTo != null && !r.DryRun)
        .OrderByDescending(r => r.CreatedAt)
        .Take(Looked)
        .Select(r => new StoredWindow(
            r.Id, r.ImportMode, r.UnixSecondsFrom, r.State, r.WindowFrom, r.WindowTo!.Value, r.IsWhole, r.ResumeAt, r.CreatedAt, r.StartedAt, r.CompletedAt, r.NudgedAt));

    private static ReadEnd EndOf(StoredWindow run) => run.State switch
    {
        RunState.Completed => run.IsWhole == true ? ReadEnd.Whole : ReadEnd.CutOff,
        RunState.Failed => run.ResumeAt is null ? ReadEnd.Failed : ReadEnd.Resuming,
        RunState.Cancelled => ReadEnd.Cancelled,
        _ => ReadEnd.UnderWay,
    };

    internal sealed record StoredWindow(
        Guid Id, ImportMode ImportMode, decimal? UnixSecondsFrom, RunState State, DateTimeOffset? WindowFrom, DateTimeOffset WindowTo, bool? IsWhole, DateTimeOffset? ResumeAt,
        DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, DateTimeOffset? NudgedAt);
}

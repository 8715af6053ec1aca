using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>How the scopes stand, in numbers, for whoever watches the program.</summary>
/// <param name="Watermarks">Up to when each scope has been read to the end; without those that never were.</param>
/// <param name="Ledger">How many records each scope keeps, waiting and parked.</param>
/// <param name="OpenRuns">How many runs of each scope stand where; completed and cancelled ones stand nowhere.</param>
internal sealed record ScopeNumbers(
    IReadOnlyDictionary<int, DateTimeOffset> Watermarks, IReadOnlyList<ScopeNumber> Ledger, IReadOnlyList<ScopeNumber> OpenRuns);

/// <summary>One number.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="State">Of what.</param>
/// <param name="Number">How many.</param>
internal sealed record ScopeNumber(int ScopeId, string State, long Number);

/// <summary>Counts in a few statements, each answered by an index of what is open; none looks at two tables, so none waits for a batch that waits for it.</summary>
internal sealed class ScopeFigures(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>The states of records and of runs, as attributes have them.</summary>
    public static readonly IReadOnlyList<string> LedgerStates = ["waiting", "parked"];

    public static readonly IReadOnlyList<string> RunStates = ["queued", "running", "interrupted", "resuming", "failed"];

    /// <summary>Every known scope has each of the states, so that a number that falls to nothing is a 0 and no gap.</summary>
    public async Task<ScopeNumbers> CountAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.AsNoTracking().Select(s => new { s.ScopeId, s.Watermark }).ToListAsync(cancellationToken);
        var kept = await Kept(db).ToListAsync(cancellationToken);
        var open = await Open(db).ToListAsync(cancellationToken);
        return new ScopeNumbers(
            scopes.Where(s => s.Watermark is not null).ToDictionary(s => s.ScopeId, s => s.Watermark!.Value),
            [.. scopes.SelectMany(s => LedgerStates.Select(state => new ScopeNumber(
                s.ScopeId, state, kept.Where(k => k.ScopeId == s.ScopeId && Named(k.Status) == state).Sum(k => k.Number))))],
            [.. scopes.SelectMany(s => RunStates.Select(state => new ScopeNumber(
                s.ScopeId, state, open.Where(o => o.ScopeId == s.ScopeId && Named(o.State, o.Resumes) == state).Sum(o => o.Number))))]);
    }

    internal static IQueryable<KeptCount> Kept(HokifyDbContext db) => db.ActivityLogs
        .Where(l => l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked)
        .GroupBy(l => new { l.ScopeId, l.Status })
        .Select(some => new KeptCount(some.Key.ScopeId, some.Key.Status, some.LongCount()));

    internal static IQueryable<OpenCount> Open(HokifyDbContext db) => db.ImportRuns
        .Where(r => r.State == RunState.Queued || r.State == RunState.Running || r.State == RunState.Interrupted || r.State == RunState.Failed)
        .GroupBy(r => new { r.ScopeId, r.State, Resumes = r.ResumeAt != null })
        .Select(some => new OpenCount(some.Key.ScopeId, some.Key.State, some.Key.Resumes, some.LongCount()));

    internal sealed record KeptCount(int ScopeId, ActivityStatus Status, long Number);

    internal sealed record OpenCount(int ScopeId, RunState State, bool Resumes, long Number);

    private static string Named(ActivityStatus status) => status == ActivityStatus.Parked ? "parked" : "waiting";

    private static string Named(RunState state, bool resumes) => state switch
    {
        RunState.Queued => "queued",
        RunState.Running => "running",
        RunState.Interrupted => "interrupted",
        _ => resumes ? "resuming" : "failed",
    };
}

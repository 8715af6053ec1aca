using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// What operators ask about runs. Reads only, in single statements, and shows nothing of a person but the ids of records. On SQL
/// Server without <c>READ_COMMITTED_SNAPSHOT</c> a statement waits for the rows that an import is writing, and an import for
/// those that a statement is just reading.
/// </summary>
public sealed partial class RunQueries
{
    /// <summary>How many waiting records <see cref="FindAsync"/> lists; <see cref="RunDetails.WaitingCount"/> counts them all.</summary>
    public const int WaitingListed = 100;

    private readonly IDbContextFactory<HokifyDbContext> _contexts;
    private readonly TimeProvider _clock;

    internal RunQueries(IDbContextFactory<HokifyDbContext> contexts, TimeProvider clock) => (_contexts, _clock) = (contexts, clock);

    /// <summary>One run; null when there is none.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<RunDetails?> FindAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken) is { } run
            ? await DetailsAsync(db, run, cancellationToken)
            : null;
    }

    /// <summary>Whether there is such a run for somebody who sees some scopes only.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="scopeIds">The scopes; null for all of them.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<bool> IsThereAsync(Guid runId, IReadOnlyCollection<int>? scopeIds, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var runs = db.ImportRuns.Where(r => r.Id == runId);
        return await (scopeIds is null ? runs : runs.Where(r => scopeIds.Contains(r.ScopeId))).AnyAsync(cancellationToken);
    }

    /// <summary>The runs that an idempotency key names, by scope; none when there is none.</summary>
    /// <param name="idempotencyKey">The key.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<(int ScopeId, Guid RunId)>> OfKeyAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var runs = await db.ImportRuns.Where(r => r.IdempotencyKey == idempotencyKey).OrderBy(r => r.ScopeId).Select(r => new { r.ScopeId, r.Id }).ToListAsync(cancellationToken);
        return [.. runs.Select(run => (run.ScopeId, run.Id))];
    }

    private async Task<RunDetails> DetailsAsync(HokifyDbContext db, ImportRun run, CancellationToken cancellationToken)
    {
        var waiting = db.ActivityLogs.AsNoTracking().Where(l =>
            (l.RunId == run.Id || l.LastRunId == run.Id) && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked));
        var listed = await waiting.OrderBy(l => l.Id).Take(WaitingListed)
            .Select(l => new WaitingRecord(
                l.ReferenceId, l.ElementName, l.Status == ActivityStatus.Parked, l.ResultData, l.RetryCount, l.DueAt))
            .ToListAsync(cancellationToken);
        var result = ResultOf(run);
        var now = _clock.GetUtcNow();
        return new RunDetails
        {
            Summary = Summary(run, result),
            UnixSecondsFrom = run.UnixSecondsFrom,
            WindowFrom = run.WindowFrom,
            WindowTo = run.WindowTo,
            AnnouncedAt = run.AnnouncedAt,
            NudgedAt = run.NudgedAt,
            Checkpoint = Visible(run.Checkpoint),
            Fence = run.Fence,
            IsAtWork = run.State == RunState.Running
                && await db.Scopes.AnyAsync(s => s.ScopeId == run.ScopeId && s.LeaseRunId == run.Id && s.LeaseExpiresAt >= now, cancellationToken),
            Failures = run.Failures,
            ResumeAt = run.ResumeAt,
            SourceSaid = run.SourceSaid,
            Result = result,
            WaitingCount = await waiting.CountAsync(cancellationToken),
            Waiting = listed,
        };
    }

    /// <summary>What became of the records of a run that it changed or could not store, in the order of writing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<RunRecord>> RecordsAsync(Guid runId, RecordFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);

        // Two look-ups, each by an index and in its order; one for both would sort a large run anew for every page.
        var written = await PageAsync(db.ActivityLogs.Where(l => l.RunId == runId));
        var triedAgain = await PageAsync(db.ActivityLogs.Where(l => l.LastRunId == runId && l.RunId != runId));
        return [.. written.Concat(triedAgain).OrderBy(l => l.Id).Take(filter.Limit).Select(RunRecord.Of)];

        Task<List<ActivityLog>> PageAsync(IQueryable<ActivityLog> logs)
        {
            logs = logs.AsNoTracking().Where(l => l.Id > filter.After);
            if (filter.ElementName is { } element)
            {
                logs = logs.Where(l => l.ElementName == element);
            }

            if (filter.ReferenceId is { } reference)
            {
                logs = logs.Where(l => l.ReferenceId == reference);
            }

            if (filter.Outcome is { } outcome)
            {
                var (status, name) = RunRecord.StoredAs(outcome);
                logs = logs.Where(l => l.Status == status && (name == null || l.Name == name));
            }

            return logs.OrderBy(l => l.Id).Take(filter.Limit).ToListAsync(cancellationToken);
        }
    }

    /// <summary>What a run changed in the applicants' rows, in the order of writing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="limit">The most to return.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<RunChange>> ChangesAsync(Guid runId, int limit, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await db.ActivityLogs.AsNoTracking()
            .Where(l => l.RunId == runId && l.Status == ActivityStatus.Done)
            .OrderBy(l => l.Id)
            .Take(limit)
            .Select(l => new RunChange(l.ElementName, l.Name, l.ReferenceId))
            .ToListAsync(cancellationToken);
    }

    /// <summary>How many rows are stored, over all scopes.</summary>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<RowCounts> CountRowsAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return new RowCounts(
            await db.Candidates.CountAsync(cancellationToken),
            await db.CandidateProfiles.CountAsync(cancellationToken),
            await db.ActivityLogs.CountAsync(cancellationToken),
            await db.ImportRuns.CountAsync(cancellationToken),
            await db.CandidateProfiles.MaxAsync(p => (DateTimeOffset?)p.ChangedAt, cancellationToken));
    }

    private RunSummary Summary(ImportRun run, ExportImportResult result) => new()
    {
        RunId = run.Id,
        IdempotencyKey = run.IdempotencyKey,
        ScopeId = run.ScopeId,
        ImportMode = run.ImportMode,
        DryRun = run.DryRun,
        RequestedBy = Visible(run.RequestedBy),
        State = run.State,
        Phase = run.Phase.ToString(),
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        CompletedAt = run.CompletedAt,
        DurationMilliseconds = run.StartedAt is { } started ? (long)Math.Max(0, (End(run) - started).TotalMilliseconds) : null,
        Fetched = result.StatsCounter.GetValueOrDefault(Stat.Fetched),
        OkCount = result.OkCount,
        ErrorCount = result.ErrorCount,
        Failure = Visible(run.Failure),
    };

    /// <summary>What was stored before texts were looked at when they are taken in, and what names a file.</summary>
    private static string? Visible(string? text) => text is null ? null : VisibleText.Of(text);

    /// <summary>A run that stands still has lasted until it was last touched; one at work, until now.</summary>
    private DateTimeOffset End(ImportRun run) =>
        run.CompletedAt ?? (run.State == RunState.Running ? _clock.GetUtcNow() : run.NudgedAt ?? _clock.GetUtcNow());

    /// <summary>The result that the run's event carries; while there is none, what is counted so far.</summary>
    internal ExportImportResult ResultOf(ImportRun run) => run.CompletedEvent is { } stored
        ? JsonSerializer.Deserialize<HokifyImportCompleted>(stored)!.Result
        : ImportResults.Of(ImportTally.FromJson(run.Tally), run.StartedAt is { } started ? End(run) - started : TimeSpan.Zero);
}

/// <summary>One line of a list of runs.</summary>
public sealed record RunSummary
{
    /// <summary>The run's id.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The key that the run is known by.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The scope.</summary>
    public required int ScopeId { get; init; }

    /// <summary>The mode that was asked for.</summary>
    public required ImportMode ImportMode { get; init; }

    /// <summary>Whether the run only plans.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Who asked: over HTTP the API key's name, with <c>(on behalf of …)</c> where the request said so; else as the request said. Null when it did not.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Where the run stands in its life.</summary>
    public required RunState State { get; init; }

    /// <summary>Which chapter it is in: Retrying, Reading, Confirming, Deleting or Concluding.</summary>
    public required string Phase { get; init; }

    /// <summary>When its request first arrived.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first worker began; null while it waits.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>From its start to its end, or to now while it is being worked on, in milliseconds; null before it started.</summary>
    public long? DurationMilliseconds { get; init; }

    /// <summary>How many records the source has delivered so far.</summary>
    public required int Fetched { get; init; }

    /// <summary>Created, updated, deleted and unchanged so far, over all element names.</summary>
    public required int OkCount { get; init; }

    /// <summary>Failures so far, over all element names.</summary>
    public required int ErrorCount { get; init; }

    /// <summary>Why the run as a whole failed the last time; null when it did not.</summary>
    public string? Failure { get; init; }
}

/// <summary>Everything about one run.</summary>
public sealed record RunDetails
{
    /// <summary>What the list shows of it.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>The start that was asked for, in seconds since 1970-01-01 UTC; null when none was.</summary>
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>The beginning of what is read; null for everything, and before the run started.</summary>
    public DateTimeOffset? WindowFrom { get; init; }

    /// <summary>The end of what is read, frozen when the run started.</summary>
    public DateTimeOffset? WindowTo { get; init; }

    /// <summary>When the broker last took the run's event; null before.</summary>
    public DateTimeOffset? AnnouncedAt { get; init; }

    /// <summary>When the run last stopped, or its request was last sent again.</summary>
    public DateTimeOffset? NudgedAt { get; init; }

    /// <summary>Behind what the source has been read and written; its form is the source's own.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The number of the lease under which the run was last worked on; it grows with every worker.</summary>
    public required long Fence { get; init; }

    /// <summary>Whether a worker holds the scope for this run now; a run that is running and not at work has lost its worker.</summary>
    public required bool IsAtWork { get; init; }

    /// <summary>How often the run failed as a whole.</summary>
    public required int Failures { get; init; }

    /// <summary>When a failed run is resumed; null when it waits for an operator's replay, or did not fail.</summary>
    public DateTimeOffset? ResumeAt { get; init; }

    /// <summary>
    /// What hokify said when the run failed the last time, at most 500 characters; null when it said nothing. It could name a person, so it is shown to
    /// those only who may operate.
    /// </summary>
    public string? SourceSaid { get; init; }

    /// <summary>The result: that of the event once the run is completed, before that what is counted so far.</summary>
    public required ExportImportResult Result { get; init; }

    /// <summary>How many records that the run failed to store wait in the retry ledger.</summary>
    public required int WaitingCount { get; init; }

    /// <summary>The first of them, at most <see cref="RunQueries.WaitingListed"/>.</summary>
    public required IReadOnlyList<WaitingRecord> Waiting { get; init; }

    /// <summary>The request that the run was made for, under the run's key.</summary>
    internal HokifyImportRequested ToRequest() => new()
    {
        IdempotencyKey = Summary.IdempotencyKey,
        ScopeId = Summary.ScopeId,
        ImportMode = Summary.ImportMode,
        UnixSecondsFrom = UnixSecondsFrom,
        DryRun = Summary.DryRun,
        RequestedBy = Summary.RequestedBy is { } requestedBy ? VisibleText.Of(requestedBy, HokifyDbContext.RequestedByLength) : null,
    };
}

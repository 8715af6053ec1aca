using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <summary>
/// What operators ask about runs. Reads only, in single statements, and shows nothing of a person but the ids of records. On SQL
/// Server without <c>READ_COMMITTED_SNAPSHOT</c> a statement waits for the rows that an import is writing, and an import for
/// those that a statement is just reading.
/// </summary>
internal sealed partial class RunQueries(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock)
{
    /// <summary>How many waiting records <see cref="FindAsync"/> lists; <see cref="RunDetails.WaitingCount"/> counts them all.</summary>
    public const int WaitingListed = 100;

    /// <summary>One run; null when there is none.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<RunDetails?> FindAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var runs = db.ImportRuns.Where(r => r.Id == runId);
        return await (scopeIds is null ? runs : runs.Where(r => scopeIds.Contains(r.ScopeId))).AnyAsync(cancellationToken);
    }

    /// <summary>The runs that an idempotency key names, by scope; none when there is none.</summary>
    /// <param name="idempotencyKey">The key.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<(int ScopeId, Guid RunId)>> OfKeyAsync(string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
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
        var now = clock.GetUtcNow();
        return new RunDetails
        {
            Request = ImportRequest.Of(run),
            CancelRequestedAt = run.CancelRequestedAt,
            Attempts = RunAttempt.Of(run.Attempts),
            CompletedEvent = run.CompletedEvent,
            Summary = Summary(run, result, await UnattendedAsync(db, [run], cancellationToken)),
            UnixSecondsFrom = run.UnixSecondsFrom,
            AllowDeletions = run.AllowDeletions,
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
            DetailsForgottenAt = run.DetailsForgottenAt,
            PlanDigest = run.PlanDigest,
            AnsweredBy = run.AnsweredBy,
            PlanForgottenAt = run.PlanForgottenAt,
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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ActivityLogs.AsNoTracking()
            .Where(l => l.RunId == runId && l.Status == ActivityStatus.Done)
            .OrderBy(l => l.Id)
            .Take(limit)
            .Select(l => new RunChange(l.ElementName, l.Name.ToString(), l.ReferenceId))
            .ToListAsync(cancellationToken);
    }

    /// <summary>How many rows are stored, over all scopes.</summary>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<RowCounts> CountRowsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return new RowCounts(
            await db.Candidates.CountAsync(cancellationToken),
            await db.CandidateProfiles.CountAsync(cancellationToken),
            await db.ActivityLogs.CountAsync(cancellationToken),
            await db.ImportRuns.CountAsync(cancellationToken),
            await db.CandidateProfiles.MaxAsync(p => (DateTimeOffset?)p.ChangedAt, cancellationToken));
    }

    private RunSummary Summary(ImportRun run, ExportImportResult result, IReadOnlyDictionary<Guid, DateTimeOffset> unattended) => new()
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
        UnattendedSince = run.State == RunState.Running && unattended.TryGetValue(run.Id, out var since) ? since : null,
    };

    /// <summary>What was stored before texts were looked at when they are taken in, and what names a file.</summary>
    private static string? Visible(string? text) => text is null ? null : VisibleText.Of(text);

    /// <summary>A run that stands still has lasted until it was last touched; one at work, until now.</summary>
    private DateTimeOffset End(ImportRun run) =>
        run.CompletedAt ?? (run.State == RunState.Running ? clock.GetUtcNow() : run.NudgedAt ?? clock.GetUtcNow());

    /// <summary>The result that the run's event carries; while there is none, what is counted so far.</summary>
    internal ExportImportResult ResultOf(ImportRun run) => RunStore.EventOf(run.CompletedEvent)?.Result
        ?? ImportResults.Of(ImportTally.FromJson(run.Tally), run.StartedAt is { } started ? End(run) - started : TimeSpan.Zero);
}

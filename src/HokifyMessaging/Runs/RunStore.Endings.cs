using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>How the work on a run ends, and how its end is told.</summary>
internal sealed partial class RunStore
{
    private const int UnannouncedAtATime = 100;

    /// <summary>So many that SQL Server does not lock the table instead of the rows.</summary>
    private const int StepsAtATime = 1_000;

    /// <summary>Ends a slice: the run stands at its checkpoint and anyone may go on with it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isSentAgain">Whether the caller sends its request again; otherwise the next sweep does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task InterruptAsync(RunInProgress run, bool isSentAgain, CancellationToken cancellationToken) =>
        StopAsync(run, new RunEvent.Interrupted(isSentAgain), cancellationToken);

    /// <summary>Ends the work on a run that somebody has cancelled.</summary>
    public Task CancelAsync(RunInProgress run, CancellationToken cancellationToken) =>
        StopAsync(run, new RunEvent.Cancelled(), cancellationToken);

    /// <summary>The run failed as a whole; what is written stays, and it resumes at its checkpoint.</summary>
    public async Task FailAsync(RunInProgress run, RunFailure failure, CancellationToken cancellationToken)
    {
        if (await StopAsync(run, new RunEvent.Failed(failure), cancellationToken) is { } instant)
        {
            alarm.RingAt(instant);
        }
    }

    /// <summary>The plan that a run was asked to apply is not what it would do now. It has written nothing, and does not go on by itself.</summary>
    public Task RefusePlanAsync(RunInProgress run, string reason, CancellationToken cancellationToken) =>
        StopAsync(run, new RunEvent.PlanRefused(reason), cancellationToken);

    /// <summary>
    /// A stored run whose request is refused by now, because its scope is configured no more, fails with the refusal's
    /// sentence: nobody sends it again in vain. When the scope is back, it is resumed.
    /// </summary>
    /// <returns>The nudge to send for the next run of the scope, when this one has left it; and whether that a run stopped is told by its own event.</returns>
    public async Task<(Nudge? Next, bool IsTold)> RefuseAsync(
        int scopeId, string idempotencyKey, DateTimeOffset? nudgedAt, RequestRefusedException refusal, CancellationToken cancellationToken)
    {
        var (next, stopped) = await retries.ExecuteAsync((attempt, token) => RefuseOnceAsync(scopeId, idempotencyKey, nudgedAt, refusal, attempt, token), cancellationToken);
        if (stopped is { } run)
        {
            ImportMetrics.RunEnded(scopeId, run, ImportMetrics.Failed);
        }

        events.Ring();
        return (next, stopped is not null);
    }

    /// <returns>The nudge, and the mode of the run that was stopped; null where none was.</returns>
    private async Task<(Nudge? Next, ImportMode? Stopped)> RefuseOnceAsync(
        int scopeId, string idempotencyKey, DateTimeOffset? nudgedAt, RequestRefusedException refusal, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var runId = await db.ImportRuns.Where(r => r.IdempotencyKey == idempotencyKey && r.ScopeId == scopeId).Select(r => r.Id).SingleOrDefaultAsync(cancellationToken);
        if (runId == Guid.Empty)
        {
            return (null, null);
        }

        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        var (scope, isOwnNudge) = await ScopeTurns.ReceiveAsync(db, scopeId, nudgedAt, attempt, cancellationToken);
        var (hasLeft, stopped) = (false, (ImportMode?)null);
        if (scope.IsFree(clock.GetUtcNow()))
        {
            var run = await RowLocks.RunAsync(db, runId, cancellationToken);
            var refused = new RunEvent.Refused(refusal.Message, IsResumed: refusal.Member == nameof(ImportRequest.ScopeId));
            hasLeft = RunTransitions.Apply(db, run, refused, attempt.Begun, _options);
            stopped = hasLeft || attempt.HasLeft(run.NudgedAt) ? run.ImportMode : null;
            await db.SaveChangesAsync(cancellationToken);
            await FencedTransactions.VacateAsync(db, scopeId, cancellationToken);
        }

        var next = hasLeft || isOwnNudge ? await turns.TakeAsync(db, scopeId, attempt, cancellationToken) : null;
        await transaction.CommitAsync(cancellationToken);
        return (next, stopped);
    }

    /// <returns>When the run resumes by itself.</returns>
    private async Task<DateTimeOffset?> StopAsync(RunInProgress run, RunEvent happened, CancellationToken cancellationToken)
    {
        var (state, resumesAt) = await retries.ExecuteAsync(token => StopOnceAsync(run, happened, token), cancellationToken);
        if (state is RunState.Failed or RunState.Cancelled)
        {
            ImportMetrics.RunEnded(run.Request.ScopeId, run.Request.ImportMode, state == RunState.Failed ? ImportMetrics.Failed : ImportMetrics.Cancelled);
        }

        if (happened is not RunEvent.Interrupted)
        {
            events.Ring();
        }

        return resumesAt;
    }

    private async Task<(RunState State, DateTimeOffset? ResumesAt)> StopOnceAsync(RunInProgress run, RunEvent happened, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await RowLocks.ScopeAsync(db, run.Lease.ScopeId, cancellationToken);
        var row = await RowLocks.RunAsync(db, run.RunId, cancellationToken);
        if (row.Fence == run.Lease.Fence && row.State != RunState.Running)
        {
            // The commit landed, and its client saw an error.
            return (row.State, row.ResumeAt);
        }

        await FencedTransactions.ReleaseAsync(db, run.Lease, cancellationToken);
        RunTransitions.Apply(db, row, happened, clock.GetUtcNow(), _options);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (row.State, row.ResumeAt);
    }

    /// <summary>
    /// Ends the run: its event is stored, the watermark moves and the lease is given back, in one transaction that
    /// another worker's claim would have made fail.
    /// </summary>
    public async Task<HokifyImportCompleted> ConcludeAsync(
        RunInProgress run, Func<DateTimeOffset, HokifyImportCompleted> conclude, CancellationToken cancellationToken)
    {
        var completed = await retries.ExecuteAsync(token => ConcludeOnceAsync(run, conclude, token), cancellationToken);
        ImportMetrics.RunEnded(completed.ScopeId, completed.ImportMode, completed.Result.ErrorCount == 0 ? ImportMetrics.Completed : ImportMetrics.CompletedWithErrors);
        ImportMetrics.RunTook(completed.ScopeId, completed.ImportMode, completed.CompletedAt - completed.StartedAt);
        return completed;
    }

    private async Task<HokifyImportCompleted> ConcludeOnceAsync(
        RunInProgress run, Func<DateTimeOffset, HokifyImportCompleted> conclude, CancellationToken cancellationToken)
    {
        // Before the transaction: the event has a link, and the key that signs links may have to be made and stored first. Where
        // one writes at a time, that would wait for this transaction, and this transaction for it.
        var now = clock.GetUtcNow();
        var completed = conclude(now);

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await RowLocks.ScopeAsync(db, run.Lease.ScopeId, cancellationToken);
        var row = await RowLocks.RunAsync(db, run.RunId, cancellationToken);
        if (row.Fence == run.Lease.Fence && row.CompletedEvent is { } stored)
        {
            // The commit landed, and its client saw an error.
            return Event(stored);
        }

        await FencedTransactions.ReleaseAsync(db, run.Lease, cancellationToken);
        row.IsWhole = !run.Seen[RunPhase.Reading].Contains(RecordKeys.Incomplete) && !run.Seen[RunPhase.Applying].Contains(RecordKeys.Kept);
        if (!run.Request.DryRun && row.IsWhole.Value)
        {
            var scope = await db.Scopes.SingleAsync(s => s.ScopeId == run.Request.ScopeId, cancellationToken);
            var (from, to) = (run.Progress.Window.From, run.Progress.Window.To!.Value);
            scope.Watermark = Watermark.After(scope.Watermark, from, to);
            var skipped = SkippedSpan.Of(scope)?.After(from, to);
            (scope.SkippedFrom, scope.SkippedTo) = (skipped?.From, skipped?.To);
            if (run.Request.ImportMode == ImportMode.Full && !run.Seen[RunPhase.Deleting].Contains(RecordKeys.Kept))
            {
                // Every application that is active now is one that the present source has.
                scope.SourceChangedAt = null;
            }
        }

        RunTransitions.Apply(db, row, new RunEvent.Completed(TextOf(completed)), now, _options);
        row.PlanDigest = run.MadePlan ?? row.PlanDigest;
        await db.SaveChangesAsync(cancellationToken);
        for (var behind = 0; behind < run.Progress.Steps; behind += StepsAtATime)
        {
            var (first, last) = (behind, behind + StepsAtATime);
            await db.RunBatches.Where(b => b.RunId == run.RunId && b.Number > first && b.Number <= last).ExecuteDeleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return completed;
    }

    /// <summary>Remembers that the broker has taken the events of some runs.</summary>
    public Task AnnouncedAsync(IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            DateTimeOffset? now = clock.GetUtcNow();
            await Lookups.ForAsync(runIds, async some =>
            {
                using var turn = await WriteTurns.TakeAsync(db, token);
                await db.ImportRuns.Where(r => some.Contains(r.Id)).ExecuteUpdateAsync(set => set.SetProperty(r => r.AnnouncedAt, now), token);
            });
        },
        cancellationToken);

    /// <summary>The runs that are completed and whose event may not have reached the broker, oldest first; the next sweep brings more.</summary>
    public async Task<IReadOnlyList<Guid>> UnannouncedAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Unannounced(db).OrderBy(r => r.CompletedAt).Select(r => r.Id).Take(UnannouncedAtATime).ToListAsync(cancellationToken);
    }

    /// <summary>The event of such a run, for this process to announce; null when another one does.</summary>
    public async Task<HokifyImportCompleted?> TakeUnannouncedAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        if (await RowLocks.FindRunAsync(db, runId, cancellationToken) is not { } run || !await Unannounced(db).AnyAsync(r => r.Id == runId, cancellationToken))
        {
            return null;
        }

        run.NudgedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return EventOf(run.CompletedEvent);
    }

    private IQueryable<ImportRun> Unannounced(HokifyDbContext db)
    {
        var settled = clock.GetUtcNow() - (_options.SweepInterval * 2);
        return db.ImportRuns.Where(r => r.State == RunState.Completed && r.AnnouncedAt == null && r.CompletedAt < settled && (r.NudgedAt == null || r.NudgedAt < settled));
    }

    /// <summary>The MessageIds of the events of runs, the same however often they are announced; and the traces in which the runs were asked for.</summary>
    public Task<IReadOnlyDictionary<Guid, (Guid Id, string? TraceParent)>> EventIdsAsync(IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var runs = await Lookups.ListAsync(
                runIds, some => db.ImportRuns.Where(r => some.Contains(r.Id)).Select(r => new { r.Id, r.EventId, r.IdempotencyKey, r.TraceParent }), token);
            return (IReadOnlyDictionary<Guid, (Guid, string?)>)runs.ToDictionary(r => r.Id, r => (r.EventId ?? CompletionId.OfKeyAlone(r.IdempotencyKey), r.TraceParent));
        },
        cancellationToken);

    /// <summary>The stored event of a run; null while it is not completed.</summary>
    public Task<HokifyImportCompleted?> CompletionAsync(Guid runId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var stored = await db.ImportRuns.Where(r => r.Id == runId).Select(r => r.CompletedEvent).SingleOrDefaultAsync(token);
            return stored is null ? null : Event(stored);
        },
        cancellationToken);
}

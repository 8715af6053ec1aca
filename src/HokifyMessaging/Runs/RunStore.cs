using HokifyMessaging.Planning;
using HokifyMessaging.Reading;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// Runs by their scopes and idempotency keys. A redelivery, a replay, a nudge and the next slice are one case here: a request whose
/// key is known.
/// </summary>
internal sealed partial class RunStore(
    IDbContextFactory<HokifyDbContext> contexts, ScopeTurns turns, TransientRetries retries, SweepAlarm alarm, PendingEvents events, TimeProvider clock, IOptions<HokifyOptions> options)
{
    private readonly ImportOptions _options = options.Value.Import;

    /// <param name="request">What was asked for.</param>
    /// <param name="mayWork">False when the host is stopping: the request is stored and left to another worker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IdempotencyKeyReusedException">The key is known with another request.</exception>
    public async Task<ImportOutcome> OpenAsync(ImportRequest request, bool mayWork, CancellationToken cancellationToken)
    {
        var owner = WorkerName.ForNewWork();
        var outcome = await retries.ExecuteAsync((attempt, token) => OpenOnceAsync(request, mayWork, owner, attempt, token), cancellationToken);
        if (outcome is ImportOutcome.NothingToDo)
        {
            // It may have been cancelled in the place of its worker.
            events.Ring();
        }

        return outcome;
    }

    private async Task<ImportOutcome> OpenOnceAsync(ImportRequest request, bool mayWork, string owner, Attempt attempt, CancellationToken cancellationToken)
    {
        var (run, isNew, scope) = await RegisterOnceAsync(request, place: null, byHand: null, attempt, cancellationToken);
        if (run.CompletedEvent is { } stored && !request.IsNudge && !isNew)
        {
            return new ImportOutcome.WasCompleted(Event(stored));
        }

        if (!mayWork)
        {
            await turns.LeaveToSweepAsync(request, cancellationToken);
            return new ImportOutcome.Waiting(run.Id);
        }

        return await IsBehindAsync(request, run, scope, cancellationToken)
            ? new ImportOutcome.Waiting(run.Id)
            : await ClaimAsync(request, run.Id, isNew, owner, attempt, cancellationToken);
    }

    /// <summary>
    /// Whether a request has nothing to do but to wait, as can be seen without writing: somebody works on the scope, or the
    /// nudge of another run is on its way. Both look for who waits when they are done, and this run is stored by now.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="run">Its run.</param>
    /// <param name="scope">The scope as it was when the run was stored, where that has only just been.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<bool> IsBehindAsync(ImportRequest request, ImportRun run, ScopeState? scope, CancellationToken cancellationToken)
    {
        if (request.IsNudge || run.State != RunState.Queued)
        {
            return false;
        }

        if (scope is { NudgedAt: null })
        {
            return !scope.IsFree(clock.GetUtcNow());
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        scope ??= await db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == request.ScopeId, cancellationToken);
        return !scope.IsFree(clock.GetUtcNow())
            || (scope.NudgedAt is not null && await turns.FirstAsync(db, request.ScopeId, cancellationToken) is { } first && first.Id != run.Id);
    }

    private async Task<ImportOutcome> ClaimAsync(ImportRequest request, Guid runId, bool isNew, string owner, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        var (scope, isOwnNudge) = await ScopeTurns.ReceiveAsync(db, request.ScopeId, request.NudgedAt, attempt, cancellationToken);
        var run = await RowLocks.RunAsync(db, runId, cancellationToken);
        var now = clock.GetUtcNow();

        // A lease under our own name is one that we were given by a commit of which we never heard.
        var isFree = scope.IsFree(now) || scope.LeaseOwner == owner;
        if (run.CompletedEvent is { } stored)
        {
            // Whoever carried out what this request has only just stored announces it, or else the sweeper does.
            return isNew || (request.IsNudge && run.AnnouncedAt is not null)
                ? new ImportOutcome.NothingToDo(await LeaveAsync(isOwnNudge))
                : new ImportOutcome.WasCompleted(Event(stored), await LeaveAsync(isOwnNudge));
        }

        if (request.IsNudge && run.State is RunState.Failed or RunState.Cancelled)
        {
            return new ImportOutcome.NothingToDo(await LeaveAsync(isOwnNudge));
        }

        if (request.IsNudge && run.CancelRequestedAt is not null && isFree)
        {
            // Its worker died after somebody had asked that it stop.
            RunTransitions.Apply(db, run, new RunEvent.Cancelled(), now, _options);
            await FencedTransactions.VacateAsync(db, request.ScopeId, cancellationToken);
            return new ImportOutcome.NothingToDo(await LeaveAsync(hasTurn: true));
        }

        if (!request.IsNudge)
        {
            // One that failed or was cancelled gets its turn, even one that the sweeper has given up.
            if (RunTransitions.Apply(db, run, new RunEvent.AskedAgain(), now, _options))
            {
                run.TraceParent = Traces.Current ?? run.TraceParent;
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        if (!isFree || (await turns.FirstAsync(db, request.ScopeId, cancellationToken))?.Id != runId)
        {
            return new ImportOutcome.Waiting(runId, await LeaveAsync(isFree));
        }

        await ReadFromAsync(db, scope, run, now, cancellationToken);
        var lease = await FencedTransactions.GrantAsync(db, scope, runId, owner, clock.GetUtcNow() + _options.LeaseDuration, cancellationToken);
        var from = run.ImportMode == ImportMode.Full ? null : Watermark.Begin(From(run), scope.Watermark, _options.Overlap);
        RunTransitions.Apply(db, run, new RunEvent.Claimed(lease.Fence, new ReadWindow(from, now), WorkerName.Parse(owner).ToString()), now, _options);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (scope.LeaseOwner is { } silent && silent != owner)
        {
            ImportMetrics.TookOver(scope.ScopeId);
        }

        return new ImportOutcome.Claimed(await InProgressAsync(db, request, run, scope, lease, cancellationToken));

        // Nobody works on the scope and the turn has ended here: then it is sent on.
        async Task<Nudge?> LeaveAsync(bool hasTurn)
        {
            await db.SaveChangesAsync(cancellationToken);
            var next = hasTurn ? await turns.TakeAsync(db, request.ScopeId, attempt, cancellationToken) : null;
            await transaction.CommitAsync(cancellationToken);
            return next;
        }
    }

    /// <summary>
    /// Notes what the scope is read from now; for a run that changes nothing, in memory alone. Where that is another source than before, the watermark goes, and a run
    /// that had begun in the other one begins anew: neither its window nor its checkpoint means anything here.
    /// </summary>
    private async Task ReadFromAsync(HokifyDbContext db, ScopeState scope, ImportRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!options.Value.Scopes.TryGetValue(scope.ScopeId, out var configured) || ScopeSource.Of(configured) is not { } source || source == scope.Source)
        {
            return;
        }

        if (scope.Source is not null)
        {
            (scope.Watermark, scope.SourceChangedAt, scope.SkippedFrom, scope.SkippedTo) = (null, now, null, null);
            (run.StartedAt, run.Checkpoint) = (null, null);
            run.Phase = run.Phase == RunPhase.Retrying ? run.Phase : RunPhase.Reading;
        }

        // One that applies a plan may yet be refused, and then it has changed nothing either: the next import notes it.
        scope.Source = source;
        if (!run.DryRun && run.PlanDigest is null)
        {
            // What was left out of the other one is no longer to be had.
            var (watermark, changedAt, from, to) = (scope.Watermark, scope.SourceChangedAt, scope.SkippedFrom, scope.SkippedTo);
            await db.Scopes.Where(s => s.ScopeId == scope.ScopeId).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.Source, source).SetProperty(s => s.Watermark, watermark).SetProperty(s => s.SourceChangedAt, changedAt)
                    .SetProperty(s => s.SkippedFrom, from).SetProperty(s => s.SkippedTo, to),
                cancellationToken);
        }
    }

    private static DateTimeOffset? From(ImportRun run) =>
        run.UnixSecondsFrom is { } seconds ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;

    /// <summary>Two comparisons and no prefix: only these take SQLite through its index.</summary>
    private static Task<bool> KnowsByAddressAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken)
    {
        var (first, behind) = PersonId.ByAddress;
#pragma warning disable CA1309 // The database compares, by the column's collation.
        return db.Candidates.AnyAsync(
            c => c.ScopeId == scopeId && string.Compare(c.ReferenceId, first) > 0 && string.Compare(c.ReferenceId, behind) < 0, cancellationToken);
#pragma warning restore CA1309
    }

    private static async Task<RunInProgress> InProgressAsync(
        HokifyDbContext db, ImportRequest request, ImportRun run, ScopeState scope, ScopeLease lease, CancellationToken cancellationToken)
    {
        var progress = new RunInProgress
        {
            // What a request for a plan leaves out, its run has.
            Request = request with { ImportMode = run.ImportMode, UnixSecondsFrom = run.UnixSecondsFrom, AllowDeletions = run.AllowDeletions },
            RunId = run.Id,
            Lease = lease,
            StartedAt = run.StartedAt!.Value,
            Progress = new ImportProgress(new RunPosition(run.Phase, run.Checkpoint), new ReadWindow(run.WindowFrom, run.WindowTo!.Value), ImportTally.FromJson(run.Tally))
            {
                MayHaveWaiting = await db.ActivityLogs.AnyAsync(
                    l => l.ScopeId == lease.ScopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked), cancellationToken),
                MayHaveErased = await db.ErasedKeys.AnyAsync(e => e.ScopeId == lease.ScopeId, cancellationToken),
            },
            MayKnowByAddress = await KnowsByAddressAsync(db, lease.ScopeId, cancellationToken),
            MayHaveOthers = scope.SourceChangedAt is not null,
        };
        await foreach (var batch in db.RunBatches.AsNoTracking().Where(b => b.RunId == run.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            progress.Seen[batch.Phase].Add(batch.RecordKeys);
            progress.Progress = progress.Progress with { Steps = Math.Max(progress.Progress.Steps, batch.Number) };
        }

        return progress;
    }

    /// <summary>The event as a run has stored it; null while it has none.</summary>
    public static HokifyImportCompleted? EventOf(string? stored) => stored is null ? null : Event(stored);

    /// <summary>The event as a run stores it.</summary>
    public static string TextOf(HokifyImportCompleted completed) => JsonSerializer.Serialize(completed);

    private static HokifyImportCompleted Event(string stored) =>
        JsonSerializer.Deserialize<HokifyImportCompleted>(stored) ?? throw new InvalidOperationException("The stored completion event is null.");
}

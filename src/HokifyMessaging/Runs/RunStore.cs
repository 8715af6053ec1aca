using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Reading;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Runs;

/// <summary>What a request whose key has been looked up leads to.</summary>
internal abstract record RunOpening
{
    private RunOpening()
    {
    }

    /// <summary>This worker holds the lease: work.</summary>
    public sealed record Claimed(RunInProgress Run) : RunOpening;

    /// <summary>Somebody works on the scope: the run stays in the database and whoever finishes sends the next request.</summary>
    public sealed record Waiting(Guid RunId) : RunOpening;

    /// <summary>The run was cancelled, and this request is none that wakes it.</summary>
    public sealed record Cancelled(Guid RunId) : RunOpening;

    /// <summary>The run has ended: announce what is stored.</summary>
    public sealed record AlreadyCompleted(HokifyImportCompleted Event) : RunOpening;
}

/// <summary>
/// Runs by their idempotency keys. A redelivery, a replay, a nudge and the next slice are one case here: a request whose
/// key is known.
/// </summary>
internal sealed class RunStore(
    IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock, IOptions<HokifyOptions> options)
{
    private readonly ImportOptions _options = options.Value.Import;

    /// <param name="request">What was asked for.</param>
    /// <param name="mayWork">False when the host is stopping: the request is stored and left to another worker.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IdempotencyKeyReusedException">The key is known with another request.</exception>
    public Task<RunOpening> OpenAsync(ImportRequest request, bool mayWork, CancellationToken cancellationToken)
    {
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
        return retries.ExecuteAsync(token => OpenOnceAsync(request, mayWork, owner, token), cancellationToken);
    }

    private async Task<RunOpening> OpenOnceAsync(ImportRequest request, bool mayWork, string owner, CancellationToken cancellationToken)
    {
        var (run, _) = await RegisterOnceAsync(request, cancellationToken);
        if (run.CompletedEvent is { } stored)
        {
            return Completed(stored);
        }

        if (!mayWork)
        {
            await LeaveToSweeperAsync(run.Id, cancellationToken);
            return new RunOpening.Waiting(run.Id);
        }

        return await ClaimAsync(request, run.Id, owner, cancellationToken);
    }

    /// <summary>Stores a request before it is published, so that its run has an id and nothing is lost when the broker is away.</summary>
    /// <returns>The run as it is stored, and whether the request has made it.</returns>
    /// <exception cref="IdempotencyKeyReusedException">The key is known with another request.</exception>
    public Task<(ImportRun Run, bool IsNew)> RegisterAsync(ImportRequest request, CancellationToken cancellationToken) =>
        retries.ExecuteAsync(token => RegisterOnceAsync(request, token), cancellationToken);

    private async Task<(ImportRun Run, bool IsNew)> RegisterOnceAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        await EnsureScopeAsync(request.ScopeId, cancellationToken);
        var (run, isNew) = await FindOrCreateAsync(request, cancellationToken);
        return request.DifferencesFrom(run) is not { Count: > 0 } differences
            ? (run, isNew)
            : throw new IdempotencyKeyReusedException(
                run.ScopeId,
                $"The idempotency key '{request.IdempotencyKey}' belongs to run {run.Id}, whose request differs: {string.Join(", ", differences)}. Use a new key for a new request.");
    }

    /// <summary>Forgets when the run was last nudged, so that the next sweep, here or elsewhere, takes it up.</summary>
    private async Task LeaveToSweeperAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ImportRuns.Where(r => r.Id == runId)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.NudgedAt, (DateTimeOffset?)null), cancellationToken);
    }

    private async Task<(ImportRun Run, bool IsNew)> FindOrCreateAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, request.IdempotencyKey, cancellationToken) is { } known)
        {
            return (known, false);
        }

        var now = clock.GetUtcNow();
        var run = new ImportRun
        {
            Id = Guid.CreateVersion7(now),
            IdempotencyKey = request.IdempotencyKey,
            ScopeId = request.ScopeId,
            ImportMode = request.ImportMode,
            UnixSecondsFrom = request.UnixSecondsFrom,
            DryRun = request.DryRun,
            RequestedBy = request.RequestedBy,
            State = RunState.Queued,
            Phase = request.DryRun ? RunPhase.Reading : RunPhase.Retrying,
            CreatedAt = now,
            NudgedAt = now,
            Tally = ImportTally.ForNewRun().ToJson(),
        };
        db.ImportRuns.Add(run);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return (run, true);
        }
        catch (DbUpdateException)
        {
            // Two deliveries of one request race for its key; the loser works with the winner's row.
            await using var again = await contexts.CreateDbContextAsync(cancellationToken);
            if (await FindAsync(again, request.IdempotencyKey, cancellationToken) is { } winner)
            {
                return (winner, false);
            }

            throw;
        }
    }

    private static Task<ImportRun?> FindAsync(HokifyDbContext db, string key, CancellationToken cancellationToken) =>
        db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.IdempotencyKey == key, cancellationToken);

    private async Task EnsureScopeAsync(int scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, cancellationToken))
        {
            return;
        }

        db.Scopes.Add(new ScopeState { ScopeId = scopeId });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            await using var again = await contexts.CreateDbContextAsync(cancellationToken);
            if (!await again.Scopes.AnyAsync(s => s.ScopeId == scopeId, cancellationToken))
            {
                throw;
            }
        }
    }

    private async Task<RunOpening> ClaimAsync(ImportRequest request, Guid runId, string owner, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var expires = now + _options.LeaseDuration;

        // A lease under our own name is one that we were given by a commit of which we never heard.
        var claimed = await db.Scopes
            .Where(s => s.ScopeId == request.ScopeId && (s.LeaseExpiresAt == null || s.LeaseExpiresAt < now || s.LeaseOwner == owner))
            // Between two slices nobody holds the lease, and still the scope is taken: another run that slipped in would
            // write what the first, whose window has ended before, does not find and takes for gone.
            .Where(s => !db.ImportRuns.Any(other => other.ScopeId == s.ScopeId && other.Id != runId
                && (other.State == RunState.Running || other.State == RunState.Interrupted)
                && !db.ImportRuns.Any(mine => mine.Id == runId && mine.StartedAt <= other.StartedAt)))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(s => s.LeaseOwner, owner)
                    .SetProperty(s => s.LeaseRunId, runId)
                    .SetProperty(s => s.LeaseExpiresAt, expires)
                    .SetProperty(s => s.Fence, s => s.Fence + 1),
                cancellationToken);
        if (claimed == 0)
        {
            // A failed run that is asked for again must get its turn, even one that the sweeper has given up; and one that
            // was cancelled, unless it is only a nudge from before.
            await db.ImportRuns
                .Where(r => r.Id == runId && (r.State == RunState.Failed || (r.State == RunState.Cancelled && !request.IsNudge)))
                .ExecuteUpdateAsync(
                    set => set
                        .SetProperty(r => r.State, RunState.Queued)
                        .SetProperty(r => r.ResumeAt, (DateTimeOffset?)null)
                        .SetProperty(r => r.CancelRequestedAt, (DateTimeOffset?)null),
                    cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new RunOpening.Waiting(runId);
        }

        var scope = await db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == request.ScopeId, cancellationToken);
        var run = await db.ImportRuns.SingleAsync(r => r.Id == runId, cancellationToken);
        if (run.CompletedEvent is { } stored)
        {
            // It ended between the look-up and the claim; leaving without a commit gives the lease back.
            return Completed(stored);
        }

        if (run.CancelRequestedAt is not null && request.IsNudge)
        {
            // Cancelled while nobody worked on it, or by the worker's death after somebody asked.
            (run.State, run.ResumeAt) = (RunState.Cancelled, null);
            await db.SaveChangesAsync(cancellationToken);
            await FencedTransactions.ReleaseAsync(db, new ScopeLease(scope.ScopeId, owner, scope.Fence), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new RunOpening.Cancelled(runId);
        }

        run.CancelRequestedAt = null;
        run.State = RunState.Running;
        run.Fence = scope.Fence;
        if (run.StartedAt is null)
        {
            run.StartedAt = now;
            run.WindowTo = now;
            run.WindowFrom = run.ImportMode == ImportMode.Full ? null : Watermark.Begin(From(run), scope.Watermark, _options.Overlap);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RunOpening.Claimed(await InProgressAsync(db, request, run, new ScopeLease(scope.ScopeId, owner, scope.Fence), cancellationToken));
    }

    private static DateTimeOffset? From(ImportRun run) =>
        run.UnixSecondsFrom is { } seconds ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;

    private static async Task<RunInProgress> InProgressAsync(
        HokifyDbContext db, ImportRequest request, ImportRun run, ScopeLease lease, CancellationToken cancellationToken)
    {
        var progress = new RunInProgress
        {
            Request = request,
            RunId = run.Id,
            Lease = lease,
            Window = new ReadWindow(run.WindowFrom, run.WindowTo!.Value),
            StartedAt = run.StartedAt!.Value,
            Tally = ImportTally.FromJson(run.Tally),
            Phase = run.Phase,
            Checkpoint = run.Checkpoint,
            MayHaveWaiting = await db.ActivityLogs.AnyAsync(
                l => l.ScopeId == lease.ScopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked), cancellationToken),
            MayHaveErased = await db.ErasedKeys.AnyAsync(e => e.ScopeId == lease.ScopeId, cancellationToken),
        };
        await foreach (var batch in db.RunBatches.AsNoTracking().Where(b => b.RunId == run.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            progress.Seen[batch.Phase].Add(batch.RecordKeys);
            progress.Steps = Math.Max(progress.Steps, batch.Number);
        }

        return progress;
    }

    /// <summary>Ends a slice: the run stands at its checkpoint and anyone may go on with it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isSentAgain">Whether the caller sends its request again; otherwise the next sweep does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task InterruptAsync(RunInProgress run, bool isSentAgain, CancellationToken cancellationToken) =>
        StopAsync(
            run,
            row =>
            {
                row.State = RunState.Interrupted;
                row.NudgedAt = isSentAgain ? clock.GetUtcNow() : null;
            },
            cancellationToken);

    /// <summary>Ends the work on a run that somebody has cancelled.</summary>
    public Task CancelAsync(RunInProgress run, CancellationToken cancellationToken) =>
        StopAsync(run, row => (row.State, row.NudgedAt) = (RunState.Cancelled, clock.GetUtcNow()), cancellationToken);

    /// <summary>The run failed as a whole; what is written stays, and it resumes at its checkpoint.</summary>
    public Task FailAsync(RunInProgress run, string reason, CancellationToken cancellationToken) =>
        StopAsync(
            run,
            row =>
            {
                row.State = row.CancelRequestedAt is null ? RunState.Failed : RunState.Cancelled;
                row.NudgedAt = clock.GetUtcNow();
                row.Failure = reason;
                row.Failures++;
                row.ResumeAt = row.State == RunState.Failed && row.Failures <= _options.FailedRunRetries
                    ? clock.GetUtcNow() + TimeSpan.FromMinutes(Math.Min(60, Math.Pow(2, row.Failures - 1)))
                    : null;
            },
            cancellationToken);

    private Task StopAsync(RunInProgress run, Action<ImportRun> change, CancellationToken cancellationToken) =>
        retries.ExecuteAsync(token => StopOnceAsync(run, change, token), cancellationToken);

    private async Task StopOnceAsync(RunInProgress run, Action<ImportRun> change, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.ImportRuns.SingleAsync(r => r.Id == run.RunId, cancellationToken);
        if (row.Fence == run.Lease.Fence && row.State != RunState.Running)
        {
            // The commit landed, and its client saw an error.
            return;
        }

        await FencedTransactions.ReleaseAsync(db, run.Lease, cancellationToken);
        change(row);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the run: its event is stored, the watermark moves and the lease is given back, in one transaction that
    /// another worker's claim would have made fail.
    /// </summary>
    public Task<HokifyImportCompleted> ConcludeAsync(
        RunInProgress run, Func<DateTimeOffset, HokifyImportCompleted> conclude, CancellationToken cancellationToken) =>
        retries.ExecuteAsync(token => ConcludeOnceAsync(run, conclude, token), cancellationToken);

    private async Task<HokifyImportCompleted> ConcludeOnceAsync(
        RunInProgress run, Func<DateTimeOffset, HokifyImportCompleted> conclude, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.ImportRuns.SingleAsync(r => r.Id == run.RunId, cancellationToken);
        if (row.Fence == run.Lease.Fence && row.CompletedEvent is { } stored)
        {
            // The commit landed, and its client saw an error.
            return Event(stored);
        }

        await FencedTransactions.ReleaseAsync(db, run.Lease, cancellationToken);
        var now = clock.GetUtcNow();
        var completed = conclude(now);
        if (!run.Request.DryRun && !run.Seen[RunPhase.Reading].Contains(RecordKeys.Incomplete))
        {
            var scope = await db.Scopes.SingleAsync(s => s.ScopeId == run.Request.ScopeId, cancellationToken);
            scope.Watermark = Watermark.After(scope.Watermark, run.Window.From, run.Window.To!.Value);
        }

        row.State = RunState.Completed;
        row.CompletedAt = now;
        row.CompletedEvent = JsonSerializer.Serialize(completed);
        row.Failure = null;
        row.ResumeAt = null;
        row.CancelRequestedAt = null;
        await db.SaveChangesAsync(cancellationToken);
        await db.RunBatches.Where(b => b.RunId == run.RunId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return completed;
    }

    /// <summary>Remembers that the broker has taken the run's event.</summary>
    public Task AnnouncedAsync(Guid runId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            DateTimeOffset? now = clock.GetUtcNow();
            await db.ImportRuns.Where(r => r.Id == runId).ExecuteUpdateAsync(set => set.SetProperty(r => r.AnnouncedAt, now), token);
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

    /// <summary>The request of the run whose turn it is in this scope: one that has begun, else the one that has waited longest. Null if none waits.</summary>
    public Task<ImportRequest?> NextWaitingAsync(int scopeId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var next = await db.ImportRuns.AsNoTracking()
                .Where(r => r.ScopeId == scopeId && (r.State == RunState.Queued || r.State == RunState.Interrupted))
                .OrderBy(r => r.State == RunState.Interrupted ? 0 : 1)
                .ThenBy(r => r.State == RunState.Interrupted ? r.StartedAt : r.CreatedAt)
                .FirstOrDefaultAsync(token);
            return next is null ? null : ImportRequest.Of(next);
        },
        cancellationToken);

    /// <summary>
    /// The runs that nobody works on, oldest first and one for each scope, and those whose event may not have reached
    /// the broker. Each is marked, so that the next sweep does not send it again while its message waits in the queue.
    /// </summary>
    public async Task<IReadOnlyList<ImportRequest>> TakeAbandonedAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var settled = now - (_options.SweepInterval * 2);
        var unfinished = await db.ImportRuns.AsNoTracking()
            .Where(r => (r.State == RunState.Queued || r.State == RunState.Running || r.State == RunState.Interrupted
                    || (r.State == RunState.Failed && r.ResumeAt <= now))
                && db.Scopes.Any(s => s.ScopeId == r.ScopeId && (s.LeaseExpiresAt == null || s.LeaseExpiresAt < now)))
            .OrderBy(r => r.State == RunState.Running || r.State == RunState.Interrupted ? 0 : 1)
            .ThenBy(r => r.State == RunState.Running || r.State == RunState.Interrupted ? r.StartedAt : r.CreatedAt)
            .ToListAsync(cancellationToken);

        // Only the run whose turn it is; while its message is on its way, those behind it have nothing to do.
        var due = unfinished.DistinctBy(r => r.ScopeId).Where(r => r.NudgedAt is null || r.NudgedAt < settled);
        var unannounced = await db.ImportRuns.AsNoTracking()
            .Where(r => r.State == RunState.Completed && r.AnnouncedAt == null && r.CompletedAt < settled
                && (r.NudgedAt == null || r.NudgedAt < settled))
            .OrderBy(r => r.CreatedAt)
            .ToListAsync(cancellationToken);
        var taken = due.Concat(unannounced).ToList();
        var ids = taken.Select(r => r.Id).ToList();
        DateTimeOffset? nudged = now;
        await db.ImportRuns.Where(r => EF.Parameter(ids).Contains(r.Id)).ExecuteUpdateAsync(set => set.SetProperty(r => r.NudgedAt, nudged), cancellationToken);
        return [.. taken.Select(ImportRequest.Of)];
    }

    /// <summary>The event as a run has stored it; null while it has none.</summary>
    public static HokifyImportCompleted? EventOf(string? stored) => stored is null ? null : Event(stored);

    private static RunOpening.AlreadyCompleted Completed(string stored) => new(Event(stored));

    private static HokifyImportCompleted Event(string stored) =>
        JsonSerializer.Deserialize<HokifyImportCompleted>(stored) ?? throw new InvalidOperationException("The stored completion event is null.");
}

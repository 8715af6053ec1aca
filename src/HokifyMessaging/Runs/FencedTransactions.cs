using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>Another worker has taken the scope over: this one may neither write nor announce.</summary>
internal sealed class LeaseLostException(ScopeLease lease) : Exception(
    FormattableString.Invariant($"Worker {lease.Owner} has lost scope {lease.ScopeId}: another worker has taken it over (number {lease.Fence} was this one's)."));

/// <summary>
/// The only door to the database while a run is worked on. Each transaction renews the lease before it writes, and fails
/// when the fence has moved on; it commits what was written together with the run's counters and checkpoint, or nothing.
/// </summary>
internal sealed class FencedTransactions(
    IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock, IOptions<HokifyOptions> options)
{
    private readonly ImportOptions _options = options.Value.Import;

    /// <summary>Reads for a run what is not read within a step; a transient failure of the database reads it again from its beginning.</summary>
    public Task<T> ReadAsync<T>(Func<HokifyDbContext, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            return await read(db, token);
        },
        cancellationToken);

    /// <summary>Commits one step of a run; a transient failure of the database tries the whole step again.</summary>
    /// <exception cref="LeaseLostException">Another worker has the scope; nothing was written.</exception>
    public async Task CommitAsync(
        RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, CancellationToken cancellationToken)
    {
        (RunStep Step, ImportProgress Progress)? written = null;
        using var span = Traces.Batch(run.Lease.ScopeId, run.Phase.Named());
        await retries.ExecuteAsync(
            async token =>
            {
                if (written is not { } last || !await HasLandedAsync(run, last.Progress.Steps, token))
                {
                    await CommitOnceAsync(run, write, step => written = step, token);
                }
            },
            cancellationToken);
        StepFigures.Tell(run, written!.Value.Step.Tally, written.Value.Step.Position?.Phase);
        span?.SetTag(TelemetryNames.RecordCount, written.Value.Step.Keys.Count);
        run.Advance(written.Value.Step, written.Value.Progress);
    }

    private async Task CommitOnceAsync(
        RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, Action<(RunStep, ImportProgress)> report, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        try
        {
            if (run.Session is null)
            {
                var begun = run.BeginSession(await contexts.CreateDbContextAsync(cancellationToken));
                await begun.Db.Database.OpenConnectionAsync(cancellationToken);
            }

            var db = run.Session!.Db;
            await using (var transaction = await db.BeginWritingAsync(cancellationToken))
            {
                await RenewAsync(db, run.Lease, written: 1, cancellationToken);
                report(await WriteAsync(db, run, await write(db, cancellationToken), cancellationToken));
                await transaction.CommitAsync(cancellationToken);
            }

            ImportMetrics.BatchTook(run.Lease.ScopeId, run.Phase.Named(), clock.GetElapsedTime(since));
            db.ChangeTracker.Clear();
        }
        catch
        {
            await run.EndSessionAsync();
            throw;
        }
    }

    /// <summary>Writes how far the run has come with a step, once that is committed.</summary>
    private static async Task<(RunStep, ImportProgress)> WriteAsync(HokifyDbContext db, RunInProgress run, RunStep step, CancellationToken cancellationToken)
    {
        var progress = run.Progress.After(step);
        db.RunBatches.Add(new RunBatch
        {
            RunId = run.RunId,
            Number = progress.Steps,
            Phase = run.Phase,
            RecordKeys = RecordKeys.ToBytes(step.Keys),
        });
        await db.SaveChangesAsync(cancellationToken);
        var tallyJson = progress.Tally.ToJson();
        await db.ImportRuns.Where(r => r.Id == run.RunId).ExecuteUpdateAsync(
            set => set
                .SetProperty(r => r.Tally, tallyJson)
                .SetProperty(r => r.Sentences, progress.Tally.Sentences)
                .SetProperty(r => r.WindowTo, progress.Window.To)
                .SetProperty(r => r.Phase, progress.Position.Phase)
                .SetProperty(r => r.Checkpoint, progress.Position.Checkpoint),
            cancellationToken);
        var isCancelled = await db.ImportRuns.AnyAsync(r => r.Id == run.RunId && r.CancelRequestedAt != null, cancellationToken);
        return (step, progress with { IsCancelled = isCancelled });
    }

    /// <summary>
    /// A connection that breaks during a commit leaves open whether the commit landed. The step's row tells; writing the
    /// step again would count it as unchanged.
    /// </summary>
    private async Task<bool> HasLandedAsync(RunInProgress run, int number, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.RunBatches.AnyAsync(b => b.RunId == run.RunId && b.Number == number, cancellationToken))
        {
            return false;
        }

        return await db.ImportRuns.AnyAsync(r => r.Id == run.RunId && r.Fence == run.Lease.Fence, cancellationToken) ? true : throw new LeaseLostException(run.Lease);
    }

    /// <summary>Keeps the lease alive while nothing is written, such as during a slow page.</summary>
    public async Task RenewAsync(ScopeLease lease, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        using var turn = await WriteTurns.TakeAsync(db, cancellationToken);
        await RenewAsync(db, lease, written: 0, cancellationToken);
    }

    /// <summary>Renews the lease in the caller's transaction; from here to its end nobody else can claim the scope.</summary>
    public async Task RenewAsync(HokifyDbContext db, ScopeLease lease, int written, CancellationToken cancellationToken)
    {
        var expires = clock.GetUtcNow() + _options.LeaseDuration;
        await Held(db, lease).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LeaseExpiresAt, expires).SetProperty(s => s.Revision, s => s.Revision + written), cancellationToken);
        await RequireHeldAsync(db, lease, cancellationToken);
    }

    /// <summary>Gives the scope, which the caller's transaction has locked and found free, to a worker.</summary>
    /// <param name="db">The caller's.</param>
    /// <param name="scope">The scope as it is.</param>
    /// <param name="runId">What for; null for work that is no run.</param>
    /// <param name="owner">The worker.</param>
    /// <param name="expires">Until when, unless it is renewed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ScopeLease> GrantAsync(
        HokifyDbContext db, ScopeState scope, Guid? runId, string owner, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var fence = scope.Fence + 1;
        await db.Scopes.Where(s => s.ScopeId == scope.ScopeId).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.LeaseOwner, owner)
                .SetProperty(s => s.LeaseRunId, runId)
                .SetProperty(s => s.LeaseExpiresAt, expires)
                .SetProperty(s => s.Fence, fence),
            cancellationToken);
        return new ScopeLease(scope.ScopeId, owner, fence);
    }

    /// <summary>Gives the lease back in the caller's transaction, which has locked the scope.</summary>
    public static async Task ReleaseAsync(HokifyDbContext db, ScopeLease lease, CancellationToken cancellationToken)
    {
        await RequireHeldAsync(db, lease, cancellationToken);
        await VacateAsync(db, lease.ScopeId, cancellationToken);
    }

    /// <summary>Takes the scope from whoever had it, in the caller's transaction, which has locked it: who comes back has lost the lease.</summary>
    public static Task VacateAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken) =>
        db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.LeaseOwner, (string?)null)
                .SetProperty(s => s.LeaseRunId, (Guid?)null)
                .SetProperty(s => s.LeaseExpiresAt, (DateTimeOffset?)null),
            cancellationToken);

    /// <summary>Asks the row, because the number of changed rows says nothing (see <see cref="RowLocks"/>). A fence that has moved on never comes back, so the answer is good for what was written before.</summary>
    private static async Task RequireHeldAsync(HokifyDbContext db, ScopeLease lease, CancellationToken cancellationToken)
    {
        if (!await Held(db, lease).AnyAsync(cancellationToken))
        {
            throw new LeaseLostException(lease);
        }
    }

    private static IQueryable<ScopeState> Held(HokifyDbContext db, ScopeLease lease) =>
        db.Scopes.Where(s => s.ScopeId == lease.ScopeId && s.Fence == lease.Fence && s.LeaseOwner == lease.Owner);
}

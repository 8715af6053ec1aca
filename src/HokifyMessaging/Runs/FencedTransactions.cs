using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Runs;

/// <summary>Another worker has taken the scope over: this one may neither write nor announce.</summary>
internal sealed class LeaseLostException(ScopeLease lease) : Exception(
    FormattableString.Invariant($"Worker {lease.Owner} lost the lease of scope {lease.ScopeId} (fence {lease.Fence}): another worker has taken over."));

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
    public Task CommitAsync(
        RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            if (!attempt.IsAgain || !await LandedAfterAllAsync(run, token))
            {
                await CommitOnceAsync(run, write, token);
            }

            return true;
        },
        cancellationToken);

    private async Task CommitOnceAsync(
        RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, CancellationToken cancellationToken)
    {
        try
        {
            if (run.Session is null)
            {
                var begun = run.BeginSession(await contexts.CreateDbContextAsync(cancellationToken));
                await begun.Db.Database.OpenConnectionAsync(cancellationToken);
            }

            var db = run.Session!.Db;
            await CommitOnceAsync(db, run, write, cancellationToken);
            db.ChangeTracker.Clear();
        }
        catch
        {
            await run.EndSessionAsync();
            throw;
        }
    }

    private async Task CommitOnceAsync(
        HokifyDbContext db, RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await RenewAsync(db, run.Lease, written: 1, cancellationToken);

        run.Uncommitted.Clear();
        var step = await write(db, cancellationToken);

        var tally = run.Tally.Plus(step.Tally);
        var position = step.Position ?? new RunPosition(run.Phase, run.Checkpoint);
        var window = step.ReadTo is { } to && to < run.Window.To ? run.Window with { To = to } : run.Window;
        var number = run.Steps + 1;
        db.RunBatches.Add(new RunBatch
        {
            RunId = run.RunId,
            Number = number,
            Phase = run.Phase,
            RecordKeys = RecordKeys.ToBytes(step.Keys),
        });
        await db.SaveChangesAsync(cancellationToken);
        var tallyJson = tally.ToJson();
        await db.ImportRuns.Where(r => r.Id == run.RunId).ExecuteUpdateAsync(
            set => set
                .SetProperty(r => r.Tally, tallyJson)
                .SetProperty(r => r.WindowTo, window.To)
                .SetProperty(r => r.Phase, position.Phase)
                .SetProperty(r => r.Checkpoint, position.Checkpoint),
            cancellationToken);
        var isCancelled = await db.ImportRuns.AnyAsync(r => r.Id == run.RunId && r.CancelRequestedAt != null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        run.Uncommitted.Clear();
        run.Seen[run.Phase].Add(step.Keys);
        run.Tally = tally;
        run.Window = window;
        run.IsCancelled = isCancelled;
        (run.Phase, run.Checkpoint) = (position.Phase, position.Checkpoint);
        run.Steps = number;
    }

    /// <summary>
    /// A connection that breaks during a commit leaves open whether the commit landed. The step's row tells; writing the
    /// step again would count it as unchanged.
    /// </summary>
    private async Task<bool> LandedAfterAllAsync(RunInProgress run, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var number = run.Steps + 1;
        var landed = await db.RunBatches.AsNoTracking().SingleOrDefaultAsync(b => b.RunId == run.RunId && b.Number == number, cancellationToken);
        if (landed is null)
        {
            return false;
        }

        var stored = await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == run.RunId, cancellationToken);
        if (stored.Fence != run.Lease.Fence)
        {
            throw new LeaseLostException(run.Lease);
        }

        run.Seen[landed.Phase].Add(landed.RecordKeys);
        run.Tally = ImportTally.FromJson(stored.Tally);
        run.Window = run.Window with { To = stored.WindowTo!.Value };
        (run.Phase, run.Checkpoint) = (stored.Phase, stored.Checkpoint);
        run.IsCancelled = stored.CancelRequestedAt is not null;
        run.Steps = number;
        return true;
    }

    /// <summary>Keeps the lease alive while nothing is written, such as during a slow page.</summary>
    public async Task RenewAsync(ScopeLease lease, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RenewAsync(db, lease, written: 0, cancellationToken);
    }

    /// <summary>Renews the lease in the caller's transaction; from here to its end nobody else can claim the scope.</summary>
    private async Task RenewAsync(HokifyDbContext db, ScopeLease lease, int written, CancellationToken cancellationToken)
    {
        var expires = clock.GetUtcNow() + _options.LeaseDuration;
        await Held(db, lease).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LeaseExpiresAt, expires).SetProperty(s => s.Revision, s => s.Revision + written), cancellationToken);
        await RequireHeldAsync(db, lease, cancellationToken);
    }

    /// <summary>Gives the lease back in the caller's transaction, which has locked the scope.</summary>
    public static async Task ReleaseAsync(HokifyDbContext db, ScopeLease lease, CancellationToken cancellationToken)
    {
        await RequireHeldAsync(db, lease, cancellationToken);
        await Held(db, lease).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.LeaseOwner, (string?)null)
                .SetProperty(s => s.LeaseRunId, (Guid?)null)
                .SetProperty(s => s.LeaseExpiresAt, (DateTimeOffset?)null),
            cancellationToken);
    }

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

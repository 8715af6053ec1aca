using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>Somebody works on the scope, and what was asked for has to wait.</summary>
internal sealed class ScopeAtWorkException(ScopeState scope) : Exception($"{ByWhom(scope)}, so nothing of it was changed; try again when that has ended.")
{
    /// <summary>The beginning of a sentence about the scope as it was met.</summary>
    public string Beginning { get; } = ByWhom(scope);

    /// <summary>The beginning of a sentence about a scope that is not free.</summary>
    public static string ByWhom(ScopeState scope) => string.Create(
        CultureInfo.InvariantCulture,
        $"Scope {scope.ScopeId} is being worked on{(scope.LeaseRunId is { } run ? $", on run {run}" : "")} (by {WorkerName.Parse(scope.LeaseOwner ?? "")}, until {Instant.Of(scope.LeaseExpiresAt!.Value)} unless that is renewed)");
}

/// <summary>Commits what is written to a database, all of it or nothing.</summary>
/// <param name="write">Writes it. It may be tried more than once.</param>
internal delegate Task CommitOf(Func<HokifyDbContext, CancellationToken, Task> write);

/// <summary>
/// Work on a scope that is no run. It has the scope as a run would have it: none of the scope's begins or goes on meanwhile, and what
/// it writes is fenced in the same way. What waits behind it is left to the next sweep.
/// </summary>
internal sealed class ScopeErrands(
    IDbContextFactory<HokifyDbContext> contexts, FencedTransactions transactions, LeaseKeeper leases, ScopeTurns turns, TransientRetries retries, TimeProvider clock, IOptions<HokifyOptions> options)
{
    /// <param name="scopeId">The scope; one that nobody has imported into yet is made.</param>
    /// <param name="work">Is given what commits, and a token that fires when the scope is lost.</param>
    /// <param name="cancellationToken">Gives up; what was committed stays.</param>
    /// <exception cref="ScopeAtWorkException">Somebody else works on it; nothing was changed.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the scope over, because this one was taken for dead.</exception>
    public async Task<T> RunAsync<T>(int scopeId, Func<CommitOf, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await retries.ExecuteAsync(token => EnsureAsync(contexts, scopeId, token), cancellationToken);
        var owner = WorkerName.ForNewWork();
        var lease = await retries.ExecuteAsync(token => TakeAsync(scopeId, owner, token), cancellationToken);
        try
        {
            await using var kept = leases.Keep(lease, cancellationToken);
            return await work(write => retries.ExecuteAsync(token => CommitAsync(lease, write, token), kept.Token), kept.Token);
        }
        finally
        {
            await GiveBackAsync(lease);
        }
    }

    /// <summary>
    /// One transaction, for which the scope is locked and not taken: whoever asks for it meanwhile waits for the moment that this takes, and is not sent away to come back with
    /// the next sweep.
    /// </summary>
    /// <param name="scopeId">The scope, which must be there.</param>
    /// <param name="write">Writes. It may be tried more than once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ScopeAtWorkException">Somebody works on it; nothing was changed.</exception>
    public Task BrieflyAsync(int scopeId, Func<HokifyDbContext, CancellationToken, Task> write, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            RequireFree(await db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == scopeId, token));
            await using var transaction = await db.BeginWritingAsync(token);
            var scope = await RowLocks.ScopeAsync(db, scopeId, token);
            RequireFree(scope);
            if (scope.LeaseOwner is not null)
            {
                // Whoever was taken for dead must not go on with what it knew before this.
                await FencedTransactions.GrantAsync(db, scope, runId: null, WorkerName.ForNewWork(), expires: null, token);
                await FencedTransactions.VacateAsync(db, scopeId, token);
            }

            await db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.Revision, s => s.Revision + 1), token);
            await write(db, token);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
        },
        cancellationToken);

    private void RequireFree(ScopeState scope)
    {
        if (!scope.IsFree(clock.GetUtcNow()))
        {
            throw new ScopeAtWorkException(scope);
        }
    }

    /// <summary>Makes the row of a scope that has none.</summary>
    public static Task EnsureAsync(IDbContextFactory<HokifyDbContext> contexts, int scopeId, CancellationToken cancellationToken) =>
        AbsentRow.InsertAsync<ScopeState>(contexts, (scopes, token) => scopes.AnyAsync(s => s.ScopeId == scopeId, token), () => new ScopeState { ScopeId = scopeId }, cancellationToken);

    private async Task<ScopeLease> TakeAsync(int scopeId, string owner, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        var (scope, now) = (await RowLocks.ScopeAsync(db, scopeId, cancellationToken), clock.GetUtcNow());

        // A lease under our own name is one that we were given by a commit of which we never heard.
        if (!scope.IsFree(now) && scope.LeaseOwner != owner)
        {
            throw new ScopeAtWorkException(scope);
        }

        var lease = await FencedTransactions.GrantAsync(db, scope, runId: null, owner, now + options.Value.Import.LeaseDuration, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return lease;
    }

    private async Task CommitAsync(ScopeLease lease, Func<HokifyDbContext, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await transactions.RenewAsync(db, lease, written: 1, cancellationToken);
        await write(db, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Where it cannot be given back it runs out, as that of a worker that has died.</summary>
    private async Task GiveBackAsync(ScopeLease lease)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        try
        {
            await using (var db = await contexts.CreateDbContextAsync(limit.Token))
            {
                await using var transaction = await db.BeginWritingAsync(limit.Token);
                await RowLocks.ScopeAsync(db, lease.ScopeId, limit.Token);
                await FencedTransactions.ReleaseAsync(db, lease, limit.Token);
                await transaction.CommitAsync(limit.Token);
            }

            if (await turns.TakeAsync(lease.ScopeId, limit.Token) is { } next)
            {
                await turns.TakeBackAsync(next, limit.Token);
            }
        }
        catch (Exception exception) when (exception is LeaseLostException or OperationCanceledException || DatabaseFault.Of(exception) is not null)
        {
            // It runs out.
        }
    }
}

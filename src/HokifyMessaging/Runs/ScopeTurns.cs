using System.Linq.Expressions;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>The request of the run whose turn it is in a scope, for the program to send to itself.</summary>
/// <param name="Request">What the run was made for.</param>
/// <param name="SentAt">The scope's note of it, which travels along: as long as it stands, no second nudge is sent.</param>
internal sealed record Nudge(ImportRequest Request, DateTimeOffset SentAt)
{
    /// <summary>Whether the run had failed, and its pause is over.</summary>
    public bool IsResumption { get; init; }
}

/// <summary>A run that nobody works on, as far as its turn depends on it.</summary>
internal sealed record WaitingRun(Guid Id, RunState State, DateTimeOffset CreatedAt, DateTimeOffset? NudgedAt);

/// <summary>Who works on a scope.</summary>
/// <param name="RunId">On which run.</param>
/// <param name="Owner">The worker: machine, process and more.</param>
internal sealed record ScopeHolder(Guid? RunId, string Owner);

/// <summary>Since when what was sent has been lost.</summary>
/// <param name="Now">The instant of the look.</param>
/// <param name="Settled">Whoever brought or stopped a run after this instant is about to start it or to send it on.</param>
/// <param name="LostBefore">A nudge that was sent before it is on its way no more.</param>
internal sealed record Staleness(DateTimeOffset Now, DateTimeOffset Settled, DateTimeOffset LostBefore)
{
    public bool IsDue(WaitingRun run) => run.State == RunState.Failed || run.NudgedAt is null || run.NudgedAt < Settled;
}

/// <summary>
/// Whose turn it is in a scope, and who says so to the worker. One run at most is under way, and keeps the scope between its
/// slices: another that slipped in would write what the first, whose window has ended before, does not find and takes for
/// gone. Behind it, runs start in the order in which they were asked for: by the instant at which they were stored and, where
/// that is the same, by their ids, which no two share. A run that failed has left the scope and is in nobody's way; when its
/// pause is over it stands again where it was asked for, before all that were asked for later, and behind the one under way.
/// </summary>
/// <remarks>
/// Whoever leaves a scope takes its turn and sends it on. The scope notes that, and whoever receives the nudge takes the note
/// away: so at most one is on its way for a scope, and two cannot become more. What is lost with a process or a broker is
/// found by the sweep.
/// </remarks>
internal sealed class ScopeTurns(
    IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock, IOptions<HokifyOptions> options)
{
    /// <summary>How many times longer than its way a nudge may wait in a queue that holds other messages, too.</summary>
    private const int LongQueue = 20;

    private readonly ImportOptions _options = options.Value.Import;

    /// <summary>The run whose turn it is; null when nobody waits.</summary>
    public async Task<WaitingRun?> FirstAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken)
    {
        // One look for each kind, because each finds its first by an index; together they would sort all who wait, for every turn.
        var runs = db.ImportRuns.AsNoTracking().Where(r => r.ScopeId == scopeId);
        var underWay = await Waiting(runs.Where(r => r.State == RunState.Running || r.State == RunState.Interrupted).OrderBy(r => r.StartedAt).ThenBy(r => r.CreatedAt))
            .FirstOrDefaultAsync(cancellationToken);
        if (underWay is not null)
        {
            return underWay;
        }

        var queued = await Waiting(runs.Where(r => r.State == RunState.Queued).OrderBy(r => r.CreatedAt)).FirstOrDefaultAsync(cancellationToken);

        // In a scope that is configured no more, each run is refused once and then left alone until the scope is back.
        if (!options.Value.Scopes.ContainsKey(scopeId))
        {
            return queued;
        }

        var now = clock.GetUtcNow();
        var resuming = await Waiting(runs.Where(r => r.State == RunState.Failed && r.ResumeAt <= now).OrderBy(r => r.CreatedAt)).FirstOrDefaultAsync(cancellationToken);
        return new[] { queued, resuming }.OfType<WaitingRun>().OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).FirstOrDefault();
    }

    private static IQueryable<WaitingRun> Waiting(IOrderedQueryable<ImportRun> runs) =>
        runs.ThenBy(r => r.Id).Select(r => new WaitingRun(r.Id, r.State, r.CreatedAt, r.NudgedAt));

    /// <summary>Takes the turn of a scope for the run whose turn it is; the caller sends its request.</summary>
    /// <returns>Null when somebody works on the scope, when a nudge is on its way already, and when nobody waits.</returns>
    public Task<Nudge?> TakeAsync(int scopeId, CancellationToken cancellationToken) => TakeAsync(scopeId, _ => true, DateTimeOffset.MinValue, cancellationToken);

    private Task<Nudge?> TakeAsync(int scopeId, Func<WaitingRun, bool> isDue, DateTimeOffset lostBefore, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);

            // Most who leave a scope leave nobody behind, and need no transaction to know it.
            if (await FirstAsync(db, scopeId, token) is not { } first || !(isDue(first) || attempt.HasLeft(first.NudgedAt)))
            {
                return null;
            }

            await using var transaction = await db.BeginWritingAsync(token);
            var nudge = await TakeAsync(db, scopeId, attempt, lostBefore, token);
            await transaction.CommitAsync(token);
            return nudge;
        },
        cancellationToken);

    /// <summary>As above, in the caller's transaction.</summary>
    public Task<Nudge?> TakeAsync(HokifyDbContext db, int scopeId, Attempt attempt, CancellationToken cancellationToken) =>
        TakeAsync(db, scopeId, attempt, DateTimeOffset.MinValue, cancellationToken);

    private async Task<Nudge?> TakeAsync(
        HokifyDbContext db, int scopeId, Attempt attempt, DateTimeOffset lostBefore, CancellationToken cancellationToken)
    {
        var sentAt = attempt.Begun;
        var scope = await RowLocks.ScopeAsync(db, scopeId, cancellationToken);
        var isNudged = scope.NudgedAt is { } at && !attempt.HasLeft(at) && at >= lostBefore;
        if (!scope.IsFree(sentAt) || isNudged || await FirstAsync(db, scopeId, cancellationToken) is not { } first)
        {
            return null;
        }

        DateTimeOffset? noted = sentAt;
        await db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.NudgedAt, noted), cancellationToken);

        // The pause of one that failed is over, whatever the clock of the worker says that receives the nudge.
        var run = await RowLocks.RunAsync(db, first.Id, cancellationToken);
        var isResumption = run.State == RunState.Failed;
        RunTransitions.Apply(db, run, new RunEvent.Nudged(), sentAt, _options);
        await db.SaveChangesAsync(cancellationToken);
        return new Nudge(ImportRequest.Of(run), sentAt) { IsResumption = isResumption };
    }

    /// <summary>Locks the scope in the caller's transaction, and takes its note away when what was received is the nudge that it speaks of, or when it is of an earlier try of the same call.</summary>
    /// <returns>The scope as it is then, and whether it was that note: then nobody but the caller sends the turn on.</returns>
    public static async Task<(ScopeState Scope, bool IsOwnNudge)> ReceiveAsync(
        HokifyDbContext db, int scopeId, DateTimeOffset? sentAt, Attempt attempt, CancellationToken cancellationToken)
    {
        var scope = await RowLocks.ScopeAsync(db, scopeId, cancellationToken);
        if (scope.NudgedAt is null || (scope.NudgedAt != sentAt && !attempt.HasLeft(scope.NudgedAt)))
        {
            return (scope, false);
        }

        await ForgetAsync(db, scopeId, scope.NudgedAt, cancellationToken);
        scope.NudgedAt = null;
        return (scope, true);
    }

    private static async Task ForgetAsync(HokifyDbContext db, int scopeId, DateTimeOffset? sentAt, CancellationToken cancellationToken) =>
        await db.Scopes.Where(s => s.ScopeId == scopeId && s.NudgedAt == sentAt)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.NudgedAt, (DateTimeOffset?)null), cancellationToken);

    /// <summary>Takes a nudge back that could not be sent: the next sweep, here or elsewhere, sends another.</summary>
    public Task TakeBackAsync(Nudge nudge, CancellationToken cancellationToken) =>
        retries.ExecuteAsync(token => LeaveToSweepAsync(nudge.Request with { NudgedAt = nudge.SentAt }, token), cancellationToken);

    /// <summary>Forgets that the run's request was sent, so that the next sweep, here or elsewhere, takes the run up.</summary>
    public async Task LeaveToSweepAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await ForgetAsync(db, request.ScopeId, request.NudgedAt, cancellationToken);
        await db.ImportRuns.Where(r => r.IdempotencyKey == request.IdempotencyKey && r.ScopeId == request.ScopeId)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.NudgedAt, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>
    /// Takes the turn of every scope in which somebody waits, nobody works, and no nudge can be on its way any more: a nudge
    /// that was lost, a worker that died, a run whose pause is over. Asks for the one run whose turn it is, not for all that wait.
    /// </summary>
    /// <param name="isQueueEmpty">Whether the queue is known to hold nothing: then what is not received by now is lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One after the other: each is to be sent before the next is taken.</returns>
    public async IAsyncEnumerable<Nudge> ClaimStaleAsync(bool isQueueEmpty, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stale = StaleAt(clock.GetUtcNow(), isQueueEmpty);
        foreach (var scopeId in await IdleAsync(stale.Now, stale.LostBefore, cancellationToken))
        {
            if (await TakeAsync(scopeId, stale.IsDue, stale.LostBefore, cancellationToken) is { } nudge)
            {
                yield return nudge;
            }
        }
    }

    /// <summary>As above, in one scope.</summary>
    public Task<Nudge?> ClaimStaleAsync(int scopeId, bool isQueueEmpty, CancellationToken cancellationToken)
    {
        var stale = StaleAt(clock.GetUtcNow(), isQueueEmpty);
        return TakeAsync(scopeId, stale.IsDue, stale.LostBefore, cancellationToken);
    }

    private Staleness StaleAt(DateTimeOffset now, bool isQueueEmpty)
    {
        var settled = now - (_options.SweepInterval * 2);
        return new Staleness(now, settled, isQueueEmpty ? settled : now - (_options.SweepInterval * 2 * LongQueue));
    }

    /// <summary>What the scope was read from the last time, as <see cref="ScopeSource"/> names it; null for a new one.</summary>
    public Task<string?> SourceAsync(int scopeId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            return await db.Scopes.Where(s => s.ScopeId == scopeId).Select(s => s.Source).SingleOrDefaultAsync(token);
        },
        cancellationToken);

    /// <summary>Who works on a scope; null while nobody does. Writes nothing.</summary>
    public Task<ScopeHolder?> HolderAsync(int scopeId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var scope = await db.Scopes.AsNoTracking().SingleAsync(s => s.ScopeId == scopeId, token);
            return scope.IsFree(clock.GetUtcNow()) ? null : new ScopeHolder(scope.LeaseRunId, scope.LeaseOwner ?? "");
        },
        cancellationToken);

    /// <summary>
    /// The scopes in which somebody waits and nobody works. Each look is at one table: one at both, where readers lock, could wait
    /// for a batch that waits for it.
    /// </summary>
    private async Task<List<int>> IdleAsync(DateTimeOffset now, DateTimeOffset lostBefore, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var free = await db.Scopes
            .Where(s => (s.LeaseExpiresAt == null || s.LeaseExpiresAt < now) && (s.NudgedAt == null || s.NudgedAt < lostBefore))
            .Select(s => s.ScopeId)
            .ToListAsync(cancellationToken);
        var waiting = await OfAsync(r => r.State == RunState.Queued || r.State == RunState.Running || r.State == RunState.Interrupted);
        var resuming = await OfAsync(r => r.State == RunState.Failed && r.ResumeAt <= now);
        return [.. waiting.Union(resuming).Order()];

        Task<List<int>> OfAsync(Expression<Func<ImportRun, bool>> isWaiting) => Lookups.ListAsync(
            free, some => db.ImportRuns.Where(r => some.Contains(r.ScopeId)).Where(isWaiting).Select(r => r.ScopeId).Distinct(), cancellationToken);
    }

    /// <summary>When the first pause of a run that failed is over behind an instant; null when none will be.</summary>
    public async Task<DateTimeOffset?> NextResumeAsync(DateTimeOffset after, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ImportRuns.Where(r => r.State == RunState.Failed && r.ResumeAt > after)
            .OrderBy(r => r.ResumeAt).Select(r => r.ResumeAt).FirstOrDefaultAsync(cancellationToken);
    }
}

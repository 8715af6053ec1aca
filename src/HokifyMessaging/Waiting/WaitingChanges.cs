using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>
/// What somebody decides on records that wait: on one, on some, or on all that meet a filter. They are looked up once; then so many at a time are changed in a small transaction
/// that has the scope's row, as whoever writes to the ledger has it: an import is held up for a moment, and what it has settled meanwhile is let be.
/// </summary>
internal sealed class WaitingChanges(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, TimeProvider clock)
{
    /// <summary>The longest reason for which records are dropped.</summary>
    public const int ReasonLength = 500;

    /// <summary>So many that SQL Server does not lock the table instead of the rows.</summary>
    private const int AtATime = 1_000;

    /// <summary>
    /// Has the next import of each scope try them. They keep their count of retries: one that fails again after its last is parked again, and does not go through all its pauses a
    /// second time.
    /// </summary>
    public Task<WaitingOutcome> TryNowAsync(WaitingFilter filter, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        filter,
        actor,
        new Decision(
            _ => true,
            (logs, now, token) => logs.ExecuteUpdateAsync(
                set => set.SetProperty(l => l.Status, ActivityStatus.Open).SetProperty(l => l.DueAt, (DateTimeOffset?)now).SetProperty(l => l.RetryInterval, 0), token),
            (scopeId, outcome) => Deed.RetryRecords(scopeId, $"{filter}", $"{outcome}")),
        cancellationToken);

    /// <summary>Has them wait until somebody asks for them.</summary>
    public Task<WaitingOutcome> ParkAsync(WaitingFilter filter, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        filter,
        actor,
        new Decision(
            status => status == ActivityStatus.Open,
            (logs, _, token) => logs.ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Parked).SetProperty(l => l.DueAt, (DateTimeOffset?)null), token),
            (scopeId, outcome) => Deed.ParkRecords(scopeId, $"{filter}", $"{outcome}")),
        cancellationToken);

    /// <summary>
    /// Gives them up. What remains is that there was one, who has dropped it and why; should the source deliver it again it is a new one. What a legal hold keeps is not dropped.
    /// </summary>
    /// <param name="filter">Which.</param>
    /// <param name="reason">Why; it should name nobody.</param>
    /// <param name="actor">Who.</param>
    /// <param name="cancellationToken">Gives up; what was dropped before is.</param>
    /// <exception cref="ArgumentException">The reason is none.</exception>
    public Task<WaitingOutcome> DropAsync(WaitingFilter filter, string reason, Actor actor, CancellationToken cancellationToken)
    {
        if (ReasonProblem(reason) is { } problem)
        {
            throw new ArgumentException($"The reason {problem}.", nameof(reason));
        }

        var why = reason.Trim().TrimEnd('.');
        return ChangeAsync(
            filter,
            actor,
            new Decision(
                _ => true,
                (logs, now, token) =>
                {
                    var told = $"Dropped by {AuditEntry.Shown(actor.Name, AuditEntry.NameLength)} at {Instant.Of(now)}: {why}. Before that: ";
                    return logs.ExecuteUpdateAsync(
                        set => set
                            .SetProperty(l => l.Status, ActivityStatus.Dropped)
                            .SetProperty(l => l.Data, (string?)null)
                            .SetProperty(l => l.ResultData, l => told + (l.ResultData ?? ""))
                            .SetProperty(l => l.DueAt, (DateTimeOffset?)null)
                            .SetProperty(l => l.DateExecuted, (DateTimeOffset?)now),
                        token);
                },
                (scopeId, outcome) => Deed.DropRecords(scopeId, $"{filter}", $"{outcome}", why))
            {
                HeedsHolds = true,
            },
            cancellationToken);
    }

    /// <summary>What is wrong with a reason, as the rest of a sentence about it; null where nothing is.</summary>
    public static string? ReasonProblem(string? reason) =>
        string.IsNullOrWhiteSpace(reason?.Trim().TrimEnd('.')) ? "is missing; whoever misses a record later wants to know why it was dropped"
        : reason.Trim().Length > ReasonLength ? FormattableString.Invariant($"has {reason.Trim().Length} characters; it may have {ReasonLength}")
        : VisibleText.Problem(reason.Trim());

    private async Task<WaitingOutcome> ChangeAsync(WaitingFilter filter, Actor actor, Decision decision, CancellationToken cancellationToken)
    {
        var outcome = new WaitingOutcome(0, filter.Ids is { } ids ? ids.Distinct().Count() : 0, 0, 0);
        foreach (var (scopeId, found) in await FindAsync(filter, cancellationToken))
        {
            // Those that were picked and are not found are not there any more.
            outcome += new WaitingOutcome(0, filter.Ids is null ? 0 : -found.Count, 0, 0);
            var ofScope = new OfScope(scopeId, filter, actor, decision, clock.GetUtcNow());
            foreach (var some in found.Chunk(AtATime))
            {
                await ChangeSomeAsync(ofScope, some, cancellationToken);
            }

            outcome += ofScope.Outcome;
        }

        return outcome;
    }

    private async Task<IReadOnlyList<(int ScopeId, IReadOnlyList<long> Ids)>> FindAsync(WaitingFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = new List<(long Id, int ScopeId)>();
        foreach (var some in filter.Ids is null ? [null] : filter.Ids.Distinct().Chunk(AtATime / 2).Cast<long[]?>())
        {
            found.AddRange((await (filter with { Ids = some }).Of(db.ActivityLogs).Select(l => new { l.Id, l.ScopeId }).ToListAsync(cancellationToken)).Select(l => (l.Id, l.ScopeId)));
        }

        return [.. found.GroupBy(l => l.ScopeId).OrderBy(of => of.Key).Select(of => (of.Key, (IReadOnlyList<long>)[.. of.Select(l => l.Id).Order()]))];
    }

    private Task<WaitingOutcome> ChangeSomeAsync(OfScope work, long[] ids, CancellationToken cancellationToken)
    {
        WaitingOutcome? tried = null;
        return retries.ExecuteAsync(
            async (attempt, token) =>
            {
                await using var db = await contexts.CreateDbContextAsync(token);
                await using var transaction = await db.BeginWritingAsync(token);
                await RowLocks.ScopeAsync(db, work.ScopeId, token);
                var noted = await work.NotedAsync(db, attempt.IsAgain, token);
                if (attempt.IsAgain && tried is { } before && before.Done > 0 && noted?.Detail == work.DetailWith(before))
                {
                    // The commit landed, and its client saw an error.
                    work.Add(before, noted.Id);
                    return before;
                }

                tried = await ChangeOnceAsync(db, work, ids, token);
                if (tried.Value.Done > 0 || noted is not null)
                {
                    noted ??= db.Audit.Add(work.EntryWith(tried.Value)).Entity;
                    noted.Detail = work.DetailWith(tried.Value);
                    await db.Scopes.Where(s => s.ScopeId == work.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.Revision, s => s.Revision + 1), token);
                    await db.SaveChangesAsync(token);
                    await transaction.CommitAsync(token);
                }

                work.Add(tried.Value, noted?.Id);
                return tried.Value;
            },
            cancellationToken);
    }

    private static async Task<WaitingOutcome> ChangeOnceAsync(HokifyDbContext db, OfScope work, long[] ids, CancellationToken cancellationToken)
    {
        var rows = await Lookups.ListAsync(
            ids,
            some => (work.Filter with { Ids = some }).Of(db.ActivityLogs).Where(l => l.ScopeId == work.ScopeId).Select(l => new { l.Id, l.Status, l.RampId, l.ReferenceId, l.PersonReferenceId }),
            cancellationToken);
        var held = work.Decision.HeedsHolds ? await HeldIds.ReferencesAsync(db, work.ScopeId, work.Begun, cancellationToken) : new HashSet<string>();
        var (inRamp, onHold, chosen) = (0, 0, new List<long>(rows.Count));
        foreach (var row in rows.Where(row => work.Decision.Concerns(row.Status)))
        {
            if (row.RampId is not null)
            {
                inRamp++;
            }
            else if (held.Contains(row.ReferenceId) || (row.PersonReferenceId is { } person && held.Contains(person)))
            {
                onHold++;
            }
            else
            {
                chosen.Add(row.Id);
            }
        }

        await Lookups.ForAsync(chosen, some => work.Decision.CarryOut(db.ActivityLogs.Where(l => some.Contains(l.Id)), work.Begun, cancellationToken));
        return new WaitingOutcome(chosen.Count, ids.Length - chosen.Count - inRamp - onHold, onHold, inRamp);
    }

    /// <summary>What is to be done.</summary>
    /// <param name="Concerns">With records in which state; with any other it is done already.</param>
    /// <param name="CarryOut">Does it.</param>
    /// <param name="ToldAs">How the audit log names it.</param>
    private sealed record Decision(
        Func<ActivityStatus, bool> Concerns, Func<IQueryable<ActivityLog>, DateTimeOffset, CancellationToken, Task<int>> CarryOut, Func<int, WaitingOutcome, Deed> ToldAs)
    {
        /// <summary>Whether something is lost by it, which a legal hold forbids.</summary>
        public bool HeedsHolds { get; init; }
    }

    /// <summary>What is done in one scope, and how far that is.</summary>
    private sealed class OfScope(int scopeId, WaitingFilter filter, Actor actor, Decision decision, DateTimeOffset begun)
    {
        private long? _noted;

        public int ScopeId => scopeId;

        public WaitingFilter Filter => filter;

        public Decision Decision => decision;

        public DateTimeOffset Begun => begun;

        public WaitingOutcome Outcome { get; private set; }

        public void Add(WaitingOutcome outcome, long? noted) => (Outcome, _noted) = (Outcome + outcome, noted);

        /// <summary>The one entry of the audit log that tells of all of it; null before there is anything to tell.</summary>
        public async Task<AuditEntry?> NotedAsync(HokifyDbContext db, bool mayBeUnknown, CancellationToken cancellationToken)
        {
            var entry = EntryWith(default);
            return _noted is { } id ? await db.Audit.SingleOrDefaultAsync(a => a.Id == id, cancellationToken)
                : mayBeUnknown ? await db.Audit.FirstOrDefaultAsync(a => a.At == begun && a.ScopeId == scopeId && a.Action == entry.Action && a.Who == entry.Who, cancellationToken)
                : null;
        }

        public AuditEntry EntryWith(WaitingOutcome outcome) => AuditEntry.Of(actor, begun, decision.ToldAs(scopeId, Outcome + outcome));

        public string DetailWith(WaitingOutcome outcome) => EntryWith(outcome).Detail;
    }
}

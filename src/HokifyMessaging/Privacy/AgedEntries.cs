using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// The records that could not be stored and wait, of which this is the only copy. What remains is that there was one, and why it was not stored: whoever misses the application
/// is told.
/// </summary>
internal sealed class AgedEntries(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    /// <summary>Begins what stands where the reason stood; the reason follows.</summary>
    public const string Dropped = "It could not be stored for so long that it was dropped because of its age. ";

    public override string What => "records that wait";

    protected override TimeSpan? Age { get; } = options.Value.Retention.LedgerEntries;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (all, last) = (default(AgedRows), "");
        var (held, underWay) = await ReadAsync(db => StandingAsync(db, round, cancellationToken), cancellationToken);
        while (true)
        {
            var from = last;
#pragma warning disable CA1309 // The database compares by the collation of the column.
            var page = await ReadAsync(
                db => EntriesOf(Waiting(db, round.ScopeId).Where(l => string.Compare(l.ReferenceId, from) > 0).OrderBy(l => l.ReferenceId).Take(AtATime)).ToListAsync(cancellationToken), cancellationToken);
#pragma warning restore CA1309
            var due = page.Where(entry => entry.IsDue(before, underWay)).ToLookup(entry => IsHeld(entry, held));
            var ids = due[false].Select(entry => entry.Id).ToArray();
            all += new AgedRows(round.IsDry || ids.Length == 0 ? ids.Length : await DropAsync(round, before, ids), due[true].Count());
            if (page.Count < AtATime)
            {
                return all;
            }

            last = page[^1].ReferenceId;
        }
    }

    /// <summary>They may have been stored since, or tried again.</summary>
    private Task<int> DropAsync(RetentionRound round, DateTimeOffset before, long[] ids) => CommitAsync(round, async (db, token) =>
    {
        var (held, underWay) = await StandingAsync(db, round, token);
        var entries = await EntriesOf(db.ActivityLogs.Where(l => ids.Contains(l.Id) && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked))).ToListAsync(token);
        var due = entries.Where(entry => entry.IsDue(before, underWay) && !IsHeld(entry, held)).Select(entry => entry.Id).ToArray();
        DateTimeOffset? now = round.Now;
        await Lookups.ForAsync(due, some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteUpdateAsync(
            set => set
                .SetProperty(l => l.Status, ActivityStatus.Dropped)
                .SetProperty(l => l.Data, (string?)null)
                .SetProperty(l => l.ResultData, l => Dropped + (l.ResultData ?? ""))
                .SetProperty(l => l.DueAt, (DateTimeOffset?)null)
                .SetProperty(l => l.DateExecuted, now),
            token));
        return due.Length;
    });

    /// <summary>Which ids are on hold, and which runs go on by themselves.</summary>
    private static async Task<(IReadOnlySet<string> Held, IReadOnlySet<Guid> UnderWay)> StandingAsync(HokifyDbContext db, RetentionRound round, CancellationToken cancellationToken)
    {
        // Two questions: with an OR, SQLite would look through all runs of the scope.
        var runs = db.ImportRuns.Where(r => r.ScopeId == round.ScopeId);
        var underWay = await runs.Where(r => r.State == RunState.Queued || r.State == RunState.Running || r.State == RunState.Interrupted).Select(r => r.Id).ToListAsync(cancellationToken);
        var resumed = await runs.Where(r => r.State == RunState.Failed && r.ResumeAt != null).Select(r => r.Id).ToListAsync(cancellationToken);
        return (await HeldIds.ReferencesAsync(db, round.ScopeId, round.Now, cancellationToken), underWay.Concat(resumed).ToHashSet());
    }

    private static bool IsHeld(AgedEntry entry, IReadOnlySet<string> held) => held.Contains(entry.ReferenceId) || (entry.PersonReferenceId is { } person && held.Contains(person));

    private static IQueryable<ActivityLog> Waiting(HokifyDbContext db, int scopeId) =>
        db.ActivityLogs.Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked));

    private static IQueryable<AgedEntry> EntriesOf(IQueryable<ActivityLog> logs) =>
        logs.Select(l => new AgedEntry(l.Id, l.ReferenceId, l.PersonReferenceId, l.Status, l.Date, l.DateExecuted, l.RetryInterval, l.DueAt, l.LastRunId));
}

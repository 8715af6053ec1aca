using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// What completed runs did to each record, and their sentences about records. The run itself stays, with its key, its counts and its event: a request that comes again is recognized
/// by it. What waits stays, and so does what another run has tried since, until that one is old enough.
/// </summary>
internal sealed class AgedDetails(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    /// <summary>How many runs are looked at, and noted, at once: the sentences of one are some ten thousand letters.</summary>
    private const int RunsAtATime = 50;

    public override string What => "details of imports";

    protected override TimeSpan? Age { get; } = options.Value.Retention.RunDetails;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var runs = await ReadAsync(
            db => db.ImportRuns.Where(r => r.ScopeId == round.ScopeId && r.DetailsForgottenAt == null && r.CompletedAt <= before)
                .OrderBy(r => r.CompletedAt).Select(r => new Run(r.Id, r.Sentences)).ToListAsync(cancellationToken),
            cancellationToken);
        var due = 0;
        foreach (var some in runs.Chunk(RunsAtATime))
        {
            var ids = some.Select(run => run.Id).ToArray();
            var number = await ReadAsync(async db => await Written(db, ids).CountAsync(cancellationToken) + await Tried(db, ids, before).CountAsync(cancellationToken), cancellationToken);
            if (!round.IsDry)
            {
                number = number == 0 ? 0 : await DeleteAsync(round, ids, before, cancellationToken);
            }

            due += number + (round.IsDry ? some.Count(run => run.HasSentences) : await NoteAsync(round, some));
        }

        return new AgedRows(due + await SaidAsync(round, before, cancellationToken) + await RemaindersAsync(round, before, cancellationToken), Held: 0);
    }

    /// <summary>What runs wrote and no other has tried since that still has its details.</summary>
    private static IQueryable<ActivityLog> Written(HokifyDbContext db, Guid[] runs) => Settled(db).Where(l => runs.Contains(l.RunId)
        && (l.LastRunId == null || l.LastRunId == l.RunId || !db.ImportRuns.Any(r => r.Id == l.LastRunId && r.DetailsForgottenAt == null)));

    /// <summary>What runs tried last that another had written, which is old enough as well.</summary>
    private static IQueryable<ActivityLog> Tried(HokifyDbContext db, Guid[] runs, DateTimeOffset before) => Settled(db).Where(l => l.LastRunId != null && runs.Contains(l.LastRunId.Value)
        && l.LastRunId != l.RunId && db.ImportRuns.Any(r => r.Id == l.RunId && r.CompletedAt <= before));

    private static IQueryable<ActivityLog> Settled(HokifyDbContext db) =>
        db.ActivityLogs.Where(l => l.Status == ActivityStatus.Done || l.Status == ActivityStatus.Closed || l.Status == ActivityStatus.Superseded);

    /// <summary>Found run by run, and in the order of writing, which an index has; deleted as many at a time as may be, for most runs wrote little.</summary>
    private async Task<int> DeleteAsync(RetentionRound round, Guid[] runs, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (deleted, found) = (0, new List<long>());
        foreach (var run in runs.Select(run => new[] { run }))
        {
            foreach (var logs in new Func<HokifyDbContext, IQueryable<ActivityLog>>[] { db => Written(db, run), db => Tried(db, run, before) })
            {
                await foreach (var page in PagesAsync(logs, cancellationToken))
                {
                    found.AddRange(page);
                    if (found.Count >= AtATime)
                    {
                        deleted += await DeleteAsync(round, [.. found.Take(AtATime)]);
                        found.RemoveRange(0, AtATime);
                    }
                }
            }
        }

        return deleted + (found.Count == 0 ? 0 : await DeleteAsync(round, [.. found]));
    }

    private async IAsyncEnumerable<long[]> PagesAsync(Func<HokifyDbContext, IQueryable<ActivityLog>> logs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (last, count) = (0L, AtATime);
        while (count == AtATime)
        {
            var from = last;
            var ids = await ReadAsync(db => logs(db).Where(l => l.Id > from).OrderBy(l => l.Id).Take(AtATime).Select(l => l.Id).ToArrayAsync(cancellationToken), cancellationToken);
            yield return ids;
            (last, count) = (ids.Length == 0 ? last : ids[^1], ids.Length);
        }
    }

    /// <summary>What is settled stays settled, so it need not be looked at again.</summary>
    private Task<int> DeleteAsync(RetentionRound round, long[] ids) => CommitAsync(round, async (db, token) =>
    {
        await Lookups.ForAsync(ids, some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteDeleteAsync(token));
        return ids.Length;
    });

    private Task<int> NoteAsync(RetentionRound round, Run[] runs) => CommitAsync(round, async (db, token) =>
    {
        foreach (var run in runs.Where(run => run.HasSentences))
        {
            var stored = await db.ImportRuns.Where(r => r.Id == run.Id).Select(r => new { r.Tally, r.CompletedEvent }).SingleAsync(token);
            var (tally, completed) = WordlessRun.Of(stored.Tally, stored.CompletedEvent);
            await db.ImportRuns.Where(r => r.Id == run.Id).ExecuteUpdateAsync(set => set.SetProperty(r => r.Tally, tally).SetProperty(r => r.CompletedEvent, completed), token);
        }

        var (ids, now) = (runs.Select(run => run.Id).ToArray(), (DateTimeOffset?)round.Now);
        await db.ImportRuns.Where(r => ids.Contains(r.Id)).ExecuteUpdateAsync(set => set.SetProperty(r => r.DetailsForgottenAt, now).SetProperty(r => r.Sentences, (int?)null), token);
        return runs.Count(run => run.HasSentences);
    });

    /// <summary>What hokify said when a run failed that has stood still since.</summary>
    private async Task<int> SaidAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var runs = await ReadAsync(
            db => db.ImportRuns.Where(r => r.ScopeId == round.ScopeId && r.SourceSaid != null && (r.NudgedAt ?? r.CreatedAt) <= before).Select(r => r.Id).ToListAsync(cancellationToken), cancellationToken);
        foreach (var some in round.IsDry ? [] : runs.Chunk(AtATime))
        {
            await CommitAsync(round, async (db, token) =>
            {
                await db.ImportRuns.Where(r => some.Contains(r.Id)).ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, (string?)null), token);
                return some.Length;
            });
        }

        return runs.Count;
    }

    /// <summary>What remained of records that were dropped, as long after that as details of a run are kept.</summary>
    private async Task<int> RemaindersAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var dropped = await ReadAsync(
            db => db.ActivityLogs.Where(l => l.ScopeId == round.ScopeId && l.Status == ActivityStatus.Dropped && l.DateExecuted <= before).OrderBy(l => l.DateExecuted).Select(l => l.Id).ToListAsync(cancellationToken),
            cancellationToken);
        foreach (var some in round.IsDry ? [] : dropped.Chunk(AtATime))
        {
            await DeleteAsync(round, some);
        }

        return dropped.Count;
    }

    private sealed record Run(Guid Id, int? Sentences)
    {
        public bool HasSentences => Sentences is not null;
    }
}

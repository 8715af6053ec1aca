using HokifyMessaging.Reading;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// How one run answers others. Requests without a key of their own that ask for the same as a run, and had asked before it began, would find nothing but what it has found: each
/// becomes a completed run with that result, under its own key and with its own event, and is not carried out. An incremental import begins where the scope was read to, so it serves
/// whoever asked for one before; so does a full one, which reads everything there is when it begins.
/// </summary>
internal sealed partial class RunStore
{
    /// <summary>So many that other requests of the scope are held up for a moment only.</summary>
    private const int AnsweredAtATime = 200;

    /// <summary>Completes what a run has answered that has just ended. Called twice it answers whom the first call did not come to; whoever is not answered has its turn.</summary>
    /// <returns>The events, to be announced: some at a time, committed before they are told.</returns>
    public async IAsyncEnumerable<IReadOnlyList<HokifyImportCompleted>> AnswerAsync(HokifyImportCompleted completed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var hasMore = _options.JoinRequests; hasMore;)
        {
            var answered = await retries.ExecuteAsync(token => AnswerSomeAsync(completed, token), cancellationToken);
            if (answered.Count > 0)
            {
                yield return answered;
            }

            hasMore = answered.Count == AnsweredAtATime;
        }
    }

    private async Task<IReadOnlyList<HokifyImportCompleted>> AnswerSomeAsync(HokifyImportCompleted completed, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // Most have nobody behind them, and need no transaction to know it.
        if (await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == completed.RunId, cancellationToken) is not { IsWhole: true, DryRun: false, PlanDigest: null } run
            || !await AnsweredBy(db, run).AnyAsync(cancellationToken))
        {
            return [];
        }

        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await RowLocks.ScopeAsync(db, run.ScopeId, cancellationToken);
        var now = clock.GetUtcNow();
        var answered = new List<HokifyImportCompleted>();
        foreach (var one in await AnsweredBy(db, run).OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).Take(AnsweredAtATime).ToListAsync(cancellationToken))
        {
            var own = completed with { RunId = one.Id, IdempotencyKey = one.IdempotencyKey, RequestedBy = one.RequestedBy };
            if (RunTransitions.Apply(db, one, new RunEvent.Answered(TextOf(own), run.StartedAt!.Value, new ReadWindow(run.WindowFrom, run.WindowTo)), now, _options))
            {
                (one.AnsweredBy, one.IsWhole, one.Sentences, one.NudgedAt) = (run.Id, true, run.Sentences, now);
                answered.Add(own);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answered;
    }

    private static IQueryable<ImportRun> AnsweredBy(HokifyDbContext db, ImportRun run) => db.ImportRuns.Where(r =>
        r.ScopeId == run.ScopeId && r.State == RunState.Queued && r.IsKeyless && r.CreatedAt <= run.StartedAt
        && r.ImportMode == run.ImportMode && r.UnixSecondsFrom == run.UnixSecondsFrom && r.AllowDeletions == run.AllowDeletions && !r.DryRun && r.PlanDigest == null && r.StartedAt == null);
}

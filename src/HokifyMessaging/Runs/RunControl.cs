using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>What those who ask for runs do with stored ones: stop them, wake them.</summary>
internal sealed class RunControl(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, PendingEvents events, IOptions<HokifyOptions> options)
{
    /// <summary>
    /// Asks that a run stop. One that nobody works on is cancelled at once; a worker stops at its next checkpoint; one that
    /// has ended stays as it is.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <param name="actor">Who asks, for the audit log; null where the program itself does.</param>
    /// <returns>The state after that, null when there is no such run; and the scope, when nobody worked on the run: the turn may have been its.</returns>
    public async Task<(RunState? State, int? LeftScope)> RequestCancellationAsync(Guid runId, CancellationToken cancellationToken, Actor? actor = null)
    {
        var asked = await retries.ExecuteAsync((attempt, token) => RequestCancellationOnceAsync(runId, actor, attempt, token), cancellationToken);
        events.Ring();
        return asked;
    }

    private async Task<(RunState? State, int? LeftScope)> RequestCancellationOnceAsync(Guid runId, Actor? actor, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        if (await RowLocks.FindRunAsync(db, runId, cancellationToken) is not { } run)
        {
            return ((RunState?)null, (int?)null);
        }

        var wasAsked = run.CancelRequestedAt is not null;
        if (!RunTransitions.Apply(db, run, new RunEvent.CancelRequested(), attempt.Begun, options.Value.Import))
        {
            return (run.State, attempt.HasLeft(run.NudgedAt) ? run.ScopeId : null);
        }

        if (actor is not null && !wasAsked)
        {
            db.Audit.Add(AuditEntry.Of(actor, attempt.Begun, Deed.CancelImport(run.ScopeId, runId)));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (run.State != RunState.Cancelled)
        {
            return (run.State, null);
        }

        ImportMetrics.RunEnded(run.ScopeId, run.ImportMode, ImportMetrics.Cancelled);
        return (run.State, run.ScopeId);
    }

    /// <summary>Queues a run again that failed or was cancelled.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="place">How many may wait; null for what is never refused for that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="byHand">Who asks without a place, for the audit log; null where the program itself does.</param>
    /// <returns>Whether it was one.</returns>
    /// <exception cref="QueueFullException">It is one, and too many wait.</exception>
    public Task<bool> WakeAsync(Guid runId, QueuePlace? place, CancellationToken cancellationToken, Actor? byHand = null) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);

            // Before the row is locked: two who count and have locked one of those that are counted would wait for each other.
            var asleep = db.ImportRuns.Where(r => r.Id == runId && (r.State == RunState.Failed || r.State == RunState.Cancelled));
            if (place is not null && await asleep.Select(r => (int?)r.ScopeId).SingleOrDefaultAsync(token) is { } scopeId)
            {
                await place.RequireAsync(db, scopeId, token);
            }

            await using var transaction = await db.BeginWritingAsync(token);
            if (await RowLocks.FindRunAsync(db, runId, token) is not { State: RunState.Failed or RunState.Cancelled } run)
            {
                return attempt.IsAgain && await db.ImportRuns.AnyAsync(r => r.Id == runId && r.State == RunState.Queued && r.NudgedAt == attempt.Begun, token);
            }

            RunTransitions.Apply(db, run, new RunEvent.AskedAgain(), attempt.Begun, options.Value.Import);
            run.TraceParent = Traces.Current ?? run.TraceParent;
            if ((place?.Actor ?? byHand) is { } actor)
            {
                db.Audit.Add(AuditEntry.Of(actor, attempt.Begun, Deed.ResumeImport(run.ScopeId, runId)));
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return true;
        },
        cancellationToken);
}

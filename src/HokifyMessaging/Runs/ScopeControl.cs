using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>What operators do with a scope.</summary>
internal sealed class ScopeControl(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries)
{
    /// <summary>Moves the instant up to which a scope counts as read to the end. Null has the next import read everything.</summary>
    /// <param name="scopeId">The scope; it need not have been imported before.</param>
    /// <param name="watermark">Where incremental imports go on.</param>
    /// <param name="isSure">False to change nothing and only tell what was before.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>Where it stood before.</returns>
    /// <exception cref="RunUnderWayException">A run of the scope is under way, and would move it to where its window ends.</exception>
    public Task<DateTimeOffset?> SetWatermarkAsync(int scopeId, DateTimeOffset? watermark, bool isSure, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            if (!isSure)
            {
                await RequireIdleAsync(db, scopeId, token);
                return await db.Scopes.Where(s => s.ScopeId == scopeId).Select(s => s.Watermark).SingleOrDefaultAsync(token);
            }

            await ScopeErrands.EnsureAsync(contexts, scopeId, token);
            await using var transaction = await db.BeginWritingAsync(token);
            var scope = await RowLocks.ScopeAsync(db, scopeId, token);
            await RequireIdleAsync(db, scopeId, token);
            var isDone = attempt.IsAgain && await db.Audit.AnyAsync(a => a.At == attempt.Begun && a.Action == AuditAction.SetWatermark && a.ScopeId == scopeId, token);
            if (!isDone)
            {
                var skipped = SkippedSpan.AfterMove(SkippedSpan.Of(scope), scope.Watermark, watermark);
                var (from, to) = (skipped?.From, skipped?.To);
                await db.Scopes.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.Watermark, watermark).SetProperty(s => s.Revision, s => s.Revision + 1)
                        .SetProperty(s => s.SkippedFrom, from).SetProperty(s => s.SkippedTo, to),
                    token);
                db.Audit.Add(AuditEntry.Of(Actor.OfUser(), attempt.Begun, Deed.SetWatermark(scopeId, Text(scope.Watermark), Text(watermark))));
                await db.SaveChangesAsync(token);
            }

            await transaction.CommitAsync(token);
            return scope.Watermark;
        },
        cancellationToken);

    /// <summary>A watermark as audit and screens name it.</summary>
    public static string Text(DateTimeOffset? watermark) =>
        watermark is { } at ? Instant.Of(at) : "none";

    private static async Task RequireIdleAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken)
    {
        var underWay = await db.ImportRuns.AsNoTracking()
            .Where(r => r.ScopeId == scopeId && (r.State == RunState.Running || r.State == RunState.Interrupted))
            .Select(r => (Guid?)r.Id).FirstOrDefaultAsync(cancellationToken);
        if (underWay is { } runId)
        {
            throw new RunUnderWayException($"Run {runId} of scope {scopeId} is under way, and would move the watermark to the end of what it reads; wait until it has ended, or cancel it. Nothing was changed.");
        }
    }
}

/// <summary>What was asked for has to wait until a run of the scope has ended; the message is one sentence.</summary>
internal sealed class RunUnderWayException(string message) : Exception(message);

using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>How a request becomes a run, or finds the one that it has made before.</summary>
internal sealed partial class RunStore
{
    /// <summary>Stores a request before it is published, so that its run has an id and nothing is lost when the broker is away. Without a place it is never refused because others wait.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="place">How many may wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="byHand">Who asks without a place, for the audit log; null where a message does.</param>
    /// <returns>The run as it is stored, and whether the request has made it.</returns>
    /// <exception cref="IdempotencyKeyReusedException">The key is known with another request.</exception>
    /// <exception cref="RequestRefusedException">It asks for a plan that there is not.</exception>
    /// <exception cref="QueueFullException">The key is not known, and too many wait.</exception>
    public async Task<(ImportRun Run, bool IsNew)> RegisterAsync(ImportRequest request, QueuePlace? place, CancellationToken cancellationToken, Actor? byHand = null)
    {
        var registered = await retries.ExecuteAsync((attempt, token) => RegisterOnceAsync(request, place, byHand, attempt, token), cancellationToken);
        return (registered.Run, registered.IsNew);
    }

    private async Task<Registered> RegisterOnceAsync(ImportRequest request, QueuePlace? place, Actor? byHand, Attempt attempt, CancellationToken cancellationToken)
    {
        var actor = place?.Actor ?? byHand;
        if (await FindOrCreateAsync(request, place, actor, attempt, cancellationToken) is not { } registered)
        {
            await ScopeErrands.EnsureAsync(contexts, request.ScopeId, cancellationToken);
            registered = await FindOrCreateAsync(request, place, actor, attempt, cancellationToken)
                ?? throw new InvalidOperationException(FormattableString.Invariant($"Scope {request.ScopeId} is no longer stored."));
        }

        var run = registered.Run;
        return request.DifferencesFrom(run) is not { Count: > 0 } differences
            ? registered
            : throw new IdempotencyKeyReusedException(
                $"The idempotency key '{request.IdempotencyKey}' belongs to run {run.Id}, whose request differs: {string.Join(", ", differences)}. Use a new key for a new request.");
    }

    /// <returns>Null where the scope has no row yet, which each request of it locks.</returns>
    private async Task<Registered?> FindOrCreateAsync(ImportRequest request, QueuePlace? place, Actor? byHand, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(db, request, cancellationToken) is { } known)
        {
            return new Registered(known, attempt.HasLeft(known.NudgedAt), Scope: null);
        }

        // Where no other request of the scope can come in between: two deliveries of one race for its key, and the instant orders them all.
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        if (await RowLocks.FindScopeAsync(db, request.ScopeId, cancellationToken) is not { } scope)
        {
            return null;
        }

        if (await FindAsync(db, request, cancellationToken) is { } winner)
        {
            return new Registered(winner, IsNew: false, Scope: null);
        }

        if (place is not null)
        {
            await place.RequireAsync(db, request.ScopeId, cancellationToken);
        }

        if (request.PlanDigest is { } digest)
        {
            request = request.For(await StoredPlans.MadeBy(db, request.ScopeId, digest).AsNoTracking().FirstOrDefaultAsync(cancellationToken)
                ?? throw new RequestRefusedException(
                    nameof(ImportRequest.PlanDigest),
                    $"PlanDigest names no plan of scope {request.ScopeId}; it must be the planDigest of a dry run of the scope that is completed."));
        }

        var now = clock.GetUtcNow();
        var run = new ImportRun
        {
            Id = Guid.CreateVersion7(now),
            IdempotencyKey = request.IdempotencyKey,
            ScopeId = request.ScopeId,
            ImportMode = request.ImportMode,
            UnixSecondsFrom = request.UnixSecondsFrom,
            DryRun = request.DryRun,
            RequestedBy = request.RequestedBy,
            State = RunState.Queued,
            Phase = request.DryRun || request.PlanDigest is not null ? RunPhase.Reading : RunPhase.Retrying,
            CreatedAt = now,
            NudgedAt = attempt.Begun,
            EventId = CompletionId.Of(request.ScopeId, request.IdempotencyKey),
            AskedByKey = place?.Key,
            AllowDeletions = request.AllowDeletions,
            PlanDigest = request.PlanDigest,
            IsKeyless = request.IsKeyless,
            PlanKeptSince = request.DryRun || request.PlanDigest is not null ? now : null,
            TraceParent = Traces.Current,
            Tally = ImportTally.ForNewRun().ToJson(),
        };
        db.ImportRuns.Add(run);
        if (byHand is not null)
        {
            // What comes as a message is asked for by a system, and its run says by which.
            db.Audit.Add(AuditEntry.Of(byHand, now, Deed.RequestImport(run)));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Registered(run, IsNew: true, scope);
    }

    private static Task<ImportRun?> FindAsync(HokifyDbContext db, ImportRequest request, CancellationToken cancellationToken) =>
        db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.ScopeId == request.ScopeId && r.IdempotencyKey == request.IdempotencyKey, cancellationToken);

    /// <param name="Run">The run as it is stored.</param>
    /// <param name="IsNew">Whether the request has made it.</param>
    /// <param name="Scope">The scope as it was when the run was made; null for a run that was there.</param>
    private sealed record Registered(ImportRun Run, bool IsNew, ScopeState? Scope);
}

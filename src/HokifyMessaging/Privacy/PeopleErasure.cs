using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// Carries requests for erasures out, each in the turn of an import: it has the scope as a run would have it, and everything that it
/// writes is fenced. What becomes of the rows decides itself then, and not when it was asked for: whatever has come since goes along.
/// </summary>
internal sealed partial class PeopleErasure(
    IDbContextFactory<HokifyDbContext> contexts, ScopeErrands errands, ErasureRequests requests, ErasureDeferrals deferrals, WriteAheadLog log, Func<ErasureSecret> secret, TimeProvider clock, ILogger<PeopleErasure> logger)
{
    /// <summary>How many people's rows one transaction empties.</summary>
    private const int PeopleAtATime = 100;

    /// <summary>Carries a request out, unless that is done.</summary>
    /// <param name="id">The request.</param>
    /// <param name="cancellationToken">Gives up; what was committed stays, and the rest is done by whoever carries it out again.</param>
    /// <returns>The request as it stands then: carried out, or deferred where a hold or claims that can still be made forbid it.</returns>
    /// <exception cref="ScopeAtWorkException">An import is at work in the scope; the request goes on waiting.</exception>
    /// <exception cref="LeaseLostException">Another worker has taken the scope over; the request goes on waiting.</exception>
    /// <exception cref="StorageException">The erasure key was changed since this process began; the request goes on waiting.</exception>
    public async Task<ErasureView> CarryOutAsync(Guid id, CancellationToken cancellationToken)
    {
        var request = await LoadAsync(id, cancellationToken);
        if (request.State == ErasureState.Done)
        {
            return ErasureView.Of(request);
        }

        if (await DeferAsync(request, cancellationToken) is { } deferred)
        {
            return deferred;
        }

        ErasureView done;
        try
        {
            done = await errands.RunAsync(request.ScopeId, (commit, token) => WorkAsync(id, commit, token), cancellationToken);
        }
        catch (PutOnHoldException)
        {
            return await DeferAsync(request, cancellationToken) ?? ErasureView.Of(request);
        }

        await log.EmptyAsync(cancellationToken);
        LogDone(logger, id, done.ScopeId, done.People, done.Applications);
        return done;
    }

    /// <summary>Carries out what waits in the scopes that are free; what cannot be done now is left to the next call.</summary>
    /// <param name="scopeId">In this scope alone; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="again">Whether to look again at those, too, that are deferred: the settings may have changed.</param>
    public async Task CarryOutWaitingAsync(int? scopeId, CancellationToken cancellationToken, bool again = false)
    {
        foreach (var request in await requests.WaitingAsync(again ? null : clock.GetUtcNow(), cancellationToken))
        {
            try
            {
                if (scopeId is null || request.ScopeId == scopeId)
                {
                    await CarryOutAsync(request.Id, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is ScopeAtWorkException or LeaseLostException)
            {
                // It waits for its turn.
            }
        }
    }

    /// <summary>Why it could not be carried out, as a clause for the log.</summary>
    public static string ReasonOf(Exception exception) => exception is StorageException ? exception.Message : DatabaseFault.Of(exception)?.Clause ?? exception.GetType().Name;

    /// <summary>Notes what forbids it now, and until when.</summary>
    /// <returns>Null where nothing does.</returns>
    private async Task<ErasureView?> DeferAsync(ErasureRequest request, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await deferrals.FindAsync(db, request.ScopeId, ErasureRequest.KeysIn(request.Candidates), cancellationToken) is not { } deferral)
        {
            return null;
        }

        await db.ErasureRequests.Where(r => r.Id == request.Id && r.State != ErasureState.Done)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, ErasureState.Deferred).SetProperty(r => r.DueAt, deferral.Until), cancellationToken);
        return ErasureView.Of(await LoadAsync(request.Id, cancellationToken));
    }

    /// <summary>In the transaction that forgets them: a hold may have been put since.</summary>
    private async Task RequireFreeAsync(HokifyDbContext db, int scopeId, IReadOnlyList<long> candidates, CancellationToken cancellationToken)
    {
        if (await deferrals.FindAsync(db, scopeId, candidates, cancellationToken) is not null)
        {
            throw new PutOnHoldException();
        }
    }

    private async Task<ErasureView> WorkAsync(Guid id, CommitOf commit, CancellationToken cancellationToken)
    {
        // Behind the lease: nobody else carries it out now, but somebody may have before.
        var request = await LoadAsync(id, cancellationToken);
        if (request.State == ErasureState.Done)
        {
            return ErasureView.Of(request);
        }

        var work = new RequestedErasure(request, new ErasureHashes(secret()));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await secret().RequireUnchangedAsync(db, cancellationToken);
        var late = await work.FindLateAsync(db, cancellationToken);
        foreach (var some in work.Candidates.Chunk(PeopleAtATime))
        {
            await commit(async (writing, token) =>
            {
                var again = await LockedAsync(writing, id, token);
                await RequireFreeAsync(writing, again.ScopeId, some, token);
                Count(again, await work.ForgetAsync(writing, some, [], clock.GetUtcNow(), token));
            });
        }

        await commit(async (writing, token) =>
        {
            var (again, now) = (await LockedAsync(writing, id, token), clock.GetUtcNow());
            if (again.State == ErasureState.Done)
            {
                return;
            }

            Count(again, await work.ForgetAsync(writing, [], late, now, token));
            again.Finish(now);
            writing.Audit.Add(AuditEntry.Of(again.Who, again.Machine, now, AuditAction.ErasePeople, again.ScopeId, Sentence(again)));
        });
        var finished = await LoadAsync(id, cancellationToken);
        return ErasureView.Of(finished);
    }

    private static void Count(ErasureRequest request, ForgottenRows gone)
    {
        request.People += gone.Candidates;
        request.Applications += gone.Profiles;
        request.Waiting += gone.Waiting;
        request.Runs += gone.Runs;
    }

    private static string Sentence(ErasureRequest done) => FormattableString.Invariant(
        $"Request {done.Id}: people {done.People}, applications {done.Applications}, records that waited {done.Waiting}.");

    private async Task<ErasureRequest> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ErasureRequests.AsNoTracking().SingleAsync(r => r.Id == id, cancellationToken);
    }

    private static Task<ErasureRequest> LockedAsync(HokifyDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.ErasureRequests.SingleAsync(r => r.Id == id, cancellationToken);

    /// <summary>Somebody has put the people on hold while they were about to be erased.</summary>
    private sealed class PutOnHoldException : Exception;

    [LoggerMessage(LogLevel.Information, "Erasure {RequestId} of scope {ScopeId} is carried out: people {People}, applications {Applications}")]
    private static partial void LogDone(ILogger logger, Guid requestId, int scopeId, int people, int applications);
}

using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Asks for imports from a process that has the database at hand. The run is stored before its request is sent, so it has an id
/// at once, and a broker that is away delays it only. It is sent when it is the run's turn: to those that wait behind others,
/// the turn comes from whoever is before them.
/// </summary>
internal sealed class ImportRequests(
    RunStore runs, RunControl control, RunQueries queries, AuditLog audit, CompletionAnnouncer announcer, Nudges nudges, IBus bus, IOptions<HokifyOptions> hokify, TimeProvider clock)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Stores the request's run and sends the request of the run whose turn it is. A run that is known, and failed or was cancelled, goes on; one
    /// that is completed or under way is left alone.
    /// </summary>
    /// <param name="request">What is asked for; without an idempotency key it is for no import in particular, and is given a fresh one.</param>
    /// <param name="place">How many imports may wait when somebody asks for one more; null for a caller without that limit.</param>
    /// <param name="cancellationToken">Gives up storing; what is stored is sent all the same.</param>
    /// <exception cref="RequestRefusedException">With one sentence that says what is wrong and what would be right; nothing was stored.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key belongs to another request; nothing was changed.</exception>
    /// <exception cref="QueueFullException">Too many wait; nothing was stored. A request whose key is known is never refused for that, unless it would wait anew.</exception>
    public async Task<SubmittedImport> SubmitAsync(HokifyImportRequested request, QueuePlace? place, CancellationToken cancellationToken)
    {
        var key = request.IdempotencyKey ?? $"fresh:{Guid.NewGuid()}";
        var accepted = ImportRequest.From(request, key, hokify.Value.Scopes.Keys, clock.GetUtcNow()) with { IsKeyless = request.IdempotencyKey is null };
        var (run, isNew) = await runs.RegisterAsync(accepted, place, cancellationToken);
        if (isNew || await control.WakeAsync(run.Id, place, cancellationToken))
        {
            // It is stored, so it runs; a caller who goes away now must not make it wait for the sweeper.
            await nudges.PassTurnAsync(bus, accepted.ScopeId, CancellationToken.None);
        }

        return new SubmittedImport(run.Id, key, isNew, run.State, RunStore.EventOf(run.CompletedEvent));
    }

    /// <summary>Has a run go on that failed or was cancelled.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="place">How many imports may wait when somebody asks for one more.</param>
    /// <param name="cancellationToken">Gives up; what is stored is sent all the same.</param>
    /// <returns>Whether it was one that has failed or was cancelled.</returns>
    /// <exception cref="QueueFullException">Too many wait; nothing was changed.</exception>
    public async Task<bool> ResumeAsync(Guid runId, QueuePlace place, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(runId, cancellationToken) is not { } run || !await control.WakeAsync(runId, place, cancellationToken))
        {
            return false;
        }

        await nudges.PassTurnAsync(bus, run.Summary.ScopeId, CancellationToken.None);
        return true;
    }

    /// <summary>Publishes the stored event of a completed run again, under the same MessageId.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is completed.</returns>
    public async Task<bool> AnnounceAgainAsync(Guid runId, Actor actor, CancellationToken cancellationToken)
    {
        if (await runs.CompletionAsync(runId, cancellationToken) is not { } completed)
        {
            return false;
        }

        await audit.NoteAsync(actor, Deed.AnnounceImport(completed.ScopeId, runId), cancellationToken);
        await announcer.AnnounceAgainAsync(bus, completed, cancellationToken);
        return true;
    }

    /// <summary>Waits until a run ends, fails or is cancelled, or until the time is up.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>How the run stands then; null when there is no such run.</returns>
    public async Task<RunStatusView?> WaitAsync(Guid runId, TimeSpan limit, CancellationToken cancellationToken)
    {
        // Asks the database and not the bus: it knows of every end, and the worker may be any process.
        var since = clock.GetTimestamp();
        for (var pause = ShortestPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var status = await queries.StatusAsync(runId, cancellationToken);
            var left = limit - clock.GetElapsedTime(since);
            if (status is null or { State: RunState.Completed or RunState.Failed or RunState.Cancelled } || left <= TimeSpan.Zero)
            {
                return status;
            }

            await Task.Delay(pause < left ? pause : left, clock, cancellationToken);
        }
    }

    /// <summary>Asks that a run stop: at once when nobody works on it, else at its next checkpoint. Its request, published again, wakes it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The state after that: still running while a worker is on its way to the checkpoint, completed when it was too late; null when there is no such run.</returns>
    public async Task<RunState?> CancelAsync(Guid runId, Actor actor, CancellationToken cancellationToken)
    {
        var (state, leftScope) = await control.RequestCancellationAsync(runId, cancellationToken, actor);
        if (leftScope is { } scopeId)
        {
            await nudges.PassTurnAsync(bus, scopeId, CancellationToken.None);
        }

        return state;
    }
}

/// <summary>What became of a request.</summary>
/// <param name="RunId">The run.</param>
/// <param name="IdempotencyKey">Its key.</param>
/// <param name="IsNew">Whether the request has made it; otherwise its key was known, with an equal request.</param>
/// <param name="State">How the run stood when the request came.</param>
/// <param name="Completed">Its event, when it was completed already.</param>
internal sealed record SubmittedImport(Guid RunId, string IdempotencyKey, bool IsNew, RunState State, HokifyImportCompleted? Completed);

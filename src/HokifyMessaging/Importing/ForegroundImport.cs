using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Importing;

/// <summary>
/// One import in this process, without a broker: under the keys and leases of every other, so it waits for its turn. What waits before it and is nobody's is
/// carried out first. Other processes on the same database may as well be those who carry it out.
/// </summary>
internal sealed class ForegroundImport(
    RunStore runs, RunControl control, RunQueries queries, HokifyImporter importer, ScopeTurns turns, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="request">What is asked for.</param>
    /// <param name="place">What else may work on the scope.</param>
    /// <param name="tell">Hears what happens.</param>
    /// <param name="stop">Fires when it is to stop at its next checkpoint.</param>
    /// <exception cref="RequestRefusedException">The scope belongs to another source.</exception>
    /// <exception cref="IdempotencyKeyReusedException">The key belongs to another request.</exception>
    /// <exception cref="ImportFailedException">The request could not be stored.</exception>
    public async Task<ForegroundEnd> RunAsync(ImportRequest request, ForegroundPlace place, Action<ForegroundNews> tell, CancellationToken stop)
    {
        using var span = Traces.Command(request.ScopeId);
        var end = await CarryOutAsync(request, place, tell, stop);
        Traces.Tag(TelemetryNames.RunId, end.RunId);
        Traces.End(Named(end), isError: end is ForegroundEnd.Failed);
        return end;
    }

    private async Task<ForegroundEnd> CarryOutAsync(ImportRequest request, ForegroundPlace place, Action<ForegroundNews> tell, CancellationToken stop)
    {
        if (place.IsAlone && await turns.SourceAsync(request.ScopeId, stop) is { } source && source != ScopeSource.Files)
        {
            throw new RequestRefusedException(
                nameof(ImportRequest.ScopeId),
                $"Scope {request.ScopeId} of this database is imported from {ScopeSource.KindOf(source)}, by a program that is configured otherwise; files need a scope of their own: choose another one.");
        }

        var (run, isNew) = await runs.RegisterAsync(request, place: null, stop, Actor.OfUser());
        if (RunStore.EventOf(run.CompletedEvent) is { } stored)
        {
            return new ForegroundEnd.Completed(run.Id, stored, WasStored: true);
        }

        if (!isNew)
        {
            await control.WakeAsync(run.Id, place: null, stop, Actor.OfUser());
        }

        tell(new ForegroundNews.Registered(run.Id, HasBegun: run.StartedAt is not null));

        // From here on it counts as what the program sends to itself, which wakes nothing that somebody cancels meanwhile.
        var end = await TakeTurnsAsync(ImportRequest.Of(run) with { IsNudge = true }, run.Id, place, tell, stop);
        if (place.IsAlone && end is ForegroundEnd.Failed or ForegroundEnd.Stopped)
        {
            // That it failed is nobody's wish; whoever stops it has it cancelled.
            await control.RequestCancellationAsync(run.Id, CancellationToken.None, end is ForegroundEnd.Stopped ? Actor.OfUser() : null);
        }

        await LeaveAsync(await turns.TakeAsync(request.ScopeId, CancellationToken.None));
        return end;
    }

    private async Task<ForegroundEnd> TakeTurnsAsync(ImportRequest own, Guid runId, ForegroundPlace place, Action<ForegroundNews> tell, CancellationToken stop)
    {
        for (var turn = own; ;)
        {
            var isOwn = turn.IdempotencyKey == own.IdempotencyKey;
            if (!isOwn)
            {
                await MakeWayAsync(turn, place, tell);
            }

            var outcome = await importer.ImportAsync(turn, new ImportSlice(DateTimeOffset.MaxValue, stop), CancellationToken.None);
            var next = NextOf(outcome);
            if (stop.IsCancellationRequested || isOwn)
            {
                if (await EndAsync(runId, isOwn ? outcome : null, stop) is { } end)
                {
                    await LeaveAsync(next);
                    return end;
                }
            }
            else
            {
                tell(new ForegroundNews.OtherEnded(turn.IdempotencyKey, outcome));
            }

            next ??= isOwn ? await NobodysAsync(own.ScopeId, runId, place, tell, stop) : null;
            turn = next is null ? own : next.Request with { IsNudge = true, NudgedAt = next.SentAt };
        }
    }

    /// <summary>Somebody else's run has its turn before ours, and nobody works on it.</summary>
    private async Task MakeWayAsync(ImportRequest other, ForegroundPlace place, Action<ForegroundNews> tell)
    {
        // Its turn has been taken already: whoever stops now still has to give it on.
        var runId = (await queries.OfKeyAsync(other.IdempotencyKey, CancellationToken.None)).Single(run => run.ScopeId == other.ScopeId).RunId;
        if (place.IsAlone)
        {
            await control.RequestCancellationAsync(runId, CancellationToken.None, Actor.OfUser());
        }

        tell(new ForegroundNews.OtherFirst(runId, other.IdempotencyKey, IsCancelled: place.IsAlone));
    }

    /// <returns>Null while it has not come to an end.</returns>
    private async Task<ForegroundEnd?> EndAsync(Guid runId, ImportOutcome? outcome, CancellationToken stop)
    {
        if (outcome is ImportOutcome.Completed(var completed))
        {
            return new ForegroundEnd.Completed(runId, completed, WasStored: false);
        }

        return await queries.StatusAsync(runId, CancellationToken.None) switch
        {
            { Completed: { } theirs } => new ForegroundEnd.Completed(runId, theirs, WasStored: false),
            { State: RunState.Failed } status => new ForegroundEnd.Failed(runId, status.Failure ?? ReasonOf(outcome), status.ResumeAt),
            { State: RunState.Cancelled } => new ForegroundEnd.Cancelled(runId),
            _ when outcome is ImportOutcome.Failed(var reason) => new ForegroundEnd.Failed(runId, reason, null),
            _ => stop.IsCancellationRequested ? new ForegroundEnd.Stopped(runId) : null,
        };
    }

    /// <summary>An end, as attributes have it.</summary>
    private static string Named(ForegroundEnd end) => end switch
    {
        ForegroundEnd.Completed => "completed",
        ForegroundEnd.Failed => "failed",
        ForegroundEnd.Cancelled => "cancelled",
        _ => "interrupted",
    };

    private static string ReasonOf(ImportOutcome? outcome) => outcome is ImportOutcome.Failed(var reason) ? reason : "The import failed.";

    private static Nudge? NextOf(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Waiting(_, var next) => next,
        ImportOutcome.NothingToDo(var next) => next,
        ImportOutcome.WasCompleted(_, var next) => next,
        _ => null,
    };

    /// <summary>Waits until nobody works on the scope any more, or our run has come to its end by somebody else's hand.</summary>
    /// <returns>The turn of one that nobody takes up.</returns>
    private async Task<Nudge?> NobodysAsync(int scopeId, Guid runId, ForegroundPlace place, Action<ForegroundNews> tell, CancellationToken stop)
    {
        try
        {
            while (await turns.HolderAsync(scopeId, stop) is { } holder && await EndAsync(runId, null, stop) is null)
            {
                tell(new ForegroundNews.Waits(holder));
                await Task.Delay(Pause, clock, stop);
            }

            await Task.Delay(Pause, clock, stop);
            return await turns.ClaimStaleAsync(scopeId, isQueueEmpty: !place.HasBroker, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>A turn that is not taken here is left to the sweep of whoever else works on the database.</summary>
    private async Task LeaveAsync(Nudge? next)
    {
        if (next is not null)
        {
            await turns.TakeBackAsync(next, CancellationToken.None);
        }
    }
}

/// <summary>Where an import in this process takes place.</summary>
/// <param name="IsAlone">Whether nobody but this process has what the scope is read from: then runs before it are cancelled rather than carried out, and so is its own where it stops early.</param>
/// <param name="HasBroker">Whether a turn may be on its way to somebody through a broker's queue.</param>
internal sealed record ForegroundPlace(bool IsAlone, bool HasBroker);

/// <summary>How an import in this process has ended.</summary>
/// <param name="RunId">Its run.</param>
internal abstract record ForegroundEnd(Guid RunId)
{
    /// <summary>It is completed.</summary>
    /// <param name="RunId">Its run.</param>
    /// <param name="Event">With the result.</param>
    /// <param name="WasStored">Whether it was before: the key is that of a run that had ended.</param>
    public sealed record Completed(Guid RunId, HokifyImportCompleted Event, bool WasStored) : ForegroundEnd(RunId);

    /// <summary>It failed at its checkpoint.</summary>
    /// <param name="RunId">Its run.</param>
    /// <param name="Reason">One sentence.</param>
    /// <param name="ResumeAt">When a service would go on with it; null where none would.</param>
    public sealed record Failed(Guid RunId, string Reason, DateTimeOffset? ResumeAt) : ForegroundEnd(RunId);

    /// <summary>Somebody has cancelled it.</summary>
    public sealed record Cancelled(Guid RunId) : ForegroundEnd(RunId);

    /// <summary>It was told to stop, and stands at its checkpoint.</summary>
    public sealed record Stopped(Guid RunId) : ForegroundEnd(RunId);
}

/// <summary>What happens on the way there.</summary>
internal abstract record ForegroundNews
{
    private ForegroundNews()
    {
    }

    /// <summary>The run is stored.</summary>
    /// <param name="RunId">Its id.</param>
    /// <param name="HasBegun">Whether it goes on where it had stopped.</param>
    public sealed record Registered(Guid RunId, bool HasBegun) : ForegroundNews;

    /// <summary>Another process works on the scope. Said again and again for as long as it does.</summary>
    public sealed record Waits(ScopeHolder Holder) : ForegroundNews;

    /// <summary>A run goes first that nobody works on, or is cancelled.</summary>
    public sealed record OtherFirst(Guid RunId, string Key, bool IsCancelled) : ForegroundNews;

    /// <summary>What became of it.</summary>
    public sealed record OtherEnded(string Key, ImportOutcome Outcome) : ForegroundNews;
}

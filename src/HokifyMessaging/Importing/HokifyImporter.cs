using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Importing;

/// <summary>
/// One import, from its request to its stored event: open the run, carry out its chapters step by step, conclude. A run may end early
/// behind any step, at a checkpoint, and go on from there.
/// </summary>
internal sealed partial class HokifyImporter(
    RunStore runs,
    IEnumerable<IChapter> chapters,
    ApplicationWriter writer,
    StoredPlans plans,
    LeaseKeeper leases,
    WriteAheadLog log,
    DownloadLink download,
    TimeProvider clock,
    ILogger<HokifyImporter> logger)
{
    /// <summary>Whatever is logged while a run is worked on, by whomever, is of that run.</summary>
    private static readonly Func<ILogger, Guid, int, IDisposable?> RunScope = LoggerMessage.DefineScope<Guid, int>("Run {RunId} of scope {ScopeId}");

    private readonly Dictionary<RunPhase, IChapter> _chapters = chapters.ToDictionary(chapter => chapter.Phase);

    /// <exception cref="IdempotencyKeyReusedException">The key belongs to another request.</exception>
    /// <exception cref="ImportFailedException">The request could not be stored.</exception>
    public async Task<ImportOutcome> ImportAsync(ImportRequest request, ImportSlice slice, CancellationToken cancellationToken) =>
        await OpenAsync(request, slice, cancellationToken) switch
        {
            ImportOutcome.Claimed(var run) => await LeaveNothingAsync(run, await WorkAsync(run, slice, cancellationToken)),
            var outcome => outcome,
        };

    /// <summary>A request that cannot even be stored stays with the broker, for an operator to send again.</summary>
    private async Task<ImportOutcome> OpenAsync(ImportRequest request, ImportSlice slice, CancellationToken cancellationToken)
    {
        try
        {
            return await runs.OpenAsync(request, !slice.Stopping.IsCancellationRequested, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
        {
            throw new ImportFailedException($"The request could not be stored: {fault.Clause}; send it again when the database is in order.");
        }
    }

    private async Task<ImportOutcome> WorkAsync(RunInProgress run, ImportSlice slice, CancellationToken cancellationToken)
    {
        await using var session = run;
        using var lines = RunScope(logger, run.RunId, run.Request.ScopeId);
        Traces.Tag(TelemetryNames.RunId, run.RunId);
        LogStarted(run);
        using var mayWork = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, slice.Stopping);
        await using var lease = leases.Keep(run.Lease, mayWork.Token);
        try
        {
            if (!await CarryOutAsync(run, slice, lease.Token))
            {
                return await InterruptAsync(run, slice);
            }

            run.MadePlan = run.Request.DryRun ? await plans.DigestAsync(run, lease.Token) : null;
            var completed = await runs.ConcludeAsync(run, now => ImportResults.Completed(run, now, download(run.RunId, now)), lease.Token);
            LogCompleted(logger, run.RunId, completed.Result.OkCount, completed.Result.ErrorCount);
            return new ImportOutcome.Completed(completed);
        }
        catch (LeaseLostException)
        {
            LogTakenOver(logger, run.RunId);
            return new ImportOutcome.TakenOver(run.RunId);
        }
        catch (OperationCanceledException) when (lease.IsLost)
        {
            LogTakenOver(logger, run.RunId);
            return new ImportOutcome.TakenOver(run.RunId);
        }
        catch (OperationCanceledException) when (mayWork.IsCancellationRequested)
        {
            return await InterruptAsync(run, slice);
        }
        catch (PlanRefusedException refusal)
        {
            return await RefuseAsync(run, refusal.Message);
        }
        catch (Exception exception)
        {
            return await FailAsync(run, exception);
        }
    }

    /// <summary>The plan that was to be applied is not what would be done now; nothing was written, and nobody tries again by himself.</summary>
    private async Task<ImportOutcome> RefuseAsync(RunInProgress run, string reason)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        try
        {
            await runs.RefusePlanAsync(run, reason, limit.Token);
            LogFailed(logger, run.RunId, reason);
            return new ImportOutcome.Failed(reason);
        }
        catch (LeaseLostException)
        {
            LogTakenOver(logger, run.RunId);
            return new ImportOutcome.TakenOver(run.RunId);
        }
        catch (Exception failure) when (failure is OperationCanceledException || DatabaseFault.Of(failure) is not null)
        {
            LogNotRemembered(logger, run.RunId, DatabaseFault.Of(failure)?.Clause ?? "the database did not answer within ten seconds");
            return new ImportOutcome.Failed(reason) { UntoldRun = run.RunId };
        }
    }

    /// <summary>Whoever was erased on the way is not left in what waits to be written back either; a database that cannot do that now does it by itself, later.</summary>
    private async Task<ImportOutcome> LeaveNothingAsync(RunInProgress run, ImportOutcome outcome)
    {
        if (run.Tally.Stats[Stat.Erased] > 0)
        {
            try
            {
                await log.EmptyAsync(CancellationToken.None);
            }
            catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
            {
                LogNotEmptied(logger, run.RunId, fault.Clause);
            }
        }

        return outcome;
    }

    /// <returns>Whether the run has come to its end; otherwise it stands at its checkpoint.</returns>
    private async Task<bool> CarryOutAsync(RunInProgress run, ImportSlice slice, CancellationToken cancellationToken)
    {
        for (var phase = run.Phase; ; phase = run.Phase)
        {
            await foreach (var step in _chapters[phase].StepsAsync(run, cancellationToken))
            {
                await writer.WriteAsync(run, step, cancellationToken);
                LogStep(logger, run.RunId, phase, step.Records.Count, run.Tally.Stats[Stat.Fetched]);
                if (run.Phase != RunPhase.Concluding && IsOver(run, slice))
                {
                    return false;
                }
            }

            if (phase == run.Phase && phase is RunPhase.Concluding or RunPhase.Applying)
            {
                return true;
            }
        }
    }

    private bool IsOver(RunInProgress run, ImportSlice slice) =>
        run.Progress.IsCancelled || slice.Stopping.IsCancellationRequested || clock.GetUtcNow() >= slice.Deadline;

    /// <summary>The lease is given back even when the work was cancelled: the next delivery must not wait for it to run out.</summary>
    private async Task<ImportOutcome> InterruptAsync(RunInProgress run, ImportSlice slice)
    {
        // A host that stops would receive the request that it sends, and pass it to itself until it is gone.
        var isSentAgain = !slice.Stopping.IsCancellationRequested;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        try
        {
            if (run.Progress.IsCancelled)
            {
                await runs.CancelAsync(run, limit.Token);
                LogCancelled(logger, run.RunId, run.Phase, run.Tally.Stats[Stat.Fetched]);
                return new ImportOutcome.Cancelled(run.RunId);
            }

            await runs.InterruptAsync(run, isSentAgain, limit.Token);
        }
        catch (LeaseLostException)
        {
            LogTakenOver(logger, run.RunId);
            return new ImportOutcome.TakenOver(run.RunId);
        }

        LogInterrupted(logger, run.RunId, run.Phase, run.Tally.Stats[Stat.Fetched]);
        return isSentAgain ? new ImportOutcome.Interrupted(run.RunId) : new ImportOutcome.Waiting(run.RunId);
    }

    /// <summary>
    /// The failure as publishers and operators see it. It has no inner exception: the bus reports the innermost, whose text
    /// is not ours and may quote what nobody but the database should hold. When the run is another worker's by now, the failure
    /// is nobody's.
    /// </summary>
    private async Task<ImportOutcome> FailAsync(RunInProgress run, Exception exception)
    {
        var reason = exception switch
        {
            SourceException or StorageException => exception.Message,
            _ when DatabaseFault.Of(exception) is { } fault => $"The database failed: {fault.Clause}.",
            _ => $"The import stopped at an error of its own ({exception.GetType().Name}); the log has its place.",
        };
        if (exception is not (SourceException or StorageException))
        {
            LogPlace(logger, run.RunId, exception.GetType(), exception.StackTrace);
        }

        var asked = exception as SourceException;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
        try
        {
            var failure = new RunFailure(reason) { AskAgainAt = asked?.AskAgainAt, IsPostponement = asked?.IsPostponement is true, SourceSaid = asked?.Said, IsLasting = asked?.IsLasting is true };
            await runs.FailAsync(run, failure, limit.Token);
            LogFailed(logger, run.RunId, reason);
        }
        catch (LeaseLostException)
        {
            LogTakenOver(logger, run.RunId);
            return new ImportOutcome.TakenOver(run.RunId);
        }
        catch (Exception failure) when (failure is OperationCanceledException || DatabaseFault.Of(failure) is not null)
        {
            // The database that should remember the failure has failed itself. The run still stands at its checkpoint,
            // its lease runs out and the sweeper resumes it; the first failure is the one to report.
            LogFailed(logger, run.RunId, reason);
            LogNotRemembered(logger, run.RunId, DatabaseFault.Of(failure)?.Clause ?? "the database did not answer within ten seconds");
            return new ImportOutcome.Failed(reason) { UntoldRun = run.RunId };
        }

        return new ImportOutcome.Failed(reason);
    }

    private void LogStarted(RunInProgress run)
    {
        LogClaimed(logger, run.RunId, run.Request.ScopeId, run.Lease.Fence);
        if (run.Progress.Steps == 0 && run.Phase == RunPhase.Retrying)
        {
            LogBegun(logger, run.RunId, run.Request.ScopeId, run.Request.ImportMode, run.Request.DryRun ? ", a dry run" : "");
        }
        else
        {
            LogResumed(logger, run.RunId, run.Request.ScopeId, run.Phase, run.Tally.Stats[Stat.Fetched]);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId} has erased people, and the database's write-ahead log could not be emptied ({Reason}); it may hold them until it is written over")]
    private static partial void LogNotEmptied(ILogger logger, Guid runId, string reason);

    [LoggerMessage(LogLevel.Debug, "Run {RunId} of scope {ScopeId} is worked on under fence {Fence}")]
    private static partial void LogClaimed(ILogger logger, Guid runId, int scopeId, long fence);

    [LoggerMessage(LogLevel.Information, "Run {RunId} of scope {ScopeId} begins: {Mode} import{Dry}")]
    private static partial void LogBegun(ILogger logger, Guid runId, int scopeId, ImportMode mode, string dry);

    [LoggerMessage(LogLevel.Information, "Run {RunId} of scope {ScopeId} goes on from its checkpoint in phase {Phase}; records read before: {Fetched}")]
    private static partial void LogResumed(ILogger logger, Guid runId, int scopeId, RunPhase phase, int fetched);

    [LoggerMessage(LogLevel.Debug, "Run {RunId}: a step of phase {Phase} is committed; records in it: {Records}, read so far: {Fetched}")]
    private static partial void LogStep(ILogger logger, Guid runId, RunPhase phase, int records, int fetched);

    [LoggerMessage(LogLevel.Information, "Run {RunId} completed: ok {OkCount}, in error {ErrorCount}")]
    private static partial void LogCompleted(ILogger logger, Guid runId, int okCount, int errorCount);

    [LoggerMessage(LogLevel.Information, "Run {RunId} stops at its checkpoint in phase {Phase}; records read so far: {Fetched}")]
    private static partial void LogInterrupted(ILogger logger, Guid runId, RunPhase phase, int fetched);

    [LoggerMessage(LogLevel.Information, "Run {RunId} was cancelled and stands at its checkpoint in phase {Phase}; records read so far: {Fetched}")]
    private static partial void LogCancelled(ILogger logger, Guid runId, RunPhase phase, int fetched);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: another worker has taken the scope over, and this one stops")]
    private static partial void LogTakenOver(ILogger logger, Guid runId);

    [LoggerMessage(LogLevel.Error, "Run {RunId} failed at its checkpoint: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid runId, string reason);

    [LoggerMessage(LogLevel.Error, "Run {RunId} met an error of the program's own, {ExceptionType}:\n{StackTrace}")]
    private static partial void LogPlace(ILogger logger, Guid runId, Type exceptionType, string? stackTrace);

    [LoggerMessage(LogLevel.Error, "Run {RunId}: that it failed could not be stored ({Failure}); it resumes when its lease runs out")]
    private static partial void LogNotRemembered(ILogger logger, Guid runId, string failure);
}

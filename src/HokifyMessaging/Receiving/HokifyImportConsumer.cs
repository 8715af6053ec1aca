using HokifyMessaging.Importing;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Receiving;

/// <summary>Takes requests from the queue, lets the importer work and says what came of it.</summary>
internal sealed partial class HokifyImportConsumer(
    HokifyImporter importer,
    RunStore runs,
    CompletionAnnouncer announcer,
    Nudges nudges,
    PeopleErasure erasure,
    IHostApplicationLifetime lifetime,
    IOptions<HokifyOptions> options,
    TimeProvider clock,
    ILogger<HokifyImportConsumer> logger) : IConsumer<HokifyImportRequested>
{
    public async Task Consume(ConsumeContext<HokifyImportRequested> context)
    {
        var now = clock.GetUtcNow();
        var fate = RequestFate.Begin(context);
        var key = ResolveKey(context, fate, out var isOwn);
        var isNudge = Nudges.IsNudge(context, out var sentAt);
        ImportRequest request;
        try
        {
            request = ImportRequest.From(context.Message, key, options.Value.Scopes.Keys, now) with { IsKeyless = !isOwn, IsNudge = isNudge, NudgedAt = sentAt };
        }
        catch (RequestRefusedException refusal) when (isNudge || refusal.Member == nameof(HokifyImportRequested.ScopeId))
        {
            // Its run is from before the configuration changed: nobody shall send it again in vain.
            var scopeId = context.Message.ScopeId;
            await nudges.TrySendAsync(context, scopeId, RefuseAsync, context.CancellationToken);
            throw;

            async Task<Nudge?> RefuseAsync()
            {
                (var next, fate.IsTold) = await runs.RefuseAsync(scopeId, key, sentAt, refusal, context.CancellationToken);
                return next;
            }
        }

        Traces.Tag(TelemetryNames.ScopeId, request.ScopeId);
        var slice = new ImportSlice(now + options.Value.Import.SliceDuration, lifetime.ApplicationStopping);

        // What the program has sent to itself is for a run that is stored.
        fate.IsTold = isNudge;
        var outcome = await importer.ImportAsync(request, slice, context.CancellationToken);
        fate.UntoldRun = (outcome as ImportOutcome.Failed)?.UntoldRun;
        fate.IsTold = fate.UntoldRun is null;
        await ReportAsync(context, request.ScopeId, outcome);
    }

    /// <summary>Says what came of a request. Only whoever leaves a scope passes the turn, or brings on one that came to him.</summary>
    private async Task ReportAsync(ConsumeContext context, int scopeId, ImportOutcome outcome)
    {
        Traces.End(Named(outcome), isError: outcome is ImportOutcome.Failed);
        switch (outcome)
        {
            case ImportOutcome.Completed(var completed):
                try
                {
                    await announcer.AnnounceAsync(context, [completed], context.CancellationToken);
                    await AnswerAsync(context, completed);
                }
                finally
                {
                    await LeaveAsync(context, scopeId);
                }

                break;
            case ImportOutcome.WasCompleted(var completed, var next):
                await announcer.AnnounceAsync(context, [completed], context.CancellationToken);
                await nudges.TrySendAsync(context, next, context.CancellationToken);
                break;
            case ImportOutcome.Failed(var reason):
                await LeaveAsync(context, scopeId);
                throw new ImportFailedException(reason);
            case ImportOutcome.Interrupted or ImportOutcome.Cancelled:
                await LeaveAsync(context, scopeId);
                break;
            case ImportOutcome.Waiting(var runId, var next):
                LogWaiting(logger, runId, scopeId);
                await nudges.TrySendAsync(context, next, context.CancellationToken);
                break;
            case ImportOutcome.NothingToDo(var next):
                await nudges.TrySendAsync(context, next, context.CancellationToken);
                break;
            case ImportOutcome.TakenOver:
                break;
        }
    }

    /// <summary>Tells those whom the run has answered. Whoever cannot be told now is told by the sweeper, and whoever is not answered has a turn.</summary>
    private async Task AnswerAsync(ConsumeContext context, HokifyImportCompleted completed)
    {
        try
        {
            var others = 0;
            await foreach (var answered in runs.AnswerAsync(completed, context.CancellationToken))
            {
                await announcer.AnnounceAsync(context, answered, context.CancellationToken);
                others += answered.Count;
            }

            if (others > 0)
            {
                LogAnswered(logger, completed.RunId, completed.ScopeId, others);
            }
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault && !context.CancellationToken.IsCancellationRequested)
        {
            LogNotAnswered(logger, completed.RunId, completed.ScopeId, fault.Clause);
        }
    }

    /// <summary>Between two runs, and between two slices of one, is the turn of those who asked to be erased; then that of the next.</summary>
    private async Task LeaveAsync(ConsumeContext context, int scopeId)
    {
        try
        {
            await erasure.CarryOutWaitingAsync(scopeId, context.CancellationToken);
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // What became of the import is told all the same: the requests are stored, and the next sweep finds them.
            LogErasuresWait(logger, scopeId, PeopleErasure.ReasonOf(exception));
        }
        finally
        {
            await nudges.PassTurnAsync(context, scopeId, context.CancellationToken);
        }
    }

    /// <summary>An outcome, as attributes have it.</summary>
    private static string Named(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Completed => "completed",
        ImportOutcome.WasCompleted => "repeated",
        ImportOutcome.Failed => "failed",
        ImportOutcome.Interrupted => "interrupted",
        ImportOutcome.Cancelled => "cancelled",
        ImportOutcome.Waiting => "waiting",
        ImportOutcome.TakenOver => "taken_over",
        _ => "nothing_to_do",
    };

    private string ResolveKey(ConsumeContext<HokifyImportRequested> context, RequestFate fate, out bool isOwn)
    {
        fate.Key = MessageKey.Of(context, out isOwn);
        if (fate.Key is { } key)
        {
            return key;
        }

        var fresh = $"fresh:{Guid.NewGuid()}";
        LogNoKey(logger, fresh);
        return fresh;
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId} of scope {ScopeId} waits in the database for its turn")]
    private static partial void LogWaiting(ILogger logger, Guid runId, int scopeId);

    [LoggerMessage(LogLevel.Information, "Run {RunId} of scope {ScopeId} has answered {Others} other requests that had asked for the same before it began")]
    private static partial void LogAnswered(ILogger logger, Guid runId, int scopeId, int others);

    [LoggerMessage(LogLevel.Warning, "Whom else run {RunId} of scope {ScopeId} answers could not be stored ({Reason}); who is left has a turn of its own")]
    private static partial void LogNotAnswered(ILogger logger, Guid runId, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "Erasures of scope {ScopeId} that wait are left to the next sweep: {Reason}")]
    private static partial void LogErasuresWait(ILogger logger, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "A request came without idempotency key and message id; it runs as {Key}, and a replay of it cannot be recognised")]
    private static partial void LogNoKey(ILogger logger, string key);
}

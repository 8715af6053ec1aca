using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Writing;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Receiving;

/// <summary>Takes requests from the queue, lets the importer work and says what came of it.</summary>
internal sealed partial class HokifyImportConsumer(
    HokifyImporter importer,
    RunStore runs,
    CompletionAnnouncer announcer,
    IHostApplicationLifetime lifetime,
    IOptions<HokifyOptions> options,
    TimeProvider clock,
    ILogger<HokifyImportConsumer> logger) : IConsumer<HokifyImportRequested>
{
    public async Task Consume(ConsumeContext<HokifyImportRequested> context)
    {
        var now = clock.GetUtcNow();
        var request = ImportRequest.From(context.Message, ResolveKey(context), options.Value.Scopes.Keys, now) with { IsNudge = Nudges.IsNudge(context) };
        var slice = new ImportSlice(now + options.Value.Import.SliceDuration, lifetime.ApplicationStopping);
        try
        {
            switch (await importer.ImportAsync(request, slice, context.CancellationToken))
            {
                case ImportOutcome.Completed(var completed):
                    await announcer.AnnounceAsync(context, completed, context.CancellationToken);
                    await PassTurnAsync(context, request.ScopeId);
                    break;
                case ImportOutcome.Interrupted:
                    await context.NudgeAsync(request, context.CancellationToken);
                    break;
                case ImportOutcome.Cancelled:
                    await PassTurnAsync(context, request.ScopeId);
                    break;
                case ImportOutcome.Waiting(var runId):
                    LogWaiting(logger, runId, request.ScopeId);
                    break;
                case ImportOutcome.TakenOver:
                    break;
            }
        }
        catch (Exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // A run that failed has left its scope, and the next one must not wait for it.
            await PassTurnAsync(context, request.ScopeId);
            throw;
        }
    }

    /// <summary>Whoever leaves a scope sends the request that has waited longest for it.</summary>
    private async Task PassTurnAsync(ConsumeContext context, int scopeId)
    {
        try
        {
            if (await runs.NextWaitingAsync(scopeId, context.CancellationToken) is { } waiting)
            {
                await context.NudgeAsync(waiting, context.CancellationToken);
            }
        }
        catch (Exception exception)
        {
            // What this delivery was for is done and stored; the sweeper finds who waits.
            LogTurnNotPassed(logger, scopeId, DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception));
        }
    }

    private string ResolveKey(ConsumeContext<HokifyImportRequested> context)
    {
        if (MessageKey.Of(context) is { } key)
        {
            return key;
        }

        var fresh = $"fresh:{Guid.NewGuid()}";
        LogNoKey(logger, fresh);
        return fresh;
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId} of scope {ScopeId} waits in the database for its turn")]
    private static partial void LogWaiting(ILogger logger, Guid runId, int scopeId);

    [LoggerMessage(LogLevel.Warning, "The next run of scope {ScopeId} could not be nudged, and the sweeper does it: {Reason}")]
    private static partial void LogTurnNotPassed(ILogger logger, int scopeId, string reason);

    [LoggerMessage(LogLevel.Warning, "A request came without idempotency key and message id; it runs as {Key}, and a replay of it cannot be recognised")]
    private static partial void LogNoKey(ILogger logger, string key);
}

using System.Runtime.Serialization;
using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Tells subscribers of what goes to <see cref="ImportQueues.Error"/> and never became a failure of a run, whose change of state would tell
/// of it. The event is stored; where the database cannot store it, it is published at once, so that a database that is away is told of, too.
/// </summary>
internal sealed partial class RefusalAnnouncer(
    PendingEvents events, RunQueries runs, IOptions<TransportOptions> options, TimeProvider clock, ILogger<RefusalAnnouncer> logger) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (!context.IsFaulted)
        {
            // It never reached the consumer: whoever observes the bus has heard of nothing yet.
            await context.NotifyFaulted(context.Exception);
        }

        Traces.End(context.Exception is SerializationException or RequestRefusedException or IdempotencyKeyReusedException ? "refused" : "failed", isError: true);

        // The broker delivers again what was interrupted because its connection is gone.
        if (!context.CancellationToken.IsCancellationRequested && await FailureOfAsync(context) is { } failed)
        {
            await TellAsync(context, failed);
        }

        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("refusalAnnouncer");

    /// <summary>Tells that nobody goes on with a message before it is sent again, unless a run stands for it: that one is taken up by the next sweep.</summary>
    public async Task GiveUpAsync(ReceiveContext context, string reason)
    {
        var traces = RequestTraces.Of(context);
        if (!await HasRunAsync(traces.ScopeId, traces.Key, context.CancellationToken))
        {
            await TellAsync(context, Event(traces, FailureKind.GaveUp, reason));
        }
    }

    /// <returns>Null where there is nothing to tell, or where it is told already.</returns>
    private async Task<HokifyImportFailed?> FailureOfAsync(ExceptionReceiveContext context)
    {
        var fate = context.TryGetPayload<RequestFate>(out var begun) ? begun : null;
        if (fate is { IsTold: true })
        {
            return null;
        }

        var traces = fate is { Key: { } key } ? new RequestTraces(fate.ScopeId, key) : RequestTraces.Of(context);
        switch (context.Exception)
        {
            case SerializationException or RequestRefusedException or IdempotencyKeyReusedException:
                return Event(traces, FailureKind.Refused, context.Exception.Message);
            case ImportFailedException when fate?.UntoldRun is { } run:
                return Event(traces, FailureKind.Failed, context.Exception.Message) with { RunId = run };
            case ImportFailedException:
                return Event(traces, FailureKind.GaveUp, context.Exception.Message);
            default:
                return await HasRunAsync(traces.ScopeId, traces.Key, context.CancellationToken)
                    ? null
                    : Event(traces, FailureKind.GaveUp, $"The request met an error of the program's own ({context.Exception.GetType().Name}); it lies in {ImportQueues.Error}, and the log has the place.");
        }
    }

    private HokifyImportFailed Event(RequestTraces traces, FailureKind kind, string reason) => FailureEvents.Bounded(
        new HokifyImportFailed { IdempotencyKey = traces.Key, ScopeId = traces.ScopeId, Kind = kind, Reason = reason, At = clock.GetUtcNow() });

    private async Task<bool> HasRunAsync(int? scopeId, string? key, CancellationToken cancellationToken)
    {
        try
        {
            return key is not null && (await runs.OfKeyAsync(key, cancellationToken)).Any(run => run.ScopeId == scopeId);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is not null)
        {
            return false;
        }
    }

    /// <summary>Never fails: the message goes its way, and its reason stands there, too.</summary>
    private async Task TellAsync(ReceiveContext context, HokifyImportFailed failed)
    {
        var id = FailureId.Of(failed, RequestTraces.MessageIdOf(context));
        try
        {
            await WithinAsync(token => events.StoreAsync(failed, id, token));
        }
        catch (Exception unstored) when (!context.CancellationToken.IsCancellationRequested)
        {
            try
            {
                await WithinAsync(token => PublishAsync(context, failed, id, token));
            }
            catch (Exception unsent) when (!context.CancellationToken.IsCancellationRequested)
            {
                LogUntold(logger, failed.Reason, DatabaseFault.Of(unstored)?.Clause ?? "the database did not answer in time", BrokerErrors.NotSent(unsent));
            }
        }

        Task WithinAsync(Func<CancellationToken, Task> work) => TimeLimit.WithinAsync(options.Value.PublishTimeout, clock, work, context.CancellationToken);
    }

    private static async Task PublishAsync(ReceiveContext context, HokifyImportFailed failed, Guid id, CancellationToken cancellationToken)
    {
        var endpoint = await context.PublishEndpointProvider.GetPublishSendEndpoint<HokifyImportFailed>();
        await endpoint.Send(failed, Pipe.Execute<SendContext<HokifyImportFailed>>(Describe), cancellationToken);

        void Describe(SendContext<HokifyImportFailed> sent)
        {
            sent.MessageId = id;
            TraceHeaders.Set(sent.Headers, asked: null);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Subscribers could not be told of a failure ({Sentence}): it was not stored, because {Unstored}, and not published, because {Unsent}")]
    private static partial void LogUntold(ILogger logger, string sentence, string unstored, string unsent);
}

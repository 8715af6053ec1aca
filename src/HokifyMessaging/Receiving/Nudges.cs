using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Requests that the program sends to itself, for the run whose turn it is. They carry a mark, so that one that is still on its
/// way neither announces a run again that has ended nor wakes one that somebody has cancelled meanwhile; a publisher's or an
/// operator's request does.
/// </summary>
internal sealed partial class Nudges(ScopeTurns turns, IOptions<TransportOptions> options, TimeProvider clock, ILogger<Nudges> logger)
{
    private const string Header = "Hokify-Nudge";

    private static readonly TimeSpan TakeBackLimit = TimeSpan.FromSeconds(10);

    /// <summary>Sends for the run whose turn it is, unless somebody works on the scope or a nudge is on its way. Never fails: what is not sent is found by the sweeper.</summary>
    public Task PassTurnAsync(ISendEndpointProvider sender, int scopeId, CancellationToken cancellationToken) =>
        TrySendAsync(sender, scopeId, () => turns.TakeAsync(scopeId, cancellationToken), cancellationToken);

    /// <summary>Sends a nudge that has been taken; as above.</summary>
    public Task TrySendAsync(ISendEndpointProvider sender, Nudge? taken, CancellationToken cancellationToken) =>
        taken is null ? Task.CompletedTask : TrySendAsync(sender, taken.Request.ScopeId, () => Task.FromResult<Nudge?>(taken), cancellationToken);

    /// <summary>Sends the nudge that the caller takes; as above.</summary>
    public async Task TrySendAsync(ISendEndpointProvider sender, int scopeId, Func<Task<Nudge?>> take, CancellationToken cancellationToken)
    {
        try
        {
            if (await take() is { } nudge)
            {
                await SendAsync(sender, nudge, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            // What this was called for is done and stored; the sweeper finds who waits.
            if (!cancellationToken.IsCancellationRequested)
            {
                LogTurnNotPassed(logger, scopeId, DatabaseFault.Of(exception)?.Clause ?? BrokerErrors.NotSent(exception));
            }
        }
    }

    /// <summary>Sends the request of a stored run to the import's own queue, or gives the turn back to the sweeper.</summary>
    public async Task SendAsync(ISendEndpointProvider sender, Nudge nudge, CancellationToken cancellationToken)
    {
        try
        {
            var endpoint = await sender.GetSendEndpoint(HokifyImportConsumerDefinition.Address);
            await TimeLimit.WithinAsync(
                options.Value.PublishTimeout, clock, token => endpoint.Send(nudge.Request.ToMessage(), context => Mark(context, nudge), token), cancellationToken);
            if (nudge.IsResumption)
            {
                ImportMetrics.TriedAgain(ImportMetrics.OfRun);
            }
        }
        catch
        {
            using var takingBack = new CancellationTokenSource(TakeBackLimit, clock);
            await turns.TakeBackAsync(nudge, takingBack.Token);
            throw;
        }
    }

    /// <summary>The run goes on in the trace in which it was asked for, whoever passes the turn.</summary>
    private static void Mark(SendContext context, Nudge nudge)
    {
        MarkAsNudge(context, nudge.SentAt);
        TraceHeaders.SetExactly(context.Headers, nudge.Request.TraceParent);
    }

    /// <summary>Marks a message as a nudge.</summary>
    public static void MarkAsNudge(SendContext context, DateTimeOffset sentAt) =>
        context.Headers.Set(Header, sentAt.UtcTicks.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Whether a message is a nudge. One that has lain in the error or the dead-letter queue is none any more: whoever moved
    /// it back wants it carried out.
    /// </summary>
    /// <param name="context">The message.</param>
    /// <param name="sentAt">The scope's note that travels with it; null when it has none.</param>
    public static bool IsNudge(ConsumeContext<HokifyImportRequested> context, out DateTimeOffset? sentAt)
    {
        sentAt = null;
        if (!context.Headers.TryGetHeader(Header, out var mark)
            || context.ReceiveContext.TransportHeaders.TryGetHeader(MessageHeaders.Reason, out _)
            || context.ReceiveContext.TransportHeaders.TryGetHeader("x-death", out _))
        {
            return false;
        }

        if (long.TryParse(mark.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks)
        {
            sentAt = new DateTimeOffset(ticks, TimeSpan.Zero);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The next run of scope {ScopeId} could not be told to begin, and the sweeper does it later: {Reason}")]
    private static partial void LogTurnNotPassed(ILogger logger, int scopeId, string reason);
}

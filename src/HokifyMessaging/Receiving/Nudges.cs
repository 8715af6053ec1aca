using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Requests that the program sends to itself, for runs that are stored already. They carry a mark, so that one that is
/// still on its way does not wake a run that somebody has cancelled meanwhile; a publisher's or an operator's request does.
/// </summary>
internal static class Nudges
{
    private const string Mark = "Hokify-Nudge";

    /// <summary>Marks a message whose run is stored.</summary>
    public static void MarkAsNudge(this SendContext context) => context.Headers.Set(Mark, true);

    /// <summary>Sends the request of a stored run to the import's own queue.</summary>
    public static async Task NudgeAsync(this ISendEndpointProvider sender, ImportRequest request, CancellationToken cancellationToken)
    {
        var endpoint = await sender.GetSendEndpoint(HokifyImportConsumerDefinition.Address);
        await endpoint.Send(request.ToMessage(), context => context.MarkAsNudge(), cancellationToken);
    }

    /// <summary>
    /// Whether a message is a nudge. One that has lain in the error or the dead-letter queue is none any more: whoever moved
    /// it back wants it carried out.
    /// </summary>
    public static bool IsNudge(ConsumeContext<HokifyImportRequested> context) =>
        context.Headers.TryGetHeader(Mark, out _)
        && !context.ReceiveContext.TransportHeaders.TryGetHeader(MessageHeaders.Reason, out _)
        && !context.ReceiveContext.TransportHeaders.TryGetHeader("x-death", out _);
}

using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// What is known of a request while it is worked on, for whoever tells that no import came of it. It travels with the delivery.
/// </summary>
/// <param name="scopeId">The scope that was asked for.</param>
internal sealed class RequestFate(int scopeId)
{
    public int ScopeId => scopeId;

    /// <summary>The key that names the run; null where the request brought none.</summary>
    public string? Key { get; set; }

    /// <summary>The run that failed where nobody could store that; null for every other.</summary>
    public Guid? UntoldRun { get; set; }

    /// <summary>Whether a stored run stands for the request: what becomes of it is told with each change of its state.</summary>
    public bool IsTold { get; set; }

    public static RequestFate Begin(ConsumeContext<HokifyImportRequested> context)
    {
        var fate = new RequestFate(context.Message.ScopeId);
        context.ReceiveContext.AddOrUpdatePayload(() => fate, _ => fate);
        return fate;
    }
}

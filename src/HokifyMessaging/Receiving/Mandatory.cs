using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>Messages that must reach a queue.</summary>
internal static class Mandatory
{
    /// <summary>
    /// Has the broker return the message when no queue gets it; the sender then fails with a
    /// <see cref="MessageReturnedException"/>. Otherwise the broker drops such a message and confirms it.
    /// </summary>
    public static void Mark(SendContext context)
    {
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }
    }
}

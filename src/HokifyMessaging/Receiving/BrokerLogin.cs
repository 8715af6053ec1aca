using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Receiving;

/// <summary>Whether the broker lets this service in. It ends when it does not, and whoever runs it may start it again.</summary>
/// <param name="lifetime">The service's.</param>
internal sealed class BrokerLogin(IHostApplicationLifetime lifetime)
{
    /// <summary>Whether the service ends, or has ended, because it was not let in.</summary>
    public bool IsRefused { get; private set; }

    public void Refuse()
    {
        IsRefused = true;

        // While the service still starts, the bus's own start fails, with the reason.
        if (lifetime.ApplicationStarted.IsCancellationRequested)
        {
            lifetime.StopApplication();
        }
    }
}

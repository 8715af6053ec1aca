using System.Net;

namespace HokifyMessaging.Machine;

/// <summary>The machine's proxy, as its environment names it, but never for what is on this machine itself: it would be told passwords that need not leave.</summary>
internal sealed class LocalDirectly(IWebProxy proxy) : IWebProxy
{
    /// <summary>The proxy of this process.</summary>
    public static LocalDirectly Proxy { get; } = new(HttpClient.DefaultProxy);

    public ICredentials? Credentials
    {
        get => proxy.Credentials;
        set => proxy.Credentials = value;
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : proxy.GetProxy(destination);

    public bool IsBypassed(Uri host) =>
        host.IsLoopback || (IPAddress.TryParse(host.IdnHost, out var address) && IPAddress.IsLoopback(address)) || proxy.IsBypassed(host);
}

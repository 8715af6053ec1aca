using System.Net;
using System.Net.Sockets;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>The names of the service's own machine: localhost, 127.0.0.1 and its like, [::1].</summary>
internal static class LoopbackName
{
    /// <summary>Other spellings of the same addresses (127.1, 0x7f.0.0.1) are no names that anybody types.</summary>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host == "[::1]"
        || (IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(address) && address.ToString() == host);
}

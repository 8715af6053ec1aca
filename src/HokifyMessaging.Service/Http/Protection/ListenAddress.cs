using System.Net;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>One of the addresses where ASP.NET Core was told to listen.</summary>
/// <param name="Setting">The setting that says so.</param>
/// <param name="Address">As it says it: <c>http://*:8080</c>.</param>
internal sealed record ListenAddress(string Setting, string Address)
{
    /// <summary>Where the service listens unless configured: this machine only.</summary>
    public const string Default = "http://127.0.0.1:5080";

    public bool IsHttps => Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether only this machine reaches it. A text that is no address is left to the server to refuse.</summary>
    public bool IsLocal
    {
        get
        {
            try
            {
                // For Kestrel every other name means all addresses, like * and +.
                var address = BindingAddress.Parse(Address);
                return address.IsUnixPipe
                    || address.IsNamedPipe
                    || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                    || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
            }
            catch (FormatException)
            {
                return true;
            }
        }
    }

    /// <summary>What is configured, of what counts: endpoints outrank addresses, and these outrank ports.</summary>
    public static IReadOnlyList<ListenAddress> Of(IConfiguration configuration)
    {
        List<ListenAddress> endpoints =
        [
            .. from endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren()
               where !string.IsNullOrEmpty(endpoint["Url"])
               select new ListenAddress($"{endpoint.Path}:Url", endpoint["Url"]!),
        ];
        if (endpoints.Count > 0)
        {
            return endpoints;
        }

        List<ListenAddress> addresses = [.. Parts("urls").Select(address => new ListenAddress("ASPNETCORE_URLS (Urls)", address))];
        return addresses.Count > 0
            ? addresses
            :
            [
                .. Parts("http_ports").Select(port => new ListenAddress("ASPNETCORE_HTTP_PORTS", $"http://*:{port}")),
                .. Parts("https_ports").Select(port => new ListenAddress("ASPNETCORE_HTTPS_PORTS", $"https://*:{port}")),
            ];

        string[] Parts(string key) => (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}

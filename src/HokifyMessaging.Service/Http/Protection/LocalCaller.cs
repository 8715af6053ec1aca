using System.Net;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>
/// Without API keys only this machine is answered, and only with its local token. A page in a browser on it is not
/// answered at all, nor under a name that somebody has resolved to this machine (DNS rebinding), nor are those whom a
/// proxy on it lets in and who are said to be others.
/// </summary>
internal static class LocalCaller
{
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <returns>Why the request does not come from somebody who works on this machine, as a sentence; null when it does.</returns>
    public static string? WhyNot(HttpRequest request)
    {
        // A socket file has no address; its permissions say who may use it.
        if (request.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return "No API key is configured, so only the service's own machine is answered; 'hokify keys new' makes a key.";
        }

        if (ProxyHeaders.FirstOrDefault(request.Headers.ContainsKey) is { } header)
        {
            return $"No API key is configured, and the header {header} says that the request came through a proxy; 'hokify keys new' makes a key.";
        }

        if (!LoopbackName.Is(request.Host.Host))
        {
            return "No API key is configured, so the service answers only under the names of its own machine: localhost, 127.0.0.1 or [::1].";
        }

        // Pages on other ports of this machine are 'same-site'; they are not ours either.
        return request.Headers["Sec-Fetch-Site"].Any(site => site is not ("same-origin" or "none")) || request.Headers.Origin.Any(origin => !IsOwn(origin, request))
            ? "No API key is configured, so requests that a page of another site makes are not answered."
            : null;
    }

    private static bool IsOwn(string? origin, HttpRequest request) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host.ToUriComponent()}", StringComparison.OrdinalIgnoreCase);
}

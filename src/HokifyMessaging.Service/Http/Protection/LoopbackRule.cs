using System.Net;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Connections;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>Without an API key the service listens where only this machine reaches it, or does not start; with one it must know its address out there. This reads the configuration, before anything else is begun.</summary>
internal sealed class LoopbackRule(IConfiguration configuration) : IValidateOptions<HttpOptions>
{
    public const string WhatToDo = "no API key is configured; make one with 'hokify keys new'";

    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        if (options.Keys.Count > 0)
        {
            // The links in events that other machines get must lead somewhere from there.
            return options.PublicBaseAddress is null && ListenAddress.Of(configuration).FirstOrDefault(address => !address.IsLocal) is { } open
                ? ValidateOptionsResult.Fail($"{open.Setting} opens {open.Address} to other machines, so {HttpOptions.Section}:PublicBaseAddress must say by which address they reach it, such as https://ats.example.at.")
                : ValidateOptionsResult.Success;
        }

        List<string> failures =
        [
            .. ListenAddress.Of(configuration).Where(address => !address.IsLocal).Select(address =>
                $"{address.Setting} opens {address.Address} to other machines, and {WhatToDo}, or listen on {ListenAddress.Default}."),
        ];
        if (options.KnownProxies.Count + options.KnownNetworks.Count > 0)
        {
            failures.Add($"{HttpOptions.Section}:KnownProxies and KnownNetworks let others in through a proxy, and {WhatToDo}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

/// <summary>
/// The same rule where sockets are opened, so that it holds however the server was told where to listen, now or when its
/// configuration is read again. The server asks its factories in turn, the one registered last first: this one takes
/// the addresses that must not be opened, and opens none.
/// </summary>
internal sealed class LoopbackGuard(ApiKeys keys) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => keys.AreLocal && endpoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address);

    /// <exception cref="IOException">Always. After any other exception the server would try all IPv4 addresses instead of all addresses.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        throw new IOException($"The service was told to open {endpoint} to other machines, and {LoopbackRule.WhatToDo}, or listen on {ListenAddress.Default}.");
}

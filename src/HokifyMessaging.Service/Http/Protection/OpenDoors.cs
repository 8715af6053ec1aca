using HokifyMessaging.Machine;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>Where others than those who are meant could read what is here, as sentences that say how to close it.</summary>
internal sealed class OpenDoors(IOptions<DatabaseOptions> database, IOptions<HttpOptions> http, LocalToken local, IConfiguration configuration)
{
    /// <summary>What we make is its owner's alone; what was there before, or was copied, may not be.</summary>
    public IEnumerable<string> Files()
    {
        if (database.Value.Provider == DatabaseProvider.Sqlite && SqliteFile.PathOf(database.Value.ConnectionString) is { } file)
        {
            foreach (var open in PrivateFile.Beside(file).Where(other => other != local.Path && PrivateFile.IsOpenToOthers(other)))
            {
                yield return $"The file {VisibleText.Of(open)} is about people, and others than its owner may read or change it; 'chmod 600' on it keeps them out.";
            }
        }

        if (http.Value.Keys.Count == 0 && PrivateFile.IsOpenToOthers(local.Path))
        {
            yield return $"Whoever reads the file {VisibleText.Of(local.Path)} may do everything, and others than its owner may; 'chmod 600' on it keeps them out, and when it is deleted the next start makes another.";
        }
    }

    /// <summary>Addresses to which API keys travel readable between machines: open to others, without https, and without a proxy that has it.</summary>
    public IEnumerable<string> Addresses() => http.Value.Keys.Count == 0 || http.Value.KnownProxies.Count + http.Value.KnownNetworks.Count > 0
        ? []
        : ListenAddress.Of(configuration).Where(address => !address.IsLocal && !address.IsHttps).Select(open =>
            $"HTTP: {open.Address} is open to other machines without https, so API keys travel readable; listen on https, or behind a proxy that does and that Http:KnownProxies names.");
}

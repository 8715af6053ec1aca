using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// The keys that are configured or, where none is, the local token alone. They are read once: a key that is added or taken
/// away counts from the next start.
/// </summary>
internal sealed class ApiKeys(IOptions<HttpOptions> options, LocalToken local)
{
    private readonly Lazy<IReadOnlyList<KnownKey>> _keys = new(() => options.Value.Keys.Count == 0
        ? [LocalKey(local.ReadOrMake())]
        :
        [
            .. options.Value.Keys.Select(key => new KnownKey(
                KeyHash.Parse(key.Value.Hash)!,
                Caller.Create(key.Key, Grants.Scopes(key.Value.Scopes)!, Grants.Rights(key.Value.Rights)!),
                key.Value.ExpiresAt,
                MarkOf(key.Value.Hash))),
        ]);

    /// <summary>No key is configured: then whoever has the local token may do everything on this machine, and nobody else anything.</summary>
    public bool AreLocal { get; } = options.Value.Keys.Count == 0;

    /// <summary>Reads them, and makes the local token where it is needed and not there. Whoever asks must find it, so a start does not leave it to the first who asks.</summary>
    /// <exception cref="Commands.VerbException">The local token cannot be read or made.</exception>
    public void Read() => _ = _keys.Value;

    /// <returns>Null when no key has this name.</returns>
    public KnownKey? Named(string name) => _keys.Value.FirstOrDefault(key => key.Holder.KeyName().Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <returns>Null when nobody has this key.</returns>
    public KnownKey? Find(string key)
    {
        // Every key is compared, whatever the others said, so that the time tells nobody which there are.
        KnownKey? found = null;
        foreach (var known in _keys.Value)
        {
            if (known.Hash.Matches(key))
            {
                found = known;
            }
        }

        return found;
    }

    private static KnownKey LocalKey(string token) => new(KeyHash.Of(token), Caller.Create("local", [Caller.AllScopes], Rights.All), ExpiresAt: null, MarkOf(token));

    private static string MarkOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A key and who holds it.</summary>
/// <param name="Hash">The hash of the key.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="ExpiresAt">From when it is refused; null for never.</param>
/// <param name="Mark">Another for each key: what was begun with one that had the same name does not go on with this one.</param>
internal sealed record KnownKey(KeyHash Hash, ClaimsPrincipal Holder, DateTimeOffset? ExpiresAt, string Mark);

using System.Security.Claims;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>The keys that are configured. They are read once: a key that is added or taken away counts from the next start.</summary>
internal sealed class ApiKeys(IOptions<HttpOptions> options)
{
    private readonly IReadOnlyList<KnownKey> _keys =
    [
        .. options.Value.Keys.Select(key => new KnownKey(
            KeyHash.Parse(key.Value.Hash)!,
            Caller.Create(key.Key, Grants.Scopes(key.Value.Scopes)!, Grants.Rights(key.Value.Rights)!),
            key.Value.ExpiresAt)),
    ];

    /// <summary>No key at all: then whoever works on this machine may do everything, and nobody else anything.</summary>
    public bool AreNone => _keys.Count == 0;

    /// <returns>Null when nobody has this key.</returns>
    public KnownKey? Find(string key)
    {
        // Every key is compared, whatever the others said, so that the time tells nobody which there are.
        KnownKey? found = null;
        foreach (var known in _keys)
        {
            if (known.Hash.Matches(key))
            {
                found = known;
            }
        }

        return found;
    }
}

/// <summary>A configured key and who holds it.</summary>
internal sealed record KnownKey(KeyHash Hash, ClaimsPrincipal Holder, DateTimeOffset? ExpiresAt);

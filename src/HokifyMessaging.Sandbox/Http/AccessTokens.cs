using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The tokens handed out so far. A session token of 2018 is no access token and the other way round.</summary>
internal sealed class AccessTokens(SandboxOptions options)
{
    private readonly ConcurrentDictionary<(TokenKind Kind, string Token), (string Mandator, DateTimeOffset Expires)> _issued = new();

    /// <summary>A new token, or null where mandator and secret do not belong together.</summary>
    public string? Issue(TokenKind kind, string mandator, string secret)
    {
        if (!options.Mandators.Any(m => m.Mandator == mandator && m.Token == secret))
        {
            return null;
        }

        var now = options.Clock.GetUtcNow();
        foreach (var (old, (_, expires)) in _issued)
        {
            if (expires <= now)
            {
                _issued.TryRemove(old, out _);
            }
        }

        var token = RandomNumberGenerator.GetHexString(48, lowercase: true);
        _issued[(kind, token)] = (mandator, now + options.TokenLifetime);
        return token;
    }

    /// <summary>Whose token it is; null where it is unknown, revoked or expired.</summary>
    public string? MandatorOf(TokenKind kind, string token) =>
        _issued.TryGetValue((kind, token), out var known) && known.Expires > options.Clock.GetUtcNow() ? known.Mandator : null;

    public void Revoke(TokenKind kind, string token) => _issued.TryRemove((kind, token), out _);
}

internal enum TokenKind
{
    Access,
    Session,
}

using System.Buffers.Text;
using System.Security.Cryptography;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Service.WebConsole.SignIn;

/// <summary>
/// The address that the start of a service without API keys prints: it opens the console once. It has a code and not the local token, because what is printed lands
/// in logs: the code is good for one sign-in, on this machine, and not for long.
/// </summary>
internal sealed class LocalLink(ApiKeys keys, LocalToken token, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly byte[] _code = RandomNumberGenerator.GetBytes(32);
    private DateTimeOffset? _until;
    private int _uses;

    /// <param name="address">Where the service listens, as the server says it.</param>
    /// <returns>The address; null where the service has API keys, or listens where no browser comes.</returns>
    public string? At(string address)
    {
        if (!keys.AreLocal || address.StartsWith("http://unix:", StringComparison.Ordinal))
        {
            return null;
        }

        _until ??= clock.GetUtcNow() + Lifetime;
        return $"{address.TrimEnd('/')}{WebConsolePath.SignIn}?code={Base64Url.EncodeToString(_code)}";
    }

    /// <returns>Who signs in with that code; null where it is none, is used, or too old.</returns>
    public KnownKey? Use(string code)
    {
        Span<byte> given = stackalloc byte[32];
        var isOurs = Base64Url.TryDecodeFromChars(code, given, out var written) && written == given.Length && CryptographicOperations.FixedTimeEquals(given, _code);
        return isOurs && clock.GetUtcNow() < _until && Interlocked.Increment(ref _uses) == 1 ? keys.Find(token.ReadOrMake()) : null;
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace HokifyMessaging.Service.Http.Keys;

/// <summary>The text that a caller sends: 256 random bits behind a prefix by which scanners of leaked secrets know it.</summary>
internal static partial class ApiKey
{
    public static string Create() => $"hokify_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    public static bool HasForm(string text) => Form().IsMatch(text);

    [GeneratedRegex(@"\Ahokify_[A-Za-z0-9_-]{43}\z")]
    private static partial Regex Form();
}

/// <summary>
/// What the configuration has of a key: <c>sha256:salt:hash</c>. Slow hashes are for passwords, which can be guessed.
/// These keys are 256 random bits, and nothing else has their form, so a guess is hopeless at any speed, while a slow
/// hash would let anybody keep the service busy with wrong keys. The salt keeps two hashes from being compared.
/// </summary>
internal sealed class KeyHash
{
    private const string Algorithm = "sha256";

    private const int SaltLength = 16;

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private KeyHash(byte[] salt, byte[] hash) => (_salt, _hash) = (salt, hash);

    public static KeyHash Of(string key)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new KeyHash(salt, Hash(salt, key));
    }

    /// <returns>Null when the text is none of this form.</returns>
    public static KeyHash? Parse(string text) =>
        text.Split(':') is [Algorithm, var salt, var hash] && Bytes(salt, SaltLength) is { } salted && Bytes(hash, SHA256.HashSizeInBytes) is { } hashed
            ? new KeyHash(salted, hashed)
            : null;

    /// <summary>Whether this is the hash of that key; takes the same time whatever the answer.</summary>
    public bool Matches(string key) => CryptographicOperations.FixedTimeEquals(Hash(_salt, key), _hash);

    public override string ToString() => $"{Algorithm}:{Convert.ToBase64String(_salt)}:{Convert.ToBase64String(_hash)}";

    private static byte[] Hash(byte[] salt, string key) => SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(key)]);

    private static byte[]? Bytes(string base64, int length)
    {
        var bytes = new byte[length];
        return Convert.TryFromBase64String(base64, bytes, out var written) && written == length ? bytes : null;
    }
}

using System.Security.Cryptography;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// The erasure key: one key, or several that have come one after the other. What the first has hashed the next one hashes again, so that a
/// hash that an older key has made, of which nobody knows any more what was hashed, becomes one of the newer key too. Whoever knows
/// the older keys and not the newest recognizes nobody.
/// </summary>
internal sealed class ErasureKeyChain
{
    /// <summary>The bytes of a hash.</summary>
    public const int HashLength = HMACSHA256.HashSizeInBytes;

    private const int KeyLength = 32;
    private const char Separator = ',';

    private readonly byte[][] _keys;

    private ErasureKeyChain(byte[][] keys) => _keys = keys;

    /// <summary>How many keys there are.</summary>
    public int Length => _keys.Length;

    /// <summary>What a database knows the key by: a hash of nobody.</summary>
    public byte[] Check => CheckOf(Length);

    /// <summary>One new key.</summary>
    public static ErasureKeyChain New() => new([RandomNumberGenerator.GetBytes(KeyLength)]);

    /// <summary>Reads keys: each base64 of at least 32 bytes, the oldest first, with commas between.</summary>
    /// <param name="text">As <see cref="ToText"/> writes it, or as somebody has typed it.</param>
    /// <returns>Null where it is something else.</returns>
    public static ErasureKeyChain? Parse(string text)
    {
        var keys = text.Split(Separator).Select(KeyOf).ToList();
        return keys.Contains(null) ? null : new ErasureKeyChain([.. keys.OfType<byte[]>()]);
    }

    /// <summary>This one with a new key behind it.</summary>
    public ErasureKeyChain Grown() => new([.. _keys, .. New()._keys]);

    public string ToText() => string.Join(Separator, _keys.Select(Convert.ToBase64String));

    public byte[] Hash(int scopeId, string kind, string value) => Hash(Length, scopeId, kind, value);

    /// <summary>What a hash becomes that only the first of the keys have made.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="made">How many keys have made it.</param>
    public byte[] Lift(byte[] hash, int made) => Lift(hash, made, Length);

    /// <summary>How many of the keys have made the hashes of a database.</summary>
    /// <param name="check">What the database knows its key by.</param>
    /// <returns>Null where it is another key.</returns>
    public int? PartOf(ReadOnlySpan<byte> check)
    {
        for (var keys = Length; keys > 0; keys--)
        {
            if (check.SequenceEqual(CheckOf(keys)))
            {
                return keys;
            }
        }

        return null;
    }

    private byte[] CheckOf(int keys) => Hash(keys, ErasedKey.OfNobody, ErasedKey.Check, "");

    private byte[] Hash(int keys, int scopeId, string kind, string value) => Lift(
        HMACSHA256.HashData(_keys[0], Encoding.UTF8.GetBytes(FormattableString.Invariant($"{scopeId}\n{kind}\n{value.Trim().ToLowerInvariant()}"))), 1, keys);

    private byte[] Lift(byte[] hash, int from, int to)
    {
        foreach (var key in _keys[from..to])
        {
            hash = HMACSHA256.HashData(key, hash);
        }

        return hash;
    }

    private static byte[]? KeyOf(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= KeyLength ? bytes[..length] : null;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HokifyMessaging.Applications;

/// <summary>
/// By what people are told apart where a source has no ids of them: an address, which families and placeholders share, together
/// with a name. Hashed, because it is compared and never shown; a half that is zero is not known.
/// </summary>
/// <param name="Address">The mail address, whatever its case.</param>
/// <param name="Name">The name as a <see cref="NameKey"/>.</param>
internal readonly record struct PersonKey(UInt128 Address, UInt128 Name)
{
    public const int Length = 32;

    /// <summary>Whether it says enough to find somebody by.</summary>
    public bool IsWhole => Address != UInt128.Zero && Name != UInt128.Zero;

    public static PersonKey Of(string? address, string? name) =>
        new(Hash(address?.Trim().ToLowerInvariant() ?? ""), Hash(NameKey.Of(name)));

    /// <param name="stored">As the database holds it.</param>
    public static PersonKey Of(ReadOnlySpan<byte> stored) => stored.Length == Length
        ? new PersonKey(BinaryPrimitives.ReadUInt128BigEndian(stored), BinaryPrimitives.ReadUInt128BigEndian(stored[16..]))
        : default;

    /// <summary>The first and the last, as the database sorts them, of all that have an address, whatever the name beside it.</summary>
    public static (byte[] First, byte[] Last) OfAddress(string address)
    {
        var (first, last) = (new byte[Length], new byte[Length]);
        Array.Fill(last, byte.MaxValue);
        var hash = Of(address, null).Address;
        BinaryPrimitives.WriteUInt128BigEndian(first, hash);
        BinaryPrimitives.WriteUInt128BigEndian(last, hash);
        return (first, last);
    }

    /// <summary>Somebody else: neither the name nor the address is the same. One of them may have been corrected.</summary>
    public bool IsSomebodyElseThan(PersonKey other) =>
        this != default && other != default
        && !(Name != UInt128.Zero && Name == other.Name)
        && !(Address != UInt128.Zero && Address == other.Address);

    /// <returns>Null where nothing is known.</returns>
    public byte[]? ToBytes()
    {
        if (this == default)
        {
            return null;
        }

        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Name);
        return bytes;
    }

    private static UInt128 Hash(string text)
    {
        if (text.Length == 0)
        {
            return UInt128.Zero;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}

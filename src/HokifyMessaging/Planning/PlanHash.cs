using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HokifyMessaging.Planning;

/// <summary>
/// What tells plans apart. An entry's hash is over all that is shown of it, and nothing of how it was read; a plan's digest is over the hashes of its entries in their own
/// order, so that neither pages nor the order of reading matter, and over what was asked for. Pure.
/// </summary>
internal static class PlanHash
{
    /// <summary>Letters of a digest.</summary>
    private const int DigestLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>Begins what is hashed: a digest of another form of it is another digest.</summary>
    private const string Form = "hokify-plan/1";

    /// <param name="change">What would be done.</param>
    /// <param name="element">To a row of which table.</param>
    /// <param name="reference">Which one.</param>
    /// <param name="person">Whose it is.</param>
    /// <param name="fields">The fields that change, as they are stored.</param>
    /// <param name="payload">The record itself, for one that cannot be stored; null for every other.</param>
    public static byte[] OfEntry(string change, string element, string reference, string? person, string? fields, string? payload) =>
        Of(change, element, reference, person, fields, payload);

    /// <summary>A row as it was found: what a plan that was made of it relies on.</summary>
    public static byte[] OfRow(ContentHash content, DateTimeOffset? version, string? versionReference, bool isDeleted, long? owner) => Of(
        Convert.ToHexString(content.ToBytes()),
        version?.UtcTicks.ToString(CultureInfo.InvariantCulture),
        versionReference,
        isDeleted ? "deleted" : "",
        owner?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Lower-case hexadecimal digits.</summary>
    /// <param name="scopeId">The scope.</param>
    /// <param name="mode">What is read, and whether what is gone is deleted.</param>
    /// <param name="from">The start that was asked for; without one it is the scope's watermark.</param>
    /// <param name="entries">The hashes of what is shown, in any order.</param>
    public static string Digest(int scopeId, string mode, decimal? from, IEnumerable<byte[]> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Of(
            Form,
            scopeId.ToString(CultureInfo.InvariantCulture),
            mode,
            from is { } seconds ? (seconds / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : "watermark"));
        foreach (var entry in entries.Order(Bytes))
        {
            hash.AppendData(entry);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What is wrong with a digest, as the rest of a sentence that begins with it; null when it has the form of one.</summary>
    public static string? Problem(string digest) => digest.Length == DigestLength && digest.All(char.IsAsciiHexDigitLower)
        ? null
        : $"must be {DigestLength} hexadecimal digits in lower case, as the completion of a dry run has them";

    private static readonly Comparer<byte[]> Bytes = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>Each part with its length, so that no two lists have the same bytes.</summary>
    private static byte[] Of(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var bytes = part is null ? [] : Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, part is null ? -1 : bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace HokifyMessaging.Runs;

/// <summary>The MessageId of a run's completion event: the same for every announcement, so that subscribers can de-duplicate.</summary>
internal static class CompletionId
{
    private static readonly Guid Namespace = new("7d9a3c52-58f1-4f0e-9a55-0f1d6c2b8e34");

    /// <summary>UUID version 5 (RFC 9562) of the idempotency key.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 9562 defines version 5 by SHA-1; it names, it does not protect.")]
    public static Guid Of(string idempotencyKey)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. Namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(idempotencyKey)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

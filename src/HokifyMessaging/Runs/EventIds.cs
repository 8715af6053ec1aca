using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace HokifyMessaging.Runs;

/// <summary>The MessageId of a run's completion event: the same for every announcement, so that subscribers can de-duplicate.</summary>
internal static class CompletionId
{
    private static readonly Guid OfKeys = new("7d9a3c52-58f1-4f0e-9a55-0f1d6c2b8e34");
    private static readonly Guid OfKeysInScopes = new("c1b6a9e0-0f3d-4c38-8f0a-6d0f7b1e92d5");

    /// <summary>Of a run whose idempotency key is its scope's own.</summary>
    public static Guid Of(int scopeId, string idempotencyKey) => NamedId.Of(OfKeysInScopes, string.Create(CultureInfo.InvariantCulture, $"{scopeId}/{idempotencyKey}"));

    /// <summary>Of a run that was stored when keys were unique over all scopes: subscribers know its event by this id.</summary>
    public static Guid OfKeyAlone(string idempotencyKey) => NamedId.Of(OfKeys, idempotencyKey);
}

/// <summary>
/// The MessageId of an event that tells of a failure. A run's has a fresh one, which is stored with it. That of a request which led to no
/// run follows from what it was and why: refused again, it is announced under the same id.
/// </summary>
internal static class FailureId
{
    private static readonly Guid OfRefusals = new("5e2b7c18-93d4-4a6f-8b0e-1f7c3d9a6e42");

    /// <param name="failed">The event.</param>
    /// <param name="messageId">The transport's id of the message, which tells it apart where it has no key.</param>
    public static Guid Of(HokifyImportFailed failed, string? messageId) => (failed.IdempotencyKey ?? messageId) is { } name
        ? NamedId.Of(OfRefusals, string.Create(CultureInfo.InvariantCulture, $"{failed.ScopeId}/{name.Length}/{name}/{failed.Reason}"))
        : Guid.NewGuid();
}

/// <summary>Ids that follow from names.</summary>
file static class NamedId
{
    /// <summary>UUID version 5 (RFC 9562).</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 9562 defines version 5 by SHA-1; it names, it does not protect.")]
    public static Guid Of(Guid names, string name)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. names.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}

using System.Buffers.Binary;

namespace HokifyMessaging.Applications;

/// <summary>
/// What a stored application remembers of the record that it was made from: enough to see that the same record has come
/// again, and to plan with it, without reading it. It belongs to the row's content hash and version; whoever changes these
/// changes it too.
/// </summary>
/// <param name="Record">Hash over the record and over everything that reading and mapping it depend on; zero for one that was not hashed.</param>
/// <param name="CandidateHash">The content hash of the person's columns in this record.</param>
/// <param name="UnknownMembers">How many members of the record we do not know.</param>
/// <param name="Copy">Tells it from other copies of the application.</param>
internal sealed record SourceDigest(UInt128 Record, ContentHash CandidateHash, int UnknownMembers, CopyKey Copy)
{
    public const int Length = 16 + 16 + sizeof(int) + CopyKey.Length;

    /// <summary>A record that was not hashed is known by what it says, but cannot be recognized before it is read.</summary>
    public bool IsHashed => Record != UInt128.Zero;

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Record);
        CandidateHash.WriteTo(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(32), UnknownMembers);
        Copy.WriteTo(bytes.AsSpan(36));
        return bytes;
    }

    /// <returns>Null for a row without one.</returns>
    public static SourceDigest? Of(ReadOnlySpan<byte> stored) => stored.Length != Length
        ? null
        : new SourceDigest(
            BinaryPrimitives.ReadUInt128BigEndian(stored),
            ContentHash.Of(stored.Slice(16, 16)),
            BinaryPrimitives.ReadInt32BigEndian(stored[32..]),
            CopyKey.Of(stored[36..]));
}

using System.Buffers.Binary;
using System.IO.Hashing;

namespace HokifyMessaging.Applications;

/// <summary>
/// Tells the copies of one application apart that a source delivers in one read, and puts them in an order that does not
/// depend on which was read first.
/// </summary>
/// <param name="AppliedAt">The application date in ticks; 0 where there is none.</param>
/// <param name="Content">Over what the copy says, and over the person's id where it names one.</param>
internal readonly record struct CopyKey(long AppliedAt, UInt128 Content) : IComparable<CopyKey>
{
    public const int Length = sizeof(long) + 16;

    /// <summary>The application date.</summary>
    public DateTimeOffset? Date => AppliedAt == 0 ? null : new DateTimeOffset(AppliedAt, TimeSpan.Zero);

    public static CopyKey Of(DateTimeOffset? appliedAt, ContentHash candidate, ContentHash profile, PersonId person)
    {
        Span<byte> input = stackalloc byte[32 + (4 * PersonId.MaxLength)];
        candidate.WriteTo(input);
        profile.WriteTo(input[16..]);
        // What stands in for an id follows from what the copy says.
        var length = person.IsDerived ? 0 : Encoding.UTF8.GetBytes(person.Value, input[32..]);
        return new CopyKey(appliedAt?.UtcTicks ?? 0, XxHash128.HashToUInt128(input[..(32 + length)]));
    }

    public static CopyKey Of(ReadOnlySpan<byte> stored) =>
        new(BinaryPrimitives.ReadInt64BigEndian(stored), BinaryPrimitives.ReadUInt128BigEndian(stored[sizeof(long)..]));

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, AppliedAt);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[sizeof(long)..], Content);
    }

    /// <summary>The newer application date is the greater; of one date the content decides, for want of anything better.</summary>
    public int CompareTo(CopyKey other) =>
        AppliedAt.CompareTo(other.AppliedAt) is not 0 and var byDate ? byDate : Content.CompareTo(other.Content);
}

/// <summary>
/// The copies of an application that a run has read beside the one that the row holds, and that lost against it. The next run
/// reads them again, perhaps first: they are no news.
/// </summary>
internal sealed class OtherCopies
{
    private readonly UInt128[] _contents;

    private OtherCopies(UInt128[] contents) => _contents = contents;

    public static OtherCopies None { get; } = new([]);

    /// <param name="stored">As the database holds them.</param>
    public static OtherCopies Of(ReadOnlySpan<byte> stored)
    {
        if (stored.Length == 0)
        {
            return None;
        }

        var contents = new UInt128[stored.Length / 16];
        for (var index = 0; index < contents.Length; index++)
        {
            contents[index] = BinaryPrimitives.ReadUInt128BigEndian(stored[(index * 16)..]);
        }

        return new OtherCopies(contents);
    }

    public bool Contains(CopyKey copy) => Array.BinarySearch(_contents, copy.Content) >= 0;

    public OtherCopies With(CopyKey? copy) => copy is not { } other || Contains(other) ? this : new OtherCopies([.. _contents.Append(other.Content).Order()]);

    /// <returns>Null for none.</returns>
    public byte[]? ToBytes()
    {
        if (_contents.Length == 0)
        {
            return null;
        }

        var bytes = new byte[_contents.Length * 16];
        foreach (var (index, content) in _contents.Index())
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(index * 16), content);
        }

        return bytes;
    }
}

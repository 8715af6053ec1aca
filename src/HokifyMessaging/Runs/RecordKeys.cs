using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HokifyMessaging.Runs;

/// <summary>
/// The records that a phase of a run has seen, as 16 bytes each. May be asked while it is added to: reading runs ahead of writing.
/// Two million of them take 34 MB, and at most 60 MB while they become so many; a <see cref="HashSet{T}"/> takes 104 MB and 177 MB.
/// </summary>
internal sealed class RecordKeys
{
    /// <summary>Ids are shorter; a payload may be longer.</summary>
    private const int ShortText = 256;

    /// <summary>The upper half of what stands for a row; that a hash has it as well is as unlikely as that two are equal.</summary>
    private const ulong LeftMark = 0x6C656674_70656F70;

    /// <summary>Keys are spread over many small lists, so that growing never holds the whole twice.</summary>
    private const int Parts = 2048;

    /// <summary>A part grows by this share of itself: twice as large, half of it would be empty.</summary>
    private const int Growth = 4;

    private readonly Lock _lock = new();

    /// <summary>Each in order, so that nothing but the keys is needed to find one.</summary>
    private readonly List<UInt128>?[] _parts = new List<UInt128>?[Parts];

    public int Count { get; private set; }

    public static UInt128 Of(string id)
    {
        Span<byte> utf8 = stackalloc byte[ShortText];
        return Encoding.UTF8.TryGetBytes(id, utf8, out var length) ? Of(utf8[..length]) : Of(Encoding.UTF8.GetBytes(id));
    }

    public static UInt128 Of(ReadOnlySpan<byte> utf8) => XxHash128.HashToUInt128(utf8);

    public static UInt128 Of(SourceRecord record) => Of(record.Identity);

    /// <summary>Stands for every record of which nobody can say whose it is.</summary>
    public static UInt128 Unidentified { get; } = Of("unidentified");

    /// <summary>Says of a phase that its read is not all that the source has.</summary>
    public static UInt128 Incomplete { get; } = Of("incomplete");

    /// <summary>Says of a phase that its read was put together from several answers.</summary>
    public static UInt128 Patched { get; } = Of("patched");

    /// <summary>Says that nothing could prove that what is missing is gone.</summary>
    public static UInt128 Unproven { get; } = Of("unproven");

    /// <summary>Says that what the source no longer has was kept all the same.</summary>
    public static UInt128 Kept { get; } = Of("kept");

    /// <summary>Says that the run's plan had no room for all that it would change.</summary>
    public static UInt128 TooMuch { get; } = Of("too much");

    /// <summary>Stands for a person whom a run that stores nothing would have created.</summary>
    public static UInt128 OfPlanned(PersonId person) => Of($"person:{person}");

    /// <summary>Stands beside a record's own key while the run has seen it fail, or wait for a better copy, and nothing else.</summary>
    public static UInt128 FailureOf(UInt128 key) => Marked("failed:"u8, key);

    /// <summary>Stands beside the key of a failure when a later copy of the record was written after all.</summary>
    public static UInt128 RecoveryOf(UInt128 key) => Marked("recovered:"u8, key);

    /// <summary>Stands for a person's row that an application has left: a number, not a hash, so that it can be found again.</summary>
    public static UInt128 OfLeft(long candidate) => new(LeftMark, (ulong)candidate);

    /// <summary>The rows of people whom an application has left.</summary>
    public List<long> Left()
    {
        lock (_lock)
        {
            return [.. _parts.OfType<List<UInt128>>().SelectMany(part => part).Where(key => (ulong)(key >> 64) == LeftMark).Select(key => (long)(ulong)key)];
        }
    }

    public bool Contains(UInt128 key)
    {
        lock (_lock)
        {
            return _parts[Place(key)]?.BinarySearch(key) >= 0;
        }
    }

    public void Add(IEnumerable<UInt128> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                Insert(_parts[Place(key)] ??= [], key);
            }
        }
    }

    public void Add(byte[] stored) => Add(MemoryMarshal.Cast<byte, UInt128>(stored).ToArray());

    public static byte[] ToBytes(List<UInt128> keys) => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(keys)).ToArray();

    private static UInt128 Marked(ReadOnlySpan<byte> mark, UInt128 key)
    {
        Span<byte> utf8 = stackalloc byte[ShortText];
        mark.CopyTo(utf8);
        key.TryFormat(utf8[mark.Length..], out var length, "x32", CultureInfo.InvariantCulture);
        return XxHash128.HashToUInt128(utf8[..(mark.Length + length)]);
    }

    private void Insert(List<UInt128> part, UInt128 key)
    {
        var at = part.BinarySearch(key);
        if (at >= 0)
        {
            return;
        }

        if (part.Count == part.Capacity)
        {
            part.Capacity += Math.Max(Growth, part.Count / Growth);
        }

        part.Insert(~at, key);
        Count++;
    }

    /// <summary>By the lower end, which tells the rows of people apart as well.</summary>
    private static int Place(UInt128 key) => (int)((ulong)key % Parts);
}

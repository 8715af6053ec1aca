using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Runs;

/// <summary>The records that a phase of a run has seen, as 16 bytes each. May be asked while it is added to: reading runs ahead of writing.</summary>
internal sealed class RecordKeys
{
    /// <summary>Ids are shorter; a payload may be longer.</summary>
    private const int ShortText = 256;

    /// <summary>The upper half of what stands for a row; that a hash has it as well is as unlikely as that two are equal.</summary>
    private const ulong LeftMark = 0x6C656674_70656F70;

    /// <summary>Keys are spread over many small arrays, so that growing never holds the whole twice.</summary>
    private const int PartBits = 10;

    private readonly Lock _lock = new();
    private readonly Part?[] _keys = new Part?[1 << PartBits];

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
            return _keys[Place(OfLeft(0))]?.WithUpperHalf(LeftMark) ?? [];
        }
    }

    public bool Contains(UInt128 key)
    {
        lock (_lock)
        {
            return _keys[Place(key)] is { } part && part.Contains(key);
        }
    }

    public void Add(IEnumerable<UInt128> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys)
            {
                Count += (_keys[Place(key)] ??= new Part()).Add(key) ? 1 : 0;
            }
        }
    }

    public void Add(byte[] stored) => Add(MemoryMarshal.Cast<byte, UInt128>(stored).ToArray());

    public static byte[] ToBytes(IReadOnlyCollection<UInt128> keys) => MemoryMarshal.AsBytes<UInt128>(keys.ToArray()).ToArray();

    private static UInt128 Marked(ReadOnlySpan<byte> mark, UInt128 key)
    {
        Span<byte> utf8 = stackalloc byte[ShortText];
        mark.CopyTo(utf8);
        key.TryFormat(utf8[mark.Length..], out var length, "x32", CultureInfo.InvariantCulture);
        return XxHash128.HashToUInt128(utf8[..(mark.Length + length)]);
    }

    private static int Place(UInt128 key) => (int)(key >> (128 - PartBits));

    /// <summary>
    /// Open addressing over nothing but the keys: half of what a <see cref="HashSet{T}"/> takes. The places are in blocks, and
    /// a part that is full gets some more of them, so that little is ever empty and no outgrown array waits for the collector.
    /// </summary>
    private sealed class Part
    {
        private const double MostFilled = 0.9;
        private const int BlockSize = 64;

        /// <summary>A part grows by this share of its blocks, and by one block at least.</summary>
        private const int Growth = 16;

        private UInt128[][] _blocks = [new UInt128[4]];
        private int _places = 4;
        private int _count;
        private bool _hasZero;

        public List<long> WithUpperHalf(ulong mark) =>
            [.. _blocks.SelectMany(block => block).Where(key => (ulong)(key >> 64) == mark).Select(key => (long)(ulong)key)];

        public bool Contains(UInt128 key) => key == UInt128.Zero ? _hasZero : PlaceOf(key) == key;

        public bool Add(UInt128 key)
        {
            if (key == UInt128.Zero)
            {
                // Zero stands for a free place.
                return !_hasZero && (_hasZero = true);
            }

            ref var place = ref PlaceOf(key);
            if (place == key)
            {
                return false;
            }

            if (_count + 1 > _places * MostFilled)
            {
                Grow();
                place = ref PlaceOf(key);
            }

            place = key;
            _count++;
            return true;
        }

        /// <summary>The key's place, or the free one that it would take.</summary>
        private ref UInt128 PlaceOf(UInt128 key)
        {
            // Keys are hashes; those that are not are spread as well.
            var spread = ((ulong)key ^ (ulong)(key >> 64)) * 0x9E3779B97F4A7C15;
            var at = (int)Math.BigMul(spread, (ulong)_places, out _);
            while (true)
            {
                ref var place = ref _blocks[at / BlockSize][at % BlockSize];
                if (place == key || place == UInt128.Zero)
                {
                    return ref place;
                }

                at = at + 1 == _places ? 0 : at + 1;
            }
        }

        private void Grow()
        {
            var keys = ArrayPool<UInt128>.Shared.Rent(_count);
            var count = 0;
            foreach (var block in _blocks)
            {
                foreach (var key in block)
                {
                    if (key != UInt128.Zero)
                    {
                        keys[count++] = key;
                    }
                }

                Array.Clear(block);
            }

            if (_places < BlockSize)
            {
                // The first block grows until it is one.
                _blocks = [new UInt128[_places * 2]];
            }
            else
            {
                _blocks = [.. _blocks, .. Enumerable.Range(0, Math.Max(1, _blocks.Length / Growth)).Select(_ => new UInt128[BlockSize])];
            }

            _places = _blocks.Sum(block => block.Length);
            foreach (var key in keys.AsSpan(0, count))
            {
                PlaceOf(key) = key;
            }

            ArrayPool<UInt128>.Shared.Return(keys);
        }
    }
}

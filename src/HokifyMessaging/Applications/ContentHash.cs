using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HokifyMessaging.Applications;

/// <summary>
/// Sixteen bytes that say whether a stored row and a freshly read one are the same. Each value that is not null is written as
/// the number of its column, its type and its bytes, texts with their length, so no two rows share an input; a
/// column that is appended later and stays null leaves every hash as it was.
/// </summary>
/// <param name="High">The first eight bytes. All are zero for a row that is like no other.</param>
/// <param name="Low">The other eight: two numbers, because <see cref="UInt128"/> would take room for its alignment.</param>
internal readonly record struct ContentHash(ulong High, ulong Low)
{
    private const int Length = 16;
    private const int TypicalSize = 4096;

    public static ContentHash Of(CandidateColumns columns) => Of(CandidateColumns.All, columns);

    public static ContentHash Of(ProfileColumns columns) => Of(ProfileColumns.All, columns);

    /// <param name="stored">As the database holds it.</param>
    public static ContentHash Of(ReadOnlySpan<byte> stored) =>
        stored.Length == Length ? new ContentHash(BinaryPrimitives.ReadUInt64BigEndian(stored), BinaryPrimitives.ReadUInt64BigEndian(stored[sizeof(ulong)..])) : default;

    /// <summary>As the database holds it.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        WriteTo(bytes);
        return bytes;
    }

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], Low);
    }

    private static ContentHash Of<TRow>(IReadOnlyList<Column<TRow>> columns, TRow row)
    {
        var input = new HashInput(ArrayPool<byte>.Shared.Rent(TypicalSize));
        try
        {
            for (var index = 0; index < columns.Count; index++)
            {
                if (columns[index].Value(row) is { } value)
                {
                    input.Add(index, value, columns[index].Name);
                }
            }

            var hash = XxHash128.HashToUInt128(input.Written);
            return new ContentHash((ulong)(hash >> 64), (ulong)hash);
        }
        finally
        {
            input.Return();
        }
    }

    private ref struct HashInput(byte[] rented)
    {
        private const int Header = sizeof(ushort) + sizeof(byte) + sizeof(long);

        private byte[] _buffer = rented;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

        public void Add(int column, object value, string name)
        {
            switch (value)
            {
                case string text:
                    Add(column, 'T', text.Length, MemoryMarshal.AsBytes(text.AsSpan()));
                    break;
                case DateTimeOffset instant:
                    Add(column, 'O', instant.UtcTicks, []);
                    break;
                case DateTime date:
                    // The kind is not stored, so it must not count.
                    Add(column, 'D', date.Ticks, []);
                    break;
                case DateOnly day:
                    Add(column, 'Y', day.DayNumber, []);
                    break;
                case bool flag:
                    Add(column, 'B', flag ? 1 : 0, []);
                    break;
                case int number:
                    Add(column, 'I', number, []);
                    break;
                default:
                    throw new NotSupportedException($"Column {name} is of type {value.GetType().Name}, which the content hash does not know.");
            }
        }

        public readonly void Return() => ArrayPool<byte>.Shared.Return(_buffer);

        private void Add(int column, char type, long numberOrLength, ReadOnlySpan<byte> text)
        {
            Reserve(Header + text.Length);
            var free = _buffer.AsSpan(_length);
            BinaryPrimitives.WriteUInt16LittleEndian(free, (ushort)column);
            free[sizeof(ushort)] = (byte)type;
            BinaryPrimitives.WriteInt64LittleEndian(free[(sizeof(ushort) + sizeof(byte))..], numberOrLength);
            text.CopyTo(free[Header..]);
            _length += Header + text.Length;
        }

        private void Reserve(int size)
        {
            if (_buffer.Length - _length >= size)
            {
                return;
            }

            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + size));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}

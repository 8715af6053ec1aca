using System.IO.Hashing;

namespace HokifyMessaging.Applications;

/// <summary>
/// A record as it came, in UTF-8. Records of one group share what the group says, and each stands where the answer had it: it is
/// put together when somebody reads it, and becomes a text only where somebody needs one.
/// </summary>
internal sealed class RecordText
{
    /// <summary>What a thread keeps for the next record; larger buffers would stay with every thread that has once met a large record.</summary>
    private const int LargestKept = 1024 * 1024;

    /// <summary>One for each thread: records are many and large.</summary>
    [ThreadStatic]
    private static byte[]? _buffer;

    [ThreadStatic]
    private static XxHash128? _hash;

    private readonly byte[]? _group;
    private readonly byte[] _text;
    private readonly int _start;
    private readonly int _length;
    private readonly string? _written;

    /// <param name="text">Where it stands.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    public RecordText(byte[] text, int start, int length) => (_text, _start, _length) = (text, start, length);

    private RecordText(byte[] group, RecordText application) =>
        (_group, _text, _start, _length) = (group, application._text, application._start, application._length);

    private RecordText(string written) => (_written, _text) = (written, []);

    /// <summary>Whether a part of it stands elsewhere.</summary>
    public bool IsInGroup => _group is not null;

    /// <summary>How many bytes it has.</summary>
    public int Length => _written is null ? (_group is null ? 0 : _group.Length + 1) + _length : Encoding.UTF8.GetByteCount(_written);

    private ReadOnlySpan<byte> Own => _text.AsSpan(_start, _length);

    public static implicit operator RecordText(string written) => new(written);

    /// <summary>The application with what its group says before it.</summary>
    /// <param name="group">The beginning of an object, up to where the application belongs.</param>
    public RecordText Within(byte[] group) => new(group, this);

    /// <summary>Over all of its bytes.</summary>
    public UInt128 Hash()
    {
        if (_group is null)
        {
            return XxHash128.HashToUInt128(_written is null ? Own : Encoding.UTF8.GetBytes(_written));
        }

        var hash = _hash ??= new XxHash128();
        hash.Reset();
        hash.Append(_group);
        hash.Append(Own);
        hash.Append("}"u8);
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>Reads it in one piece, which is not there any more afterwards.</summary>
    /// <param name="state">What reading it needs.</param>
    /// <param name="read">Is given where the record stands, where it begins and how long it is.</param>
    public TResult Read<TState, TResult>(TState state, Func<byte[], int, int, TState, TResult> read)
    {
        if (_written is not null)
        {
            var text = Encoding.UTF8.GetBytes(_written);
            return read(text, 0, text.Length, state);
        }

        if (_group is null)
        {
            return read(_text, _start, _length, state);
        }

        var (buffer, length) = (_buffer, Length);
        _buffer = null;
        if (buffer is null || buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(length <= LargestKept / 2 ? Math.Max(16 * 1024, 2 * length) : length);
        }

        try
        {
            _group.CopyTo(buffer, 0);
            Own.CopyTo(buffer.AsSpan(_group.Length));
            buffer[length - 1] = (byte)'}';
            return read(buffer, 0, length, state);
        }
        finally
        {
            _buffer = buffer.Length > LargestKept ? null : buffer;
        }
    }

    public override string ToString() => _written ?? Read(0, static (text, start, length, _) => PayloadText.Of(text.AsSpan(start, length)));
}
